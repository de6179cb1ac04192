import Kernel
import Testing

@testable import Ledger

struct WitnessTests {
    private static let now = Instant(milliseconds: 1_790_000_000_000)

    /// A witness with its memory, which does what a judgement says.
    private struct Witness {
        let cosigner: Cosigner
        let logs: [WitnessedLog]
        var memory: [String: WitnessMemory] = [:]

        init(_ logs: [WitnessedLog]) throws {
            cosigner = try Cosigner(name: "witness.example/w", seed: Array(repeating: 5, count: 32))
            self.logs = logs
        }

        mutating func answer(_ body: [UInt8]) throws -> WitnessAnswer {
            let judgement = WitnessJudgement(of: body, logs: logs) { memory[$0.origin] }
            if case .cosign(let state, let text) = judgement {
                memory[try #require(TextLines.string(text.prefix { $0 != TextLines.lineFeed }))] = state
            }
            return try judgement.answer(by: cosigner, at: WitnessTests.now)
        }
    }

    private static func body(_ log: ServedLog, from old: Int, to size: Int) throws -> [UInt8] {
        var reader = log.reader(size)
        return try WitnessRequest(
            oldSize: UInt64(old), proof: old > 0 ? reader.consistencyProof(from: UInt64(old)) : [],
            checkpoint: log.checkpoint(size)
        ).encoded
    }

    /// The example in c2sp.org/tlog-witness.
    private static let example = """
        old 20852014
        PlRNCrwHpqhGrupue0L7gxbjbMiKA9temvuZZDDpkaw=
        jrJZDmY8Y7SyJE0MWLpLozkIVMSMZcD5kvuKxPC3swk=
        5+pKlUdi2LeF/BcMHBn+Ku6yhPGNCswZZD1X/6QgPd8=
        /6WVhPs2CwSsb5rYBH5cjHV/wSmA79abXAwhXw3Kj/0=

        example.com/behind-the-sofa
        20852163
        CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=

        — example.com/behind-the-sofa Az3grlgtzPICa5OS8npVmf1Myq/5IZniMp+ZJurmRDeOoRDe4URYN7u5/Zhcyv2q1gGzGku9nTo+zyWE+xeMcTOAYQ8=
        — example.com/behind-the-sofa opLqBQsREYCgu6xQkYQwJr9fo45a62DN9EdmHXnZdXNqlcVGlCum2Wks+49/V6267UEjw6QUXTS5Rovnzv++qbSzm9Q=

        """

    @Test func theRequestOfTheSpecificationIsReadAndWritten() throws {
        let request = try WitnessRequest(parsing: Array(Self.example.utf8))
        #expect(request.oldSize == 20_852_014 && request.proof.count == 4)
        #expect(request.origin == "example.com/behind-the-sofa" && request.size == 20_852_163)
        #expect(request.root.description == "CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=")
        #expect(request.checkpoint.signatures.count == 2)
        #expect(request.encoded == Array(Self.example.utf8))
    }

    @Test(arguments: [
        ("old 20852014", "old 020852014"), ("old 20852014", "old"), ("old 20852014", "old -1"),
        ("old 20852014", "new 1"),
        ("old 20852014", "old  1"), ("old 20852014", "old 1 "), ("old 20852014", "old 18446744073709551616"),
        ("old 20852014", "\nold 1"), ("old 20852014", "old \u{301}1"), ("=\n\nexample", "=\nexample"), ("PlRN", "PlR"),
        ("DDpkaw=", "DDpkax="), ("20852163", "020852163"), ("20852163\n", ""), ("jxq2I=", "jxq2J="),
        ("example.com/behind-the-sofa\n2", "\n2"), ("q2I=\n\n", "q2I=\n"), ("\n\n—", "\n\n\n—"), ("zm9Q=\n", "zm9Q="),
        ("\n", "\r\n"), ("old", "\u{FEFF}old"),
    ])
    func aMalformedRequestIsRefused(part: String, replacement: String) throws {
        let body = Array(Self.example.replacing(part, with: replacement, maxReplacements: 1).utf8)
        #expect(throws: Problem.self) { try WitnessRequest(parsing: body) }
        var witness = try Witness([])
        #expect(try witness.answer(body).status == 400)
    }

    @Test func aProofOfMoreThan63LinesIsMalformed() throws {
        let line = "\(MerkleHash.emptyRoot)\n"
        let note = Self.example.split(separator: "\n\n", maxSplits: 1)[1]
        for (count, fits) in [(63, true), (64, false)] {
            let body = Array("old 1\n\(String(repeating: line, count: count))\n\(note)".utf8)
            #expect((code { try WitnessRequest(parsing: body) } == nil) == fits)
        }
        let long = Array(repeating: UInt8(ascii: "a"), count: WitnessRequest.sizeLimit + 1)
        #expect(code { try WitnessRequest(parsing: long) } == "witness.malformed")
    }

    @Test func aGrowingLogIsCosignedStepByStep() throws {
        let log = try ServedLog(600)
        var witness = try Witness([WitnessedLog(log.signer.verifier)])
        var old = 0
        for size in [0, 0, 1, 1, 2, 255, 256, 257, 600, 600] {
            let note = try log.checkpoint(size)
            let answer = try witness.answer(Self.body(log, from: old, to: size))
            #expect(answer.status == 200)
            let cosigned = try note.adding(answer: answer.body, of: [witness.cosigner.verifier])
            #expect(try cosigned.cosignatures(of: [witness.cosigner.verifier]).map(\.time) == [Self.now])
            #expect(
                witness.memory[log.signer.verifier.name]
                    == WitnessMemory(size: UInt64(size), root: try log.root(size)))
            old = size
        }
    }

    @Test func aLogThatIsMistakenAboutTheLastSizeIsToldIt() throws {
        let log = try ServedLog(20)
        var witness = try Witness([WitnessedLog(log.signer.verifier)])
        #expect(try witness.answer(Self.body(log, from: 3, to: 10)).conflictSize == 0)
        #expect(try witness.answer(Self.body(log, from: 0, to: 10)).status == 200)
        for (old, size) in [(0, 10), (0, 20), (9, 10), (11, 20), (0, 5), (5, 5)] {
            let answer = try witness.answer(Self.body(log, from: old, to: size))
            #expect(
                answer.status == 409 && answer.contentType == "text/x.tlog.size" && answer.body == Array("10\n".utf8))
            #expect(answer.conflictSize == 10)
        }
        #expect(witness.memory.values.map(\.size) == [10])
    }

    @Test(arguments: [
        (200, "text/x.tlog.size", "10\n"), (409, "text/plain", "10\n"), (409, "text/x.tlog.size", "10"),
        (409, "text/x.tlog.size", "010\n"), (409, "text/x.tlog.size", ""), (409, "text/x.tlog.size", "1\n0\n"),
    ])
    func onlyAConflictInTheOneSpellingTellsASize(status: Int, type: String, body: String) {
        #expect(WitnessAnswer(status: status, contentType: type, body: Array(body.utf8)).conflictSize == nil)
    }

    @Test func anOldSizeBeyondTheCheckpointIsMalformedWhateverIsRemembered() throws {
        let log = try ServedLog(20)
        var witness = try Witness([WitnessedLog(log.signer.verifier)])
        let request = try WitnessRequest(oldSize: 11, proof: [], checkpoint: log.checkpoint(10))
        #expect(try witness.answer(request.encoded).status == 400)
        #expect(try witness.answer(Self.body(log, from: 0, to: 11)).status == 200)
        #expect(try witness.answer(request.encoded).status == 400)
    }

    @Test func onlyKnownLogsUnderTheirOwnKeysAreCosigned() throws {
        let log = try ServedLog(4)
        let name = log.signer.verifier.name
        let stranger = try NoteSigner(name: name, seed: Array(repeating: 6, count: 32))
        let body = try Self.body(log, from: 0, to: 4)
        var witness = try Witness([])
        #expect(try witness.answer(body).status == 404)
        witness = try Witness([WitnessedLog(origin: "\(name)/", verifiers: [log.signer.verifier])])
        #expect(try witness.answer(body).status == 404)
        // The Kelvin sign equals the letter K in Unicode's eyes.
        let kelvin = try NoteSigner(name: "\u{212A}iel.example/log", seed: log.signer.seed)
        let checkpoint = try Checkpoint(origin: kelvin.verifier.name, size: 0, root: .emptyRoot).signed(by: kelvin)
        witness = try Witness([WitnessedLog(origin: "Kiel.example/log", verifiers: [kelvin.verifier])])
        #expect(try witness.answer(WitnessRequest(oldSize: 0, proof: [], checkpoint: checkpoint).encoded).status == 404)
        witness = try Witness([WitnessedLog(stranger.verifier)])
        #expect(try witness.answer(body).status == 403)
        witness = try Witness([WitnessedLog(origin: name, verifiers: [stranger.verifier, log.signer.verifier])])
        #expect(try witness.answer(body).status == 200)
        let other = try log.signer.sign(log.checkpoint(3).text)
        let forged = SignedNote(text: try log.checkpoint(4).text, signatures: other.signatures)
        #expect(try witness.answer(WitnessRequest(oldSize: 4, proof: [], checkpoint: forged).encoded).status == 403)
    }

    @Test func keysOfOneNameAreOfOneLog() throws {
        let names = ["a.example", "b.example", "a.example", "a.example"]
        let verifiers = try zip(names, [1, 2, 3, 1]).map {
            try NoteSigner(name: $0, seed: Array(repeating: UInt8($1), count: 32)).verifier
        }
        let logs = WitnessedLog.logs(of: verifiers)
        #expect(logs.map(\.origin) == ["a.example", "b.example"])
        #expect(logs.map(\.verifiers) == [[verifiers[0], verifiers[2]], [verifiers[1]]])
    }

    @Test func onlyAnotherTreeOfTheCosignedSizeIsAProofOfAFork() throws {
        let (log, forged) = (try ServedLog(20), try ServedLog(20, rewritten: [3]))
        let memory = WitnessMemory(size: 10, root: try log.root(10))
        for (log, size, isProof) in [(log, 10, false), (forged, 10, true), (forged, 11, false), (forged, 9, false)] {
            let request = try WitnessRequest(oldSize: 0, proof: [], checkpoint: log.checkpoint(size))
            #expect(memory.isForked(by: request) == isProof)
        }
    }

    @Test func aRewrittenLogIsNeverCosigned() throws {
        let (log, forged) = (try ServedLog(20), try ServedLog(20, rewritten: [3]))
        for size in [10, 11, 16, 20] {
            var witness = try Witness([WitnessedLog(log.signer.verifier)])
            #expect(try witness.answer(Self.body(log, from: 0, to: 10)).status == 200)
            #expect(try witness.answer(Self.body(forged, from: 10, to: size)).status == 422)
            #expect(witness.memory.values.map(\.root) == [try log.root(10)])
        }
    }

    @Test func aProofThatIsNotTheOneOfTheseSizesIsInconsistent() throws {
        let log = try ServedLog(20)
        var witness = try Witness([WitnessedLog(log.signer.verifier)])
        let filler = [try log.root(1)]
        let first = try WitnessRequest(oldSize: 0, proof: filler, checkpoint: log.checkpoint(10))
        #expect(try witness.answer(first.encoded).status == 422)
        #expect(try witness.answer(Self.body(log, from: 0, to: 10)).status == 200)
        for proof in [[], filler] {
            let request = try WitnessRequest(oldSize: 10, proof: proof, checkpoint: log.checkpoint(20))
            #expect(try witness.answer(request.encoded).status == 422)
        }
        let same = try WitnessRequest(oldSize: 10, proof: filler, checkpoint: log.checkpoint(10))
        #expect(try witness.answer(same.encoded).status == 422)
    }

    @Test func anEmptyLogHasTheEmptyRootAndExtensionLinesAreCosignedWithTheRest() throws {
        let log = try ServedLog(4)
        let name = log.signer.verifier.name
        var witness = try Witness([WitnessedLog(log.signer.verifier)])
        let wrong = try log.signer.sign(Array("\(name)\n0\n\(log.root(1))\n".utf8))
        #expect(try witness.answer(WitnessRequest(oldSize: 0, proof: [], checkpoint: wrong).encoded).status == 422)
        let extended = try log.signer.sign(log.checkpoint(4).text + Array("more\n".utf8))
        let answer = try witness.answer(WitnessRequest(oldSize: 0, proof: [], checkpoint: extended).encoded)
        #expect(answer.status == 200)
        let witnesses = [witness.cosigner.verifier]
        #expect(try extended.adding(answer: answer.body, of: witnesses).cosignatures(of: witnesses).count == 1)
        #expect(code { try log.checkpoint(4).adding(answer: answer.body, of: witnesses) } == "note.cosignature")
    }

    @Test func whatTheMemoryThrowsIsPassedOn() throws {
        let log = try ServedLog(4)
        let body = try Self.body(log, from: 0, to: 4)
        let lost = Problem(.unavailable, code: "test.disk", "The disk is gone.")
        #expect(throws: lost) {
            try WitnessJudgement(of: body, logs: [WitnessedLog(log.signer.verifier)]) { _ in throw lost }
        }
    }
}

import Kernel
import Testing

@testable import Ledger

struct VerdictProofTests {
    private static let start = Instant(milliseconds: 1_770_000_000_000)
    private static let validUntil = start + .hours(26)

    private static func statement(_ change: (inout Statement) -> Void = { _ in }) -> Statement {
        var statement = Statement(
            organisation: Identifier(high: 0x0192_f0c1_2b7a_7e11, low: 0x9d3e_0123_4567_89ab), policy: "example-policy",
            policyHash: String(repeating: "a1", count: 32), commitment: "disk-encryption",
            summary: "All laptops are encrypted — every one of them.", verdict: "kept", reason: "3 of 3 laptops pass.",
            since: start - .days(40), observed: start - .minutes(2), asOf: start, validUntil: validUntil)
        change(&statement)
        return statement
    }

    /// A ledger of 11 entries whose sixth carries five rows, of which the third is the statement.
    private struct World {
        let signer: NoteSigner
        var proof: VerdictProof

        init(
            _ statement: Statement = VerdictProofTests.statement(), table: String = VerdictProof.table,
            organisation: Identifier<LedgerOwner>? = nil, body: [UInt8]? = nil
        ) throws {
            signer = try NoteSigner(name: "vouchsafe.example/ledger/example", seed: Array(repeating: 9, count: 32))
            let salt = [UInt8](repeating: 0x5A, count: 32)
            var header = RowHeader(table: table, id: "0192f0c1-2b7a-7e11-9d3e-0123456789ac", version: 4)
            header.append("commitment", .text(statement.commitment))
            header.append("expires", .integer(1_770_093_600_000))
            let digest = RowDigest(salt: salt, header: header, body: try body ?? statement.encoded())
            let digests = (0..<5).map {
                $0 == 2
                    ? digest
                    : RowDigest(salt: salt, header: RowHeader(table: "host", id: "\($0)", version: 1), body: [])
            }
            let content = ContentTree(digests)
            let entry = try LedgerEntry(
                organisation: organisation ?? statement.organisation, at: statement.asOf, actor: "job:verdicts",
                action: "verdicts.stated", subject: nil, rows: 5, content: content.root)
            let tree = StoredTree((0..<11).map { $0 == 5 ? entry.leafHash : .leaf($0) })
            var reader = tree.reader()
            let note = try Checkpoint(origin: signer.verifier.name, size: 11, root: tree.frontier.root).signed(
                by: signer)
            proof = VerdictProof(
                header: header, salt: salt, position: 2, path: try content.proof(of: 2), statement: statement,
                entry: entry,
                receipt: InclusionReceipt(index: 5, path: try reader.inclusionProof(of: 5), checkpoint: note))
        }

        func verify(_ bytes: [UInt8], at now: Instant = VerdictProofTests.start) throws -> VerifiedStatement {
            try VerdictProof.verify(bytes, by: signer.verifier, at: now)
        }
    }

    @Test func aProofIsVerifiedWithTheKeyAlone() throws {
        let world = try World()
        let verified = try world.verify(world.proof.encoded())
        #expect(verified.statement == Self.statement())
        #expect(verified.index == 5 && verified.checkpoint.size == 11 && verified.entry.action == "verdicts.stated")
        #expect(verified.isCurrent && verified.notes.isEmpty)
        #expect(verified.words == "kept as of 2026-02-02T02:40:00.000Z, valid until 2026-02-03T04:40:00.000Z")
        #expect(try VerdictProof(parsing: world.proof.encoded()) == world.proof)
    }

    @Test func everyFlippedBitIsRefusedWithAReason() throws {
        let world = try World()
        let bytes = try world.proof.encoded()
        for index in bytes.indices {
            for bit in 0..<8 {
                var flipped = bytes
                flipped[index] ^= 1 << UInt8(bit)
                do {
                    _ = try world.verify(flipped)
                    Issue.record("bit \(bit) of byte \(index) was flipped and the proof still held")
                } catch let problem as Problem where problem.kind == .refused && !problem.message.isEmpty {
                    continue
                }
            }
        }
    }

    @Test func whateverIsCutOffPutInOrRepeatedIsRefused() throws {
        let world = try World()
        let bytes = try world.proof.encoded()
        func refuses(_ bytes: [UInt8]) -> Bool { (try? world.verify(bytes)) == nil }
        for index in bytes.indices {
            if !refuses(Array(bytes[..<index])) { Issue.record("the first \(index) bytes alone held") }
            for inserted in [0x00, 0x0A, 0x0D, 0x20, 0x3D, 0x41, 0xEF] as [UInt8] {
                var longer = bytes
                longer.insert(inserted, at: index)
                if !refuses(longer) { Issue.record("byte \(inserted) was put in at \(index) and the proof still held") }
            }
            var shorter = bytes
            shorter.remove(at: index)
            if !refuses(shorter) { Issue.record("byte \(index) was taken out and the proof still held") }
        }
        for tail in ["\n", " ", "\r\n", "x\n"] {
            #expect(throws: Problem.self) { try world.verify(bytes + Array(tail.utf8)) }
        }
        let lines = bytes.split(separator: 0x0A, omittingEmptySubsequences: false).dropLast()
        for index in lines.indices {
            var repeated = lines
            repeated.insert(lines[index], at: index)
            #expect(throws: Problem.self) { try world.verify(Array(repeated.joined(separator: [0x0A])) + [0x0A]) }
            var missing = lines
            missing.remove(at: index)
            #expect(throws: Problem.self) { try world.verify(Array(missing.joined(separator: [0x0A])) + [0x0A]) }
        }
        #expect(throws: Problem.self) { try world.verify([]) }
        #expect(throws: Problem.self) { try world.verify(bytes + bytes) }
    }

    @Test func windowsLineEndsAreRefused() throws {
        let world = try World()
        let text = String(decoding: try world.proof.encoded(), as: UTF8.self)
        #expect(throws: Problem.self) { try world.verify(Array(text.replacing("\n", with: "\r\n").utf8)) }
    }

    @Test func theFileSpeaksOfTheRowsThatTheEntryWrote() throws {
        let world = try World()
        let text = String(decoding: try world.proof.encoded(), as: UTF8.self).replacing(
            "position 2 of 5", with: "position 2 of 6")
        #expect { try world.verify(Array(text.utf8)) } throws: { ($0 as? Problem)?.code == "proof.rows" }
    }

    @Test func aRowOfAnotherTableProvesNoVerdict() throws {
        let world = try World(table: "draft")
        #expect { try world.verify(world.proof.encoded()) } throws: { ($0 as? Problem)?.code == "proof.table" }
    }

    @Test func aStatementOfAnotherOrganisationIsRefused() throws {
        let world = try World(organisation: Identifier(high: 1, low: 2))
        #expect { try world.verify(world.proof.encoded()) } throws: { ($0 as? Problem)?.code == "proof.organisation" }
    }

    @Test func aStatementThatTheRowDoesNotHoldIsRefused() throws {
        let world = try World(body: Array("something else".utf8))
        #expect { try world.verify(world.proof.encoded()) } throws: { ($0 as? Problem)?.code == "proof.content" }
    }

    @Test func aKeyOfTheSameNameThatDidNotSignRefuses() throws {
        let world = try World()
        let stranger = try NoteSigner(name: world.signer.verifier.name, seed: Array(repeating: 8, count: 32))
        #expect { try VerdictProof.verify(world.proof.encoded(), by: stranger.verifier, at: Self.start) } throws: {
            ($0 as? Problem)?.code == "note.unsigned"
        }
    }

    @Test func extraDataAndForeignSignaturesAreRefusedInAProofFile() throws {
        let world = try World()
        var proof = world.proof
        func with(_ receipt: InclusionReceipt) -> VerdictProof {
            VerdictProof(
                header: proof.header, salt: proof.salt, position: proof.position, path: proof.path,
                statement: proof.statement,
                entry: proof.entry, receipt: receipt)
        }
        let receipt = proof.receipt
        proof = with(
            InclusionReceipt(extra: [1], index: receipt.index, path: receipt.path, checkpoint: receipt.checkpoint))
        #expect { try world.verify(proof.encoded()) } throws: { ($0 as? Problem)?.code == "receipt.extra" }
        let witness = try NoteSigner(name: "witness.example", seed: Array(repeating: 2, count: 32)).sign(
            receipt.checkpoint.text)
        let cosigned = SignedNote(
            text: receipt.checkpoint.text, signatures: receipt.checkpoint.signatures + witness.signatures)
        proof = with(InclusionReceipt(index: receipt.index, path: receipt.path, checkpoint: cosigned))
        #expect { try world.verify(proof.encoded()) } throws: { ($0 as? Problem)?.code == "note.stranger" }
        // As a plain receipt both are in order.
        let open = InclusionReceipt(extra: [1], index: receipt.index, path: receipt.path, checkpoint: cosigned)
        let read = try InclusionReceipt(parsing: open.encoded)
        #expect(read == open)
        #expect(try read.verify(leaf: proof.entry.encoded, by: world.signer.verifier).size == 11)
    }

    @Test func afterItsTimeAKeptCommitmentIsNotCalledKept() throws {
        let world = try World()
        let bytes = try world.proof.encoded()
        #expect(try world.verify(bytes, at: Self.validUntil - Period(milliseconds: 1)).isCurrent)
        let later = try world.verify(bytes, at: Self.validUntil)
        #expect(!later.isCurrent)
        #expect(later.words == "was kept until 2026-02-03T04:40:00.000Z")
        #expect(later.notes.count == 1)
    }

    @Test(arguments: [
        (
            "broken", "broken as of 2026-02-02T02:40:00.000Z, valid until 2026-02-03T04:40:00.000Z",
            "was broken as of 2026-02-02T02:40:00.000Z"
        ),
        (
            "stale", "stale as of 2026-02-02T02:40:00.000Z, valid until 2026-02-03T04:40:00.000Z",
            "was stale as of 2026-02-02T02:40:00.000Z"
        ),
    ])
    func otherVerdictsAreToldInThePastToo(verdict: String, before: String, after: String) {
        let statement = Self.statement { $0.verdict = verdict }
        #expect(statement.words(at: Self.start) == before)
        #expect(statement.words(at: Self.validUntil + .days(1)) == after)
    }

    @Test func whatCannotRunOutStaysAsItIs() {
        let statement = Self.statement {
            $0.verdict = "unprovable"
            $0.validUntil = nil
        }
        #expect(statement.words(at: .distantFuture) == "unprovable as of 2026-02-02T02:40:00.000Z")
    }

    @Test func aStatementFromTheFutureIsRemarkedOn() throws {
        let world = try World()
        let bytes = try world.proof.encoded()
        #expect(try world.verify(bytes, at: Self.start - .minutes(5)).notes.isEmpty)
        #expect(try world.verify(bytes, at: Self.start - .minutes(6)).notes.first?.contains("future") == true)
    }

    @Test func statementsWithUnfitFieldsCannotBeWritten() {
        let changes: [(String, (inout Statement) -> Void)] = [
            ("policy", { $0.policy = "" }), ("policy-hash", { $0.policyHash = "A1" }),
            ("commitment", { $0.commitment = " c" }),
            ("summary", { $0.summary = "one\ntwo" }), ("summary", { $0.summary = String(repeating: "x", count: 1001) }),
            ("summary", { $0.summary = "left\u{202E}right" }), ("verdict", { $0.verdict = "compliant" }),
            ("reason", { $0.reason = "-" }), ("reason", { $0.reason = "" }), ("valid-until", { $0.validUntil = nil }),
            ("as-of", { $0.asOf = Instant(milliseconds: .max) }),
        ]
        for (field, change) in changes {
            #expect {
                _ = try Self.statement(change).encoded()
            } throws: {
                ($0 as? Problem)?.code == "statement.malformed" && ($0 as? Problem)?.place?.field == field
            }
        }
    }

    @Test func statementsWithoutTimesSurviveBeingWritten() throws {
        let statement = Self.statement {
            $0.verdict = "unproven"
            $0.reason = nil
            $0.since = nil
            $0.observed = nil
            $0.validUntil = nil
        }
        #expect(try Statement(parsing: statement.encoded()) == statement)
    }

    @Test(arguments: [
        ("a\nb", "a b"), ("  a \t b  ", "a b"), ("\u{202E}x", "x"), ("\u{7}", nil), ("", nil),
        ("eleven char", "eleven…"), ("exactly te", "exactly te"),
        ("üüüüüüüü", "üüü…"),
    ])
    func anyTextCanBeMadeFit(text: String, fitted: String?) {
        #expect(StatementText.fitted(text, limit: 10) == fitted)
    }
}

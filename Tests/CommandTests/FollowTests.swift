import Foundation
import Kernel
import Ledger
import Testing

/// The independent monitor, against an operator who lies in every way that there is.
@Suite(.enabled(if: Program.isBuilt))
struct FollowTests {
    let folder: Folder
    let log: LyingOperator

    init() throws {
        folder = try Folder()
        log = try LyingOperator()
    }

    private func follow(_ more: String...) throws -> Program.Outcome {
        try Program.run(followed(more))
    }

    private var evidence: [String] {
        get throws { try FileManager.default.contentsOfDirectory(atPath: folder.path).filter { $0.contains("-") } }
    }

    @Test func anHonestLogIsFollowedAsFarAsItSigned() throws {
        for (size, new) in [(1, 1), (256, 255), (256, 0), (700, 444)] {
            try log.serve(History(size))
            let followed = try follow()
            #expect(followed.status == 0, "\(followed.messages)")
            #expect(followed.text.contains("has \(size) entries, \(new) of them new here"))
        }
        #expect(try evidence.isEmpty)
    }

    enum Lie: CaseIterable {
        case rollback, fork, rewriting, edit, truncation, padding, withholding, tile, stranger
    }

    @Test(arguments: Lie.allCases)
    func everyLieIsRefusedWithItsEvidence(_ lie: Lie) throws {
        try log.serve(History(300))
        #expect(try follow().status == 0)
        let state = try folder.bytes(of: "state")
        let words: String
        switch lie {
        case .rollback:
            words = "now shows 299 entries; 300 were followed"
            try log.serve(History(299))
        case .fork:
            words = "signed two different histories of 300 entries"
            try log.serve(History(300, rewritten: [7]))
        case .rewriting:
            words = "its history was rewritten"
            try log.serve(History(600, rewritten: [7]))
        case .edit:
            words = "Entry 400 is served with another content"
            let forged = try EntryBundle.encode(
                (256..<512).map { Array(($0 == 400 ? "forged 400" : "entry \($0)").utf8) })
            try log.serve(History(600)) { $0 == "tile/entries/001" ? forged : $1 }
        case .truncation:
            words = "tile/entries/002.p/88 is not as the size"
            try log.serve(History(600)) { $0 == "tile/entries/002.p/88" ? Array($1.dropLast()) : $1 }
        case .padding:
            words = "tile/0/001 is not as the size"
            try log.serve(History(600)) { $0 == "tile/0/001" ? $1 + [0] : $1 }
        case .withholding:
            words = "The ledger has no tile/entries/001"
            try log.serve(History(600)) { $0.hasPrefix("tile/entries/001") ? nil : $1 }
        case .tile:
            words = "tile/1/000.p/2 is not what the signed entries"
            try log.serve(History(600)) { $0 == "tile/1/000.p/2" ? $1.map { $0 ^ 1 } : $1 }
        case .stranger:
            words = "What the ledger shows is no checkpoint of it."
            let stranger = try NoteSigner(name: log.signer.verifier.name, seed: Array(repeating: 9, count: 32))
            let note = try History(600).checkpoint(by: stranger).encoded
            try log.serve(History(600)) { $0 == "checkpoint" ? note : $1 }
        }
        let refused = try follow()
        #expect(refused.status == 1)
        #expect(refused.messages.contains(words), "\(refused.messages)")
        #expect(try folder.bytes(of: "state") == state)
        let kept = try evidence
        // What its key did not sign accuses nobody, and anyone could fill the disk with it.
        #expect(kept.count == (lie == .stranger ? 0 : 2))
        for file in kept {
            #expect(refused.messages.contains(file))
            #expect(try SignedNote(parsing: folder.bytes(of: file)).text.starts(with: log.signer.verifier.name.utf8))
        }
        // What it knew is not lost, and the honest log can be followed again.
        try log.serve(History(601))
        #expect(try follow().status == 0)
    }

    @Test func evidenceIsNeverOverwrittenAndBearsNoSignatureOfStrangers() throws {
        try log.serve(History(300))
        #expect(try follow().status == 0)
        // Whoever carries the checkpoint may add lines to it: each time others, over the same two histories.
        for number in 1...3 {
            let stranger = try NoteSigner(name: "stranger.example", seed: Array(repeating: UInt8(number), count: 32))
            let fork = try History(300, rewritten: [7]).checkpoint(by: log.signer)
            let line = try stranger.sign(fork.text).encoded.dropFirst(fork.text.count + 1)
            try log.serve(History(300)) { $0 == "checkpoint" ? fork.encoded + line : $1 }
            #expect(try follow().status == 1)
        }
        let kept = try evidence
        #expect(kept.count == 2 && kept.allSatisfy { $0.split(separator: "-").last?.utf8.count == 64 })
        let other = try #require(kept.first { $0.hasPrefix("state.shown-") })
        try folder.write("what is there stays", to: other)
        #expect(try follow().status == 1)
        #expect(try folder.bytes(of: other) == Array("what is there stays".utf8))
    }

    @Test func ofTheEvidenceAFewFilesAreKept() throws {
        try log.serve(History(30))
        #expect(try follow().status == 0)
        for number in 0..<64 { try folder.write("x", to: "state.shown-\(number)") }
        try log.serve(History(30, rewritten: [7]))
        #expect(try follow().status == 1)
        #expect(try evidence.count { $0.hasPrefix("state.shown-") } == 64)
    }

    @Test func twoRunsOnOneStateAreRefused() throws {
        try log.serve(History(5))
        #expect(try follow().status == 0)
        let state = try folder.bytes(of: "state")
        let descriptor = open(folder["state.lock"], O_RDWR)
        #expect(flock(descriptor, LOCK_EX | LOCK_NB) == 0)
        try log.serve(History(6))
        let second = try follow()
        #expect(second.status == 3 && second.messages.contains("Another run works on this file."))
        #expect(try folder.bytes(of: "state") == state)
        close(descriptor)
        #expect(try follow().status == 0)
    }

    @Test func asManyWitnessesAsMustVouchForWhatIsShown() throws {
        let cosigners = try (1...2).map {
            try Cosigner(name: "witness.example/\($0)", seed: Array(repeating: UInt8($0), count: 32))
        }
        let witnesses = cosigners.flatMap { ["--witness", $0.verifier.text] }
        let note = try History(5).checkpoint(by: log.signer)
        let signature = try cosigners[0].cosign(note.text, at: Instant(milliseconds: 0))
        let cosigned = try note.adding(signature).encoded
        try log.serve(History(5)) { $0 == "checkpoint" ? cosigned : $1 }
        let short = try Program.run(followed(witnesses))
        #expect(short.status == 3 && short.messages.contains("1 of 2 known witnesses vouch"), "\(short.messages)")
        #expect(!folder.exists("state"))
        let enough = try Program.run(followed(witnesses + ["--quorum", "1"]))
        #expect(enough.status == 0 && enough.text.contains("Cosigned by witness.example/1"), "\(enough.messages)")
        // A line in a witness's name that does not hold is no cosignature to be passed over.
        let forged = try note.adding(
            cosigners[0].cosign(History(4).checkpoint(by: log.signer).text, at: Instant(milliseconds: 0)))
        try log.serve(History(5)) { $0 == "checkpoint" ? forged.encoded : $1 }
        #expect(try Program.run(followed(witnesses + ["--quorum", "0"])).status == 1)
        for wrong in [
            ["--quorum", "1"], witnesses + ["--quorum", "3"], witnesses + witnesses, ["--witness", "no key"],
        ] {
            #expect(try Program.run(followed(wrong)).status == 2, "\(wrong)")
        }
    }

    private func followed(_ more: [String]) -> [String] {
        ["ledger", "follow", log.address, "--key", log.signer.verifier.text, "--state", folder["state"]] + more
    }

    @Test func whatCannotBeReachedIsNeitherGoodNorBad() throws {
        let nothing = try follow()
        #expect(nothing.status == 3)
        #expect(nothing.messages.contains("There is no ledger at"))
        let gone = try Program.run(
            "ledger", "follow", "http://127.0.0.1:1", "--key", log.signer.verifier.text, "--state", folder["state"])
        #expect(gone.status == 3)
        #expect(!folder.exists("state"))
    }

    @Test func aStateOfAnotherLedgerOrADamagedOneIsRefused() throws {
        try log.serve(History(5))
        #expect(try follow().status == 0)
        let other = try NoteSigner(name: "vouchsafe.example/other", seed: Array(repeating: 9, count: 32))
        let mixed = try Program.run(
            "ledger", "follow", log.address, "--key", other.verifier.text, "--state", folder["state"])
        #expect(mixed.status == 1 && mixed.messages.contains("not the key that was given"))
        try folder.write(Array(try folder.bytes(of: "state").dropLast(3)), to: "state")
        let damaged = try follow()
        #expect(damaged.status == 1 && damaged.messages.hasPrefix("error: \(folder["state"]): "))
    }

    @Test(arguments: [
        ["ftp://host/ledger", "--key", "KEY"], ["http://127.0.0.1:1", "--key", "no key"],
        ["http://127.0.0.1:1", "--key", "KEY", "--every", "0"],
    ])
    func wrongUseIsSaid(_ arguments: [String]) throws {
        let key = log.signer.verifier.text
        let arguments = arguments.map { $0 == "KEY" ? key : $0 }
        let refused = try Program.run(["ledger", "follow"] + arguments + ["--state", folder["state"]])
        #expect(refused.status == 2, "\(refused.messages)")
    }
}

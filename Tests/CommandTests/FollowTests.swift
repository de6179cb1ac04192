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
        try Program.run(
            ["ledger", "follow", log.address, "--key", log.signer.verifier.text, "--state", folder["state"]] + more)
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
        #expect(kept.count == 2)
        for file in kept {
            #expect(refused.messages.contains(file))
            #expect(try SignedNote(parsing: folder.bytes(of: file)).text.starts(with: log.signer.verifier.name.utf8))
        }
        // What it knew is not lost, and the honest log can be followed again.
        try log.serve(History(601))
        #expect(try follow().status == 0)
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

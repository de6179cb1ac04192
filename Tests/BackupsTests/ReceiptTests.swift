import Kernel
import Ledger
import StoreSupport
import TestSupport
import Testing

@testable import Backups
@testable import Store

@Suite(.onEveryDatabase) struct ReceiptTests {
    private let signer: NoteSigner

    init() throws { signer = try NoteSigner(name: "elsewhere", randomness: seededRandomness(70)) }

    private func signed(_ receipt: RestoreReceipt) throws -> [UInt8] {
        try signer.sign(Array(receipt.text.utf8)).encoded
    }

    @Test func aTrustedReceiptMakesABackupVerified() async throws {
        let stage = try await BackupStage()
        let backup = try await stage.make()
        let note = try signed(try await stage.open(stage.path("one.age")).receipt(at: stage.clock.now))
        let early = await problem { _ = try await stage.desk.record(receipt: note, as: .operator) }
        #expect(early?.code == "receipt.untrusted")
        #expect(try await stage.desk.newest(as: .operator).verified == nil)
        try await stage.desk.trust(signer.verifier.text, as: .operator)
        let recorded = try await stage.desk.record(receipt: note, as: .operator)
        #expect(recorded.backup == backup)
        #expect(recorded.receipt.verifier == "elsewhere")
        // Twice is once.
        _ = try await stage.desk.record(receipt: note, as: .operator)
        let known = try await stage.desk.backups(as: .operator)
        #expect(known.map(\.receipts.count) == [1])
        let newest = try await stage.desk.newest(as: .operator)
        #expect(newest.made == backup.madeAt)
        #expect(newest.verified == backup.madeAt)
        #expect(try await stage.problems().isEmpty)
    }

    @Test func aReceiptThatWasChangedAnywhereIsRefused() async throws {
        let stage = try await BackupStage()
        _ = try await stage.make()
        try await stage.desk.trust(signer.verifier.text, as: .operator)
        let note = try signed(try await stage.open(stage.path("one.age")).receipt(at: stage.clock.now))
        for position in note.indices {
            var changed = note
            changed[position] ^= 1
            let refusal = await problem { _ = try await stage.desk.record(receipt: changed, as: .operator) }
            #expect(refusal?.kind == .refused, "byte \(position)")
        }
        #expect(try await stage.desk.newest(as: .operator).verified == nil)
    }

    @Test func aReceiptOfAnyoneElseIsRefused() async throws {
        let stage = try await BackupStage()
        _ = try await stage.make()
        let stranger = try NoteSigner(name: "elsewhere", randomness: seededRandomness(71))
        try await stage.desk.trust(stranger.verifier.text, as: .operator)
        let note = try signed(try await stage.open(stage.path("one.age")).receipt(at: stage.clock.now))
        let refusal = await problem { _ = try await stage.desk.record(receipt: note, as: .operator) }
        #expect(refusal?.code == "note.unsigned")
        try await stage.desk.trust(signer.verifier.text, as: .operator)
        try await stage.desk.distrust(signer.verifier.text, as: .operator)
        let dropped = await problem { _ = try await stage.desk.record(receipt: note, as: .operator) }
        #expect(dropped?.code == "note.unsigned")
    }

    @Test func aReceiptThatStatesSomethingElseIsRefusedThoughItIsSigned() async throws {
        let stage = try await BackupStage()
        _ = try await stage.make()
        try await stage.desk.trust(signer.verifier.text, as: .operator)
        let good = try await stage.open(stage.path("one.age")).receipt(at: stage.clock.now)
        func variant(
            sha256: String? = nil, size: UInt64? = nil, madeAt: Instant? = nil, rows: Int? = nil,
            ledgers: [Backup.Ledger]? = nil, verifiedAt: Instant? = nil
        ) -> RestoreReceipt {
            RestoreReceipt(
                sha256: sha256 ?? good.sha256, size: size ?? good.size, madeAt: madeAt ?? good.madeAt,
                rows: rows ?? good.rows, ledgers: ledgers ?? good.ledgers, verifiedAt: verifiedAt ?? good.verifiedAt)
        }
        let ledger = try #require(good.ledgers.first)
        let wrong: [(RestoreReceipt, String)] = [
            (variant(sha256: String(repeating: "0", count: 64)), "receipt.unknown-backup"),
            (variant(sha256: "short"), "receipt.unknown-backup"), (variant(size: 1), "receipt.differs"),
            (variant(madeAt: good.madeAt + .seconds(1)), "receipt.differs"),
            (variant(rows: good.rows + 1), "receipt.differs"), (variant(ledgers: []), "receipt.differs"),
            (
                variant(ledgers: [.init(scope: ledger.scope, entries: ledger.entries + 1, root: ledger.root)]),
                "receipt.differs"
            ), (variant(verifiedAt: good.verifiedAt + .hours(1)), "receipt.future"),
        ]
        for (receipt, code) in wrong {
            let note = try signed(receipt)
            let refusal = await problem { _ = try await stage.desk.record(receipt: note, as: .operator) }
            #expect(refusal?.code == code)
        }
        let nonsense = try signer.sign(Array("hello\n".utf8)).encoded
        let malformed = await problem { _ = try await stage.desk.record(receipt: nonsense, as: .operator) }
        #expect(malformed?.code == "receipt.malformed")
    }

    @Test func aReceiptReadsBackAndASigningKeyToo() throws {
        let receipt = RestoreReceipt(
            sha256: String(repeating: "a", count: 64), size: 12, madeAt: Instant(milliseconds: 1), rows: 3,
            ledgers: [.init(scope: .installation, entries: 4, root: "root")], verifiedAt: Instant(milliseconds: 5))
        #expect(try RestoreReceipt(parsing: receipt.text) == receipt)
        for text in [
            receipt.text + "\n", String(receipt.text.dropLast()), " " + receipt.text, receipt.text + "more\n", "",
        ] {
            #expect(throws: Problem.self) { try RestoreReceipt(parsing: text) }
        }
        let again = try NoteSigner(parsingSecret: signer.secretText)
        #expect(again.verifier == signer.verifier)
        #expect(again.seed == signer.seed)
        for text in ["", "PRIVATE+KEY+elsewhere+00000000+AQ==", signer.verifier.text] {
            #expect(throws: Problem.self) { try NoteSigner(parsingSecret: text) }
        }
    }
}

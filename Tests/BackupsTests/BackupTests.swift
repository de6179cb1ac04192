import Age
import Crypto
import Foundation
import Kernel
import StoreSupport
import Synchronization
import TestSupport
import Testing

@testable import Backups
@testable import Store

@Suite(.onEveryDatabase) struct BackupTests {
    @Test(arguments: [false, true])
    func aBackupIsRecordedAndOpensForItsRecipientOnly(_ isArmoured: Bool) async throws {
        let stage = try await BackupStage()
        let backup = try await stage.make(isArmoured: isArmoured)
        let bytes = try stage.bytes(stage.path("one.age"))
        #expect(backup.size == UInt64(bytes.count))
        #expect(backup.sha256 == Array(SHA256.hash(data: bytes)).hex)
        #expect(backup.file == stage.path("one.age"))
        #expect(try stage.files() == ["one.age"])
        #expect(try await stage.desk.backups(as: .operator).map(\.backup) == [backup])
        let mode = try FileManager.default.attributesOfItem(atPath: stage.path("one.age"))[.posixPermissions] as? Int
        #expect(mode == 0o600)

        let opened = try await stage.open(stage.path("one.age"))
        #expect(opened.sha256 == backup.sha256)
        #expect(opened.size == backup.size)
        #expect(opened.receipt(at: stage.clock.now).ledgers == backup.ledgers)
        let stranger = try AgeIdentity(.x25519, randomness: seededRandomness(33))
        let refusal = await problem { _ = try await stage.open(stage.path("one.age"), with: stranger) }
        #expect(refusal?.code == "age.no-match")
        #expect(try await stage.problems().isEmpty)
    }

    @Test func neitherContentNorKeysAreReadableInTheFile() async throws {
        let stage = try await BackupStage()
        let collected = Collected()
        _ = try await stage.database.dump(program: "test") { collected.add($0) }
        var pieces: [DumpPiece] = []
        var reader = DumpReader()
        try reader.take(collected.bytes, into: &pieces)
        // The keys stand in the dump, so the search below looks for the right bytes.
        var keys: [[UInt8]] = []
        var isKeys = false
        guard case .header(let header) = pieces[0] else { throw CancellationError() }
        for piece in pieces {
            if case .table(let number) = piece { isKeys = header.tables[number].name == "data_key" }
            if case .row(let values) = piece, isKeys, case .blob(let key) = values[1] { keys.append(key) }
        }
        #expect(keys.count == 4)
        #expect(keys.allSatisfy { $0.count == 32 })
        #expect(keys.allSatisfy { Data(collected.bytes).range(of: Data($0)) != nil })
        _ = try await stage.make()
        let file = Data(try stage.bytes(stage.path("one.age")))
        let stored = try TestDatabase.current.withRawDatabase(in: stage.data) {
            Data(try $0.everyRow().description.utf8)
        }
        for key in keys {
            #expect(file.range(of: Data(key)) == nil)
            #expect(stored.range(of: Data(key.description.utf8)) == nil)
        }
        #expect(file.range(of: Data(BackupStage.word.utf8)) == nil)
        #expect(Data(collected.bytes).range(of: Data(BackupStage.word.utf8)) == nil)
    }

    @Test func aFileThatIsThereIsNotOverwrittenAndNothingIsRecorded() async throws {
        let stage = try await BackupStage()
        try Data("precious".utf8).write(to: URL(fileURLWithPath: stage.path("one.age")))
        let refusal = await problem { _ = try await stage.make() }
        #expect(refusal?.code == "backup.exists")
        #expect(try stage.bytes(stage.path("one.age")) == Array("precious".utf8))
        #expect(try await stage.desk.backups(as: .operator).isEmpty)
    }

    @Test func aWholeBackupThatCannotBeRecordedIsNamedOrIfItWasScheduledRemoved() async throws {
        let stage = try await BackupStage()
        try stage.refuseRecords()
        let asked = await problem { _ = try await stage.make() }
        #expect(asked?.code == "backup.unrecorded")
        #expect(asked?.place?.file == stage.path("one.age"))
        #expect(try stage.files() == ["one.age"])
        let sha256 = Array(SHA256.hash(data: try stage.bytes(stage.path("one.age")))).hex
        #expect(asked?.hint?.contains(sha256) == true)
        _ = try await stage.open(stage.path("one.age"))
        let scheduled = await problem {
            _ = try await stage.desk.make(
                to: .file(stage.path("two.age")), for: [stage.identity.recipient], reason: .scheduled, program: "test",
                as: .operator)
        }
        #expect(scheduled != nil)
        #expect(try stage.files() == ["one.age"])
        #expect(try await stage.desk.backups(as: .operator).isEmpty)
    }

    @Test func aBackupThatSomebodyElseSealedIsToldFromTheOneThatIsMeant() async throws {
        let stage = try await BackupStage()
        let meant = try await stage.make()
        // Whoever knows the recipient can seal an installation of their own for it.
        let forger = try await TestDatabase.$current.withValue(.sqlite) { try await BackupStage(seed: 55) }
        _ = try await forger.desk.make(
            to: .file(stage.path("forged.age")), for: [stage.identity.recipient], program: "test", as: .operator)
        let unasked = try await stage.open(stage.path("forged.age"))
        let opened = try await stage.open(stage.path("one.age"), expecting: [meant.sha256])
        let verifier = try await stage.database.ledger(of: .installation).verifier()
        #expect(opened.keys.first == verifier)
        #expect(unasked.keys.first != verifier)
        let refusal = await problem {
            _ = try await stage.open(stage.path("forged.age"), expecting: [meant.sha256])
        }
        #expect(refusal?.code == "restore.other-file")
        let other = String(repeating: "0", count: 64)
        let both = await problem { _ = try await stage.open(stage.path("one.age"), expecting: [meant.sha256, other]) }
        #expect(both?.code == "restore.other-file", "everything that was said about it must fit")
    }

    @Test func theSizeSoFarIsTold() async throws {
        let stage = try await BackupStage()
        let sizes = Mutex<[UInt64]>([])
        let backup = try await stage.desk.make(
            to: .file(stage.path("one.age")), for: [stage.identity.recipient], program: "test", as: .operator
        ) { size in sizes.withLock { $0.append(size) } }
        let told = sizes.withLock { $0 }
        #expect(!told.isEmpty && told == told.sorted())
        #expect(told.allSatisfy { $0 <= backup.size })
    }

    @Test func whereItCannotBeWrittenNoFileIsLeft() async throws {
        let stage = try await BackupStage()
        let refusal = await problem { _ = try await stage.make("missing/one.age") }
        #expect(refusal?.code == "backup.unwritable")
        #expect(try stage.files().isEmpty)
        let full = await problem {
            let file = try FileHandle(forWritingTo: URL(fileURLWithPath: "/dev/full"))
            _ = try await stage.desk.make(
                to: .stream(file.fileDescriptor), for: [stage.identity.recipient], program: "test", as: .operator)
        }
        #expect(full?.code == "backup.unwritable")
        #expect(try await stage.desk.backups(as: .operator).isEmpty)
    }

    @Test func aFileIsCheckedWithoutOpeningIt() async throws {
        let stage = try await BackupStage()
        let backup = try await stage.make()
        let path = stage.path("one.age")
        let checked = try await stage.desk.check(path, as: .operator)
        #expect(checked.backup == backup)
        #expect(checked.outline.recipientTypes == ["X25519"])
        let bytes = try stage.bytes(path)
        for position in stride(from: 0, to: bytes.count, by: max(1, bytes.count / 40)) {
            var changed = bytes
            changed[position] ^= 4
            try Data(changed).write(to: URL(fileURLWithPath: stage.path("changed.age")))
            let refusal = await problem { _ = try await stage.desk.check(stage.path("changed.age"), as: .operator) }
            #expect(refusal?.kind == .refused, "byte \(position)")
            let opening = await problem { _ = try await stage.open(stage.path("changed.age")) }
            #expect(opening?.kind == .refused, "byte \(position)")
        }
        for size in [0, 50, bytes.count / 2, bytes.count - 1] {
            try Data(bytes.prefix(size)).write(to: URL(fileURLWithPath: stage.path("cut.age")))
            #expect(await problem { _ = try await stage.desk.check(stage.path("cut.age"), as: .operator) } != nil)
            #expect(await problem { _ = try await stage.open(stage.path("cut.age")) } != nil)
        }
    }
}

/// Bytes that were handed to a sink.
final class Collected: Sendable {
    private let held = Mutex<[UInt8]>([])

    var bytes: [UInt8] { held.withLock { $0 } }
    func add(_ bytes: [UInt8]) { held.withLock { $0 += bytes } }
}

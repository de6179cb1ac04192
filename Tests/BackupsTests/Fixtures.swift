import Age
import Foundation
import Kernel
import Ledger
import StoreSupport
import TestSupport
import Vault

@testable import Backups
@testable import Store

/// An installation with one organisation, a desk for its backups, and a folder to put them in.
struct BackupStage {
    let data: TemporaryFolder
    let backups: TemporaryFolder
    let clock = MovableClock()
    let database: Database
    let driver: any DatabaseDriver
    let desk: BackupDesk
    let identity: AgeIdentity

    static let schema = StoreSchema(
        tables: [Diary.table] + BackupDesk.tables,
        migrations: [Migration("test.1", creates: [Diary.table.definition])] + BackupDesk.migrations,
        organisations: nil)
    static let word = "Zirbelkiefer"

    init(_ database: TestDatabase = TestDatabase.current, seed: UInt64 = 1) async throws {
        data = try TemporaryFolder()
        backups = try TemporaryFolder()
        driver = try await database.driver(in: data)
        self.database = try await Database.open(
            driver, key: try KeyEncryptionKey(bytes: [UInt8](repeating: 7, count: 32)), tables: Self.schema.tables,
            migrations: Self.schema.migrations, clock: clock.clock, randomness: seededRandomness(seed))
        desk = BackupDesk(database: self.database, clock: clock.clock, randomness: seededRandomness(2))
        identity = try AgeIdentity(.x25519, randomness: seededRandomness(3))
        try await write(Self.word)
    }

    var folder: String { backups.path }
    func path(_ name: String) -> String { "\(folder)/\(name)" }

    func write(_ text: String) async throws {
        try await database.installation(as: .operator).change("diary.written") { change in
            try change.insert(Diary(id: change.newIdentifier(), text: text))
        }
    }

    func make(_ name: String = "one.age", isArmoured: Bool = false) async throws -> Backup {
        try await desk.make(
            to: .file(path(name)), for: [identity.recipient], isArmoured: isArmoured, program: "test", as: .operator)
    }

    /// Restores a file into a fresh SQLite database.
    func open(
        _ path: String, with identity: AgeIdentity? = nil, expecting expected: [String] = []
    ) async throws -> OpenedBackup {
        let scratch = try TemporaryFolder()
        let driver = try await TestDatabase.sqlite.driver(in: scratch)
        do {
            let restoration = try await Restoration.begin(
                into: driver, key: try KeyEncryptionKey(bytes: [UInt8](repeating: 8, count: 32)), schema: Self.schema,
                clock: clock.clock, randomness: seededRandomness(4))
            let opened = try await OpenedBackup(
                path, with: [identity ?? self.identity], by: restoration, expecting: expected)
            try await driver.close()
            return opened
        } catch {
            try await driver.close()
            throw error
        }
    }

    /// From now on the database takes no record of a backup.
    func refuseRecords() throws {
        let rule =
            switch TestDatabase.current {
            case .sqlite:
                "CREATE TRIGGER no_more BEFORE INSERT ON backup BEGIN SELECT RAISE(ABORT, 'no more'); END"
            case .postgreSQL: "ALTER TABLE backup ADD CONSTRAINT no_more CHECK (made_at < 0) NOT VALID"
            }
        try TestDatabase.current.withRawDatabase(in: data) { try $0.execute(rule) }
    }

    func files() throws -> [String] { try FileManager.default.contentsOfDirectory(atPath: folder).sorted() }

    func bytes(_ path: String) throws -> [UInt8] { [UInt8](try Data(contentsOf: URL(fileURLWithPath: path))) }

    func problems() async throws -> [Problem] { try await database.ledger(of: .installation).verify().problems }
}

/// A record with content.
struct Diary: Record, Codable, Hashable {
    let id: Identifier<Diary>
    let text: String

    static let table = RecordTable("diary")
    var indexColumns: [SQLValue] { [] }
}

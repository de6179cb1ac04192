import Kernel
import Ledger
import StoreSupport
import Synchronization
import TestSupport
import Vault

@testable import Store

/// An organisation as the installation lists it.
struct Guild: Record, Codable, Hashable {
    typealias Kind = Organisation

    let id: Identifier<Organisation>
    var name: String

    static let table = RecordTable("guild")

    var indexColumns: [SQLValue] { [] }
}

/// A whole small installation: two organisations with rows that were written, changed, removed and signed.
enum SmallInstallation {
    static let schema = StoreSchema(
        tables: TestStore.tables + [Guild.table],
        migrations: TestStore.migrations + [Migration("test.guilds", creates: [Guild.table.definition])],
        organisations: Guild.table)

    static func open(
        _ folder: TemporaryFolder, key: [UInt8] = TestStore.key, freshKeys: [[UInt8]]? = nil, seed: UInt64 = 1,
        randomness: Randomness? = nil
    ) async throws -> TestStore {
        let driver = try await TestDatabase.current.driver(in: folder)
        let clock = MovableClock()
        let key = try KeyEncryptionKey(bytes: key)
        let candidates = try freshKeys?.map { try KeyEncryptionKey(bytes: $0) } ?? [key]
        do {
            let database = try await Database.open(
                driver, key: key, freshKeys: { candidates }, tables: schema.tables,
                migrations: schema.migrations, organisations: schema.organisations, clock: clock.clock,
                randomness: randomness ?? seededRandomness(seed))
            return TestStore(folder: folder, driver: driver, database: database, clock: clock, key: key)
        } catch {
            try await driver.close()
            throw error
        }
    }

    /// - Parameter remarks: How many each organisation has, before one is changed and one removed.
    static func make(_ folder: TemporaryFolder, remarks: Int = 12, seed: UInt64 = 1) async throws -> TestStore {
        let store = try await open(folder, seed: seed)
        for (organisation, name) in [(TestStore.one, "Tanners"), (TestStore.other, "Dyers")] {
            try await store.database.establish(organisation)
            try await store.database.installation(as: .operator).change("guild.founded") { change in
                try change.insert(Guild(id: organisation, name: name))
            }
            let scope = store.database.scope(organisation, as: .operator)
            try await scope.change("remark.made") { change in
                for number in 0..<remarks {
                    try change.insert(TestStore.remark("canary \(name) \(number)", rank: Int64(number), in: change))
                }
                try change.insert(Poster(id: change.newIdentifier(), text: "canary poster"))
            }
            try await scope.change("remark.revised") { change in
                let remarks = try change.view.list(Remark.self, Query(order: "rank"))
                var first = remarks[0].record
                first.text = "canary revised"
                try change.update(remarks[0], to: first)
                try change.delete(remarks[1])
            }
            try await store.database.ledger(of: organisation).publishCheckpoint()
            try await scope.touch { touch in
                _ = try touch.execute(
                    scratch, "INSERT INTO scratch (organisation, name, count) VALUES (?, ?, ?)", [.text("left"), 1])
            }
        }
        for organisation in [TestStore.one, TestStore.other] {
            _ = try await store.database.operatorLog.append(checkpointOf: organisation)
        }
        for scope in [Identifier<Organisation>.installation, .operatorLog] {
            try await store.database.ledger(of: scope).publishCheckpoint()
        }
        return store
    }

    /// Every kept value as it lies in the database, without the wrapping of data keys.
    static func keptRows(in folder: TemporaryFolder) throws -> [String: Set<[SQLValue]>] {
        try TestDatabase.current.withRawDatabase(in: folder) { raw in
            var rows: [String: Set<[SQLValue]>] = [:]
            for table in schema.keptTables {
                let columns =
                    ["organisation"] + table.columns.map(\.name).filter { table.name != "data_key" || $0 != "wrapped" }
                rows[table.name] = Set(try raw.rows("SELECT \(columns.joined(separator: ", ")) FROM \(table.name)"))
            }
            return rows
        }
    }

    /// The whole dump of `store`.
    static func dump(_ store: TestStore) async throws -> [UInt8] {
        let collected = Collected()
        _ = try await store.database.dump(program: "test") { collected.add($0) }
        return collected.bytes
    }

    /// Restores `dump` in pieces of `size` bytes.
    static func restore(
        _ dump: [UInt8], into folder: TemporaryFolder, key: [UInt8] = restoredKey, pieces size: Int = 10_000
    ) async throws -> Restoration.Result {
        let driver = try await TestDatabase.current.driver(in: folder)
        do {
            var restoration = try await Restoration.begin(
                into: driver, key: try KeyEncryptionKey(bytes: key), schema: schema,
                randomness: seededRandomness(99))
            var rest = dump[...]
            while !rest.isEmpty {
                try await restoration.take(Array(rest.prefix(size)))
                rest = rest.dropFirst(size)
            }
            let result = try await restoration.finish()
            return result
        } catch {
            try await driver.close()
            throw error
        }
    }

    static let restoredKey = [UInt8](repeating: 9, count: 32)
}

/// Bytes that were handed to a sink.
final class Collected: Sendable {
    private let held = Mutex<[UInt8]>([])

    var bytes: [UInt8] { held.withLock { $0 } }
    func add(_ bytes: [UInt8]) { held.withLock { $0 += bytes } }
}

import Kernel
import Ledger
import Store
import StoreSupport
import TestSupport
import Vault

/// A record with each kind of index column.
struct Remark: Record, Codable, Hashable {
    let id: Identifier<Remark>
    var text: String
    var rank: Int64
    var state: String
    var token: [UInt8]

    static let table = RecordTable(
        "remark", indexColumns: [.integer("rank"), .text("state"), .blob("token"), .integer("closed_at").optional],
        indexes: [TableDefinition.Index("token", isUnique: true)])

    var indexColumns: [SQLValue] { [.integer(rank), .text(state), .blob(token), .null] }
}

/// A record that anyone may read, until the person it is about is erased.
struct Poster: Record, Codable, Hashable {
    let id: Identifier<Poster>
    var text: String

    static let table = RecordTable("poster", isPublic: true, subjectColumn: "id")

    var indexColumns: [SQLValue] { [] }
}

let scratch = TableDefinition(
    "scratch", kind: .disposable, columns: [.text("name"), .integer("count")], primaryKey: ["name"])

/// A store in a folder of its own, with two organisations.
struct TestStore {
    let folder: TemporaryFolder
    let driver: any DatabaseDriver
    let database: Database
    let clock: MovableClock
    let key: KeyEncryptionKey

    static let tables = [Remark.table, Poster.table]
    static let migrations = [Migration("test.1", creates: tables.map(\.definition) + [scratch])]
    static let key = [UInt8](repeating: 7, count: 32)
    static let one = Identifier<Organisation>(high: 1, low: 1)
    static let other = Identifier<Organisation>(high: 1, low: 2)

    static func open(
        _ folder: TemporaryFolder, key: [UInt8] = TestStore.key, seed: UInt64 = 1,
        migrations: [Migration] = TestStore.migrations, clock: MovableClock = MovableClock()
    ) async throws -> TestStore {
        try await open(
            try await TestDatabase.current.driver(in: folder), in: folder, key: key, seed: seed, migrations: migrations,
            clock: clock)
    }

    static func open(
        _ driver: any DatabaseDriver, in folder: TemporaryFolder, key: [UInt8] = TestStore.key, seed: UInt64 = 1,
        migrations: [Migration] = TestStore.migrations, clock: MovableClock = MovableClock()
    ) async throws -> TestStore {
        let key = try KeyEncryptionKey(bytes: key)
        do {
            let database = try await Database.open(
                driver, key: key, tables: tables, migrations: migrations, clock: clock.clock,
                randomness: seededRandomness(seed))
            return TestStore(folder: folder, driver: driver, database: database, clock: clock, key: key)
        } catch {
            try await driver.close()
            throw error
        }
    }

    static func make(seed: UInt64 = 1) async throws -> TestStore {
        let store = try await open(try TemporaryFolder(), seed: seed)
        try await store.database.establish(one)
        try await store.database.establish(other)
        return store
    }

    var scope: ScopedDatabase { database.scope(Self.one, as: .operator) }

    @discardableResult
    func write(_ text: String, rank: Int64 = 0) async throws -> Stored<Remark> {
        // A stored value carries what later changes need.
        try await scope.change("remark.made") { change in
            try change.insert(Self.remark(text, rank: rank, in: change))
        }
    }

    static func remark(_ text: String, rank: Int64 = 0, in change: Change) -> Remark {
        Remark(
            id: change.newIdentifier(), text: text, rank: rank, state: "open", token: change.randomness.bytes(16))
    }

    func texts(in organisation: Identifier<Organisation> = TestStore.one) async throws -> [String] {
        try await database.scope(organisation, as: .operator).read { view in
            try view.list(Remark.self, Query(order: "entry, position")).map(\.record.text)
        }
    }

    func size(of organisation: Identifier<Organisation> = TestStore.one) async throws -> UInt64 {
        try await database.ledger(of: organisation).size()
    }

    /// Takes the first organisation's checkpoint into the operator's log, and lets a witness cosign that.
    func publishOperatorLog() async throws {
        let log = database.operatorLog
        try await log.append(checkpointOf: Self.one)
        try await log.ledger.publishCheckpoint()
        let witness = try Cosigner(name: "witness.example/w", seed: Array(repeating: 5, count: 32))
        guard let request = try await log.request(from: 0) else { return }
        let judgement = WitnessJudgement(
            of: request.encoded, logs: [WitnessedLog(try await log.ledger.verifier())]
        ) { _ in nil }
        let answer = try judgement.answer(by: witness, at: clock.clock.now())
        try await log.keep(answer: answer.body, to: request, of: witness.verifier)
    }

    func problems(of organisation: Identifier<Organisation> = TestStore.one) async throws -> [Problem] {
        try await database.ledger(of: organisation).verify().problems
    }
}

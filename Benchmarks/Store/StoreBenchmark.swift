import Foundation
import Kernel
import Store
import StorePostgres
import StoreSQLite
import Synchronization
import Vault

/// How fast changes are, beside the same rows written with bare SQL in the same run: no sealing, no ledger, the same commits.
///
/// Run it with `scripts/benchmark-store`. Every figure is of 32 writers that each wait for their own acknowledgement.
@main
struct StoreBenchmark {
    static let writers = 32

    static func main() async throws {
        let seconds = Double(CommandLine.arguments.dropFirst().first ?? "4") ?? 4
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("vouchsafe-benchmark-\(UUID())")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        print("database            organisations   bare SQL/s   changes/s   share   best of 3 rounds, alternating")
        try await measure(try SQLiteDriver(path: folder.appendingPathComponent("benchmark.sqlite").path), seconds)
        if let server = ProcessInfo.processInfo.environment["VOUCHSAFE_TEST_POSTGRESQL"] {
            let app = server.replacing("user=vouchsafe_admin", with: "user=vouchsafe_app")
            let owner = server.replacing("user=vouchsafe_admin", with: "user=vouchsafe_owner")
            try await measure(
                try await PostgreSQLDriver(
                    try PostgreSQLAddress(app), owner: try PostgreSQLAddress(owner)), seconds)
        } else {
            print("PostgreSQL: not measured; start this with scripts/with-postgresql")
        }
    }

    private static func measure(_ driver: any DatabaseDriver, _ seconds: Double) async throws {
        let database = try await Database.open(
            driver, key: try KeyEncryptionKey(bytes: Randomness.system.bytes(32)), tables: [Note.table],
            migrations: [Migration("benchmark.1", creates: [Note.table.definition, Bare.table])])
        for count in [1, 32] {
            let organisations = (1...count).map { Identifier<Organisation>(high: UInt64(count), low: UInt64($0)) }
            for organisation in organisations { try await database.establish(organisation) }
            let scopes = organisations.map { database.scope($0, as: .operator) }
            var best = (bare: 0.0, changes: 0.0)
            for _ in 0..<3 {
                best.bare = max(best.bare, try await rate(seconds) { try await Bare.write(in: scopes[$0 % count]) })
                best.changes = max(
                    best.changes, try await rate(seconds) { try await Note.write(in: scopes[$0 % count]) })
            }
            let share = Int((best.changes / best.bare * 100).rounded())
            print(
                "\(driver.product.padded(20))\("\(count)".padded(16))\("\(Int(best.bare))".padded(13))"
                    + "\("\(Int(best.changes))".padded(12))\(share) %")
        }
        try await database.close()
    }

    /// How often `work` is done in a second by all writers together.
    private static func rate(_ seconds: Double, _ work: @escaping @Sendable (Int) async throws -> Void) async throws
        -> Double
    {
        let end = ContinuousClock.now + .seconds(seconds)
        let begun = ContinuousClock.now
        let done = try await withThrowingTaskGroup(of: Int.self) { group in
            for writer in 0..<writers {
                group.addTask {
                    var done = 0
                    while ContinuousClock.now < end {
                        try await work(writer)
                        done += 1
                    }
                    return done
                }
            }
            return try await group.reduce(0, +)
        }
        return Double(done) / ((ContinuousClock.now - begun) / .seconds(1))
    }
}

/// A record like those of the rooms: some index columns and a body of about 300 bytes.
struct Note: Record {
    let id: Identifier<Note>
    let observedAt: Int64
    let text: [UInt8]

    static let table = RecordTable(
        "note", indexColumns: [.integer("observed_at"), .integer("state")],
        indexes: [TableDefinition.Index("observed_at")])

    var indexColumns: [SQLValue] { [.integer(observedAt), 1] }

    func storedBody() -> [UInt8] { text }

    init(id: Identifier<Note>, observedAt: Int64, text: [UInt8]) {
        self.id = id
        self.observedAt = observedAt
        self.text = text
    }

    init(storedBody: [UInt8]) throws {
        self.init(id: Identifier(high: 0, low: 0), observedAt: 0, text: storedBody)
    }

    static let body = [UInt8](repeating: 0x61, count: 300)

    static func write(in scope: ScopedDatabase) async throws {
        try await scope.change("note.made") { change in
            try change.insert(
                Note(id: change.newIdentifier(), observedAt: change.now.milliseconds, text: body))
        }
    }
}

/// The same row, with the same columns, indexes and sizes, as bare SQL writes it.
enum Bare {
    static let table = TableDefinition(
        "bare", kind: .disposable,
        columns: [
            .blob("id"), .integer("version"), .integer("entry"), .integer("position"), .blob("digest"), .blob("body"),
            .integer("observed_at"), .integer("state"),
        ],
        primaryKey: ["id"],
        indexes: [TableDefinition.Index("observed_at"), TableDefinition.Index("entry", "position", isUnique: true)])

    private static let counter = Mutex<Int64>(0)
    private static let digest = [UInt8](repeating: 1, count: 32)
    // A sealed body is 89 bytes longer than what it holds: salt, key, nonce, tag.
    private static let body = [UInt8](repeating: 0x61, count: 300 + 89)

    static func write(in scope: ScopedDatabase) async throws {
        let number = counter.withLock { counter in
            counter += 1
            return counter
        }
        let now = WallClock.system.now()
        let id = Identifier<Bare>(at: now, randomness: .system)
        try await scope.touch { touch in
            try touch.execute(
                table,
                """
                INSERT INTO bare (organisation, id, version, entry, position, digest, body, observed_at, state) \
                VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
                """,
                [
                    .blob(id.bytes), 1, .integer(number), 0, .blob(digest), .blob(body), .integer(now.milliseconds), 1,
                ])
        }
    }
}

extension String {
    fileprivate func padded(_ width: Int) -> String { self + String(repeating: " ", count: max(1, width - count)) }
}

import GRDB
import Kernel
import Store

/// The embedded database: one SQLite file in WAL mode, every commit synced before it is acknowledged.
public final class SQLiteDriver: DatabaseDriver {
    private let pool: DatabasePool
    private let commits: CommitGroup
    private let sqliteVersion: String

    /// Opens, or creates, the database at `path`.
    ///
    /// - Throws: `Problem` `store.unavailable` if the file cannot be opened, `store.corrupt` if it is no sound database.
    public init(path: String) throws {
        var configuration = Configuration()
        configuration.label = "store"
        configuration.maximumReaderCount = 4
        configuration.busyMode = .timeout(10)
        configuration.prepareDatabase { connection in
            // Sorting and scratch data must not reach a file unsealed or otherwise.
            try connection.execute(sql: "PRAGMA temp_store = MEMORY")
            try connection.execute(sql: "PRAGMA trusted_schema = OFF")
            try connection.execute(sql: "PRAGMA cell_size_check = ON")
        }
        do {
            let pool = try DatabasePool(path: path, configuration: configuration)
            sqliteVersion = try pool.writeWithoutTransaction { connection in
                // The pool lowers this to NORMAL when it switches to WAL, which can lose acknowledged commits at power loss.
                try connection.execute(sql: "PRAGMA synchronous = FULL")
                let synchronous = try Int.fetchOne(connection, sql: "PRAGMA synchronous")
                guard synchronous == 2 else {
                    throw Problem(
                        .unavailable, code: "store.not-durable",
                        "The database refuses to sync every commit (synchronous is \(synchronous ?? -1), not 2).")
                }
                return try String.fetchOne(connection, sql: "SELECT sqlite_version()") ?? "unknown"
            }
            self.pool = pool
            commits = CommitGroup(pool: pool)
        } catch {
            throw SQLiteProblem.from(error)
        }
    }

    public var product: String { "SQLite \(sqliteVersion)" }

    public func migrate(_ migrations: [Migration]) async throws {
        do {
            try await pool.write { connection in try SQLiteSchema.migrate(connection, to: migrations) }
        } catch {
            throw SQLiteProblem.from(error)
        }
    }

    public func read<T: Sendable>(_ body: @escaping @Sendable (any SQLSession) throws -> T) async throws -> T {
        do {
            return try await pool.read { connection in try body(SQLiteSession(connection)) }
        } catch {
            throw SQLiteProblem.from(error)
        }
    }

    public func write<T: Sendable>(
        organisation: Identifier<Organisation>, _ body: @escaping @Sendable (any SQLSession) throws -> T
    ) async throws -> T {
        // One file has one writer, so all organisations share its commits.
        try await commits.run(body)
    }

    public func integrityProblems() async throws -> [String] {
        do {
            let lines = try await pool.read { try String.fetchAll($0, sql: "PRAGMA integrity_check") }
            return lines.filter { $0 != "ok" }
        } catch {
            throw SQLiteProblem.from(error)
        }
    }

    public func close() async throws {
        do {
            try pool.close()
        } catch {
            throw SQLiteProblem.from(error)
        }
    }
}

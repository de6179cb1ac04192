import Foundation
import GRDB
import Kernel
import Store
import Synchronization

/// The embedded database: one SQLite file in WAL mode, every commit synced before it is acknowledged.
///
/// Until `migrate` has succeeded, the file is looked at and not written: a wrong key must find it as it was.
public final class SQLiteDriver: DatabaseDriver {
    /// The connections that serve, once the schema is known to be right.
    private struct Connections {
        let pool: DatabasePool
        let commits: CommitGroup
    }

    private let path: String
    private let sqliteVersion: String
    private let connections = Mutex<Connections?>(nil)

    /// Looks at, or creates, the database at `path`.
    ///
    /// - Throws: `Problem` `store.cannot-open` if the file cannot be opened, `store.corrupt` if it is no sound database.
    public init(path: String) throws {
        self.path = path
        do {
            let queue = try DatabaseQueue(path: path, configuration: Self.configuration)
            sqliteVersion = try queue.read { connection in
                _ = try Int.fetchOne(connection, sql: "SELECT COUNT(*) FROM sqlite_master")
                return try String.fetchOne(connection, sql: "SELECT sqlite_version()") ?? "unknown"
            }
            try queue.close()
        } catch {
            throw SQLiteProblem.from(error)
        }
    }

    /// SQLite with the version that is linked: `SQLite 3.40.1`.
    public var product: String { "SQLite \(sqliteVersion)" }

    /// A file is what an installation outgrows.
    public var canBeLeft: Bool { true }

    /// Brings the schema up to date and does `body`, in one transaction and before any reader is let in.
    public func migrate(
        _ migrations: [Migration], _ body: @escaping @Sendable (any SQLSession) throws -> Void
    ) async throws {
        do {
            // One connection and not yet the pool, whose opening alone writes to the file.
            let queue = try DatabaseQueue(path: path, configuration: Self.configuration)
            try await queue.write { connection in
                try SQLiteSchema.migrate(connection, to: migrations)
                try body(SQLiteSession(connection))
            }
            try queue.close()
            let pool = try Self.openPool(path)
            connections.withLock { $0 = Connections(pool: pool, commits: CommitGroup(pool: pool)) }
        } catch {
            throw SQLiteProblem.from(error)
        }
    }

    private static func openPool(_ path: String) throws -> DatabasePool {
        let pool = try DatabasePool(path: path, configuration: configuration)
        try pool.writeWithoutTransaction { connection in
            // The pool lowers this to NORMAL when it switches to WAL, which can lose acknowledged commits at power loss.
            try connection.execute(sql: "PRAGMA synchronous = FULL")
            let synchronous = try Int.fetchOne(connection, sql: "PRAGMA synchronous")
            guard synchronous == 2 else {
                throw Problem(
                    .unavailable, code: "store.not-durable",
                    "The database refuses to sync every commit (synchronous is \(synchronous ?? -1), not 2).")
            }
        }
        return pool
    }

    private static var configuration: Configuration {
        var configuration = Configuration()
        configuration.label = "store"
        configuration.maximumReaderCount = 4
        configuration.busyMode = .timeout(TimeInterval(patience))
        configuration.prepareDatabase { connection in
            // Sorting and scratch data must not reach a file unsealed or otherwise.
            try connection.execute(sql: "PRAGMA temp_store = MEMORY")
            try connection.execute(sql: "PRAGMA trusted_schema = OFF")
            // What is deleted is overwritten, so that a destroyed key lies in no free page.
            try connection.execute(sql: "PRAGMA secure_delete = ON")
            // In KiB, for each connection: enough that a table of a million rows is not read from the file again and again.
            try connection.execute(sql: "PRAGMA cache_size = -8192")
            try connection.execute(sql: "PRAGMA cell_size_check = ON")
        }
        return configuration
    }

    // MARK: - Serving

    /// Runs `body` on a reader of the pool, in a snapshot that later writes do not change.
    public func read<T: Sendable>(
        organisation: Identifier<Organisation>, _ body: @escaping @Sendable (any SQLSession) throws -> T
    ) async throws -> T {
        do {
            return try await opened().pool.read { connection in try body(SQLiteSession(connection)) }
        } catch {
            throw SQLiteProblem.from(error)
        }
    }

    /// Runs `body` on a reader of the pool; in WAL mode it sees one moment and holds back no writer.
    public func snapshot<T: Sendable>(_ body: @escaping @Sendable (any SQLSession) throws -> T) async throws -> T {
        try await read(organisation: .installation, body)
    }

    /// Does `write` in its own savepoint of a commit that all organisations share.
    public func write(_ write: WaitingWrite) {
        do { try opened().commits.add(write) } catch { write.fail(error) }
    }

    /// Folds the log into the file and empties it: it still held the pages from before.
    ///
    /// - Throws: `Problem` `store.scrub-later` if somebody reads an earlier moment, such as a backup.
    public func scrub() async throws {
        do {
            try await opened().pool.writeWithoutTransaction { connection in
                // In the file's own header, so that whichever process comes next knows what is left to do.
                try connection.execute(sql: "PRAGMA user_version = \(Self.scrubIsDue)")
                try Self.foldLog(of: connection)
            }
        } catch {
            throw SQLiteProblem.from(error)
        }
    }

    /// Folds and empties the log if that is still due.
    public func scrubIfDue() async throws {
        do {
            let pool = try opened().pool
            let state = try await pool.read { try Int.fetchOne($0, sql: "PRAGMA user_version") }
            guard state == Self.scrubIsDue else { return }
            try await pool.writeWithoutTransaction { try Self.foldLog(of: $0) }
        } catch {
            throw SQLiteProblem.from(error)
        }
    }

    /// What the header's `user_version`, which nothing else uses, holds from a scrub's beginning to its end.
    private static let scrubIsDue = 1

    private static func foldLog(of connection: GRDB.Database) throws {
        do {
            try checkpoint(connection)
        } catch let error as DatabaseError where error.resultCode == .SQLITE_BUSY || error.resultCode == .SQLITE_LOCKED
        {
            throw Problem(
                .unavailable, code: "store.scrub-later",
                "What was deleted still stands in the database's log, because something reads the database.",
                hint: "A running server goes on with it every minute.")
        }
        try connection.execute(sql: "PRAGMA user_version = 0")
    }

    private static func checkpoint(_ connection: GRDB.Database) throws {
        // Nobody can write while this waits for readers, of which a backup may be a long one.
        try connection.execute(sql: "PRAGMA busy_timeout = 100")
        defer { try? connection.execute(sql: "PRAGMA busy_timeout = \(patience * 1000)") }
        _ = try connection.checkpoint(.truncate)
    }

    /// How many seconds a writer waits for another.
    private static let patience = 10

    /// Has SQLite read every page of the file (`PRAGMA integrity_check`).
    public func integrityProblems() async throws -> [String] {
        do {
            let lines = try await opened().pool.read { try String.fetchAll($0, sql: "PRAGMA integrity_check") }
            return lines.filter { $0 != "ok" }
        } catch {
            throw SQLiteProblem.from(error)
        }
    }

    /// Closes all connections and folds the log into the file where that can be done.
    public func close() async throws {
        let connections = connections.withLock { connections in
            defer { connections = nil }
            return connections
        }
        do {
            // The readers close last and may not write, so without this the log would never be folded into the file. It is
            // no loss where it cannot be done: the log holds everything and is read at the next opening.
            try? await connections?.pool.writeWithoutTransaction { try Self.checkpoint($0) }
            try connections?.pool.close()
        } catch {
            throw SQLiteProblem.from(error)
        }
    }

    /// Runs `body` on the writing connection, outside a transaction. For tests: it shows what the connection really is set
    /// to, and makes a disk full that is not.
    func onWriter<T: Sendable>(_ body: @escaping @Sendable (GRDB.Database) throws -> T) async throws -> T {
        try await opened().pool.writeWithoutTransaction(body)
    }

    private func opened() throws -> Connections {
        guard let connections = connections.withLock({ $0 }) else {
            throw Problem(.unavailable, code: "store.closed", "The database is not open.")
        }
        return connections
    }
}

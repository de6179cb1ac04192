import Kernel
import Store
import Synchronization

/// PostgreSQL behind the store: several server processes may share it. Row security is the second net below the store's own
/// scopes.
public final class PostgreSQLDriver: DatabaseDriver {
    /// The writes of one organisation that are in line.
    private struct Line {
        var waiting: [WaitingWrite] = []
    }

    private let address: PostgreSQLAddress
    private let owner: PostgreSQLAddress?
    private let commitPatience: Duration
    private let readers: PostgreSQLPool
    private let writers: PostgreSQLPool
    private let lines = Mutex<[Identifier<Organisation>: Line]>([:])
    private let version: String

    /// Connects to the database at `address`.
    ///
    /// - Parameters:
    ///   - address: As the role that serves: it owns nothing and cannot bypass row security.
    ///   - owner: As the role that owns the tables, for bringing the schema up to date; not kept open.
    ///   - connections: How many for reading, and as many again for writing, 1…100. Sixteen were fastest on two cores: commits of
    ///     several organisations then share the server's syncs.
    ///   - commitPatience: How long a commit is waited for before the connection is given up and its outcome is unknown: a
    ///     server whose synchronous standby is gone would never answer.
    /// - Throws: `Problem` `store.unreachable`, `store.old-database` or `store.not-durable`.
    public init(
        _ address: PostgreSQLAddress, owner: PostgreSQLAddress? = nil, connections: Int = 16,
        commitPatience: Duration = .seconds(30)
    ) async throws {
        self.address = address
        self.owner = owner
        self.commitPatience = commitPatience
        let count = min(max(1, connections), 100)
        readers = PostgreSQLPool(to: address, connections: count, label: "vouchsafe reader")
        writers = PostgreSQLPool(to: address, connections: count, label: "vouchsafe writer")
        version = try await readers.run { $0.version }
    }

    /// PostgreSQL with the server's version: `PostgreSQL 15.18`.
    public var product: String { "PostgreSQL \(version.prefix { $0 != " " })" }

    /// Brings the schema up to date as the owner, if anything is due, and makes sure that row security holds.
    public func migrate(
        _ migrations: [Migration], _ body: @escaping @Sendable (any SQLSession) throws -> Void
    ) async throws {
        try await writers.run { [address, owner] connection in
            let role = try PostgreSQLSchema.role(of: connection)
            if try PostgreSQLSchema.due(migrations, in: connection).isEmpty {
                try Self.transaction(.installation, on: connection) { try body(connection) }
            } else {
                guard let owner else {
                    throw Problem(
                        .unavailable, code: "store.needs-owner",
                        "The tables of this version are not there yet, and the role \(role) may not make them.",
                        hint:
                            "Run `vouchsafe database prepare --database URL --database-owner URL` once, as the owner of the tables."
                    )
                }
                let owning = try PostgreSQLConnection(to: owner)
                try Self.transaction(.installation, on: owning) {
                    try PostgreSQLSchema.migrate(owning, to: migrations, for: role)
                    try body(owning)
                }
            }
            try RowSecurity.check(connection, tables: migrations.flatMap(\.tables), at: address)
        }
    }

    private static func transaction(
        _ organisation: Identifier<Organisation>, on connection: PostgreSQLConnection, _ body: () throws -> Void
    ) throws {
        let transaction = PostgreSQLTransaction(connection: connection, organisation: organisation)
        do {
            try transaction.begin()
            try body()
            try transaction.commit()
        } catch {
            transaction.rollBack()
            throw error
        }
    }

    // MARK: - Serving

    /// Runs `body` in a read-only snapshot in which only the rows of `organisation` can be seen.
    public func read<T: Sendable>(
        organisation: Identifier<Organisation>, _ body: @escaping @Sendable (any SQLSession) throws -> T
    ) async throws -> T {
        try await readers.run { try Self.reading(organisation, on: $0, body) }
    }

    /// Runs `body` in a read-only snapshot that may last: without the limits on statements and on pauses between them.
    public func snapshot<T: Sendable>(_ body: @escaping @Sendable (any SQLSession) throws -> T) async throws -> T {
        try await readers.run { connection in
            try Self.reading(.installation, on: connection) { session in
                try session.send("SET LOCAL statement_timeout = 0", [])
                try session.send("SET LOCAL idle_in_transaction_session_timeout = 0", [])
                return try body(session)
            }
        }
    }

    private static func reading<T>(
        _ organisation: Identifier<Organisation>, on connection: PostgreSQLConnection,
        _ body: (any SQLSession) throws -> T
    ) throws -> T {
        do {
            try connection.send("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY", [])
            try RowSecurity.enter(organisation, on: connection)
            let value = try body(connection)
            try connection.send("COMMIT", [])
            try connection.settle()
            return value
        } catch {
            connection.rollBack()
            throw error
        }
    }

    /// Does `write` in a commit that the waiting writes of its organisation share; other organisations commit beside it.
    public func write(_ write: WaitingWrite) {
        let organisation = write.organisation
        enum Next { case wait, start, refuse }
        let next = lines.withLock { lines -> Next in
            let isRunning = lines[organisation] != nil
            guard lines[organisation, default: Line()].waiting.count < GroupCommit.mostWaiting else { return .refuse }
            lines[organisation, default: Line()].waiting.append(write)
            return isRunning ? .wait : .start
        }
        switch next {
        case .wait: break
        case .start: start(organisation)
        case .refuse: write.fail(GroupCommit.isFull)
        }
    }

    private func start(_ organisation: Identifier<Organisation>) {
        writers.submit(
            PostgreSQLPool.Work(
                run: { [self] connection in
                    let group = take(GroupCommit.largest, of: organisation)
                    GroupCommit.run(
                        group,
                        in: PostgreSQLTransaction(
                            connection: connection, organisation: organisation, patience: commitPatience))
                    // Behind the others that wait, so that a busy organisation does not keep a connection for itself.
                    if hasMore(organisation) { start(organisation) }
                },
                fail: { [self] error in
                    for write in take(.max, of: organisation) { write.fail(error) }
                    if hasMore(organisation) { start(organisation) }
                }))
    }

    private func take(_ most: Int, of organisation: Identifier<Organisation>) -> [WaitingWrite] {
        lines.withLock { lines in
            let group = Array(lines[organisation]?.waiting.prefix(most) ?? [])
            lines[organisation]?.waiting.removeFirst(group.count)
            return group
        }
    }

    /// Whether writes arrived meanwhile; if not, the next one starts the line anew.
    private func hasMore(_ organisation: Identifier<Organisation>) -> Bool {
        lines.withLock { lines in
            guard lines[organisation]?.waiting.isEmpty == false else {
                lines[organisation] = nil
                return false
            }
            return true
        }
    }

    /// Nothing that a role without ownership can do: PostgreSQL's own vacuum reclaims deleted rows, soon and by itself.
    public func scrub() async throws {}

    /// Asks for indexes that are not valid. Pages are checked by the server itself wherever its data checksums are on.
    public func integrityProblems() async throws -> [String] {
        try await readers.run { connection in try PostgreSQLIntegrity.problems(connection) }
    }

    /// Closes all connections.
    public func close() async throws {
        await writers.close()
        await readers.close()
    }

    /// Runs `body` on a writing connection, outside a transaction. For tests: it shows what the connection really is set to.
    func onWriter<T: Sendable>(_ body: @escaping @Sendable (any SQLSession) throws -> T) async throws -> T {
        try await writers.run { try body($0) }
    }
}

/// One transaction of one organisation.
private struct PostgreSQLTransaction: GroupTransaction {
    let connection: PostgreSQLConnection
    let organisation: Identifier<Organisation>
    var patience: Duration?

    var session: any SQLSession { connection }

    func begin() throws {
        try connection.send("BEGIN", [])
        try RowSecurity.enter(organisation, on: connection)
    }

    func commit() throws { try connection.commit(within: patience) }
    func rollBack() { connection.rollBack() }

    var isOpen: Bool {
        // What was sent must be answered first. That one of it failed is known already; the state afterwards is what counts.
        try? connection.settle()
        return connection.isInTransaction
    }
}

import Kernel
import Ledger

/// The data of one organisation, for one principal: the only handle through which anything is read or written.
public struct ScopedDatabase: Sendable {
    let database: Database
    /// Whose data this is.
    public let organisation: Identifier<Organisation>
    /// On whose behalf.
    public let principal: Principal

    /// Reads from one consistent snapshot.
    public func read<T: Sendable>(_ body: @escaping @Sendable (ReadView) throws -> T) async throws -> T {
        try principal.demandDeclared(organisation)
        return try await database.opening(organisation) { [database, organisation, principal] keyring in
            try await database.driver.read(organisation: organisation) { session in
                let seal = database.seal(of: organisation, keyring: keyring, in: session)
                return try body(
                    ReadView(session: session, seal: seal, organisation: organisation, principal: principal))
            }
        }
    }

    /// Writes facts and the ledger entry that tells of them, in one durable transaction.
    ///
    /// - Parameters:
    ///   - action: What is done, as lower-case words with a point: `policy.imported`.
    ///   - subject: What it is done to, pseudonymous: `policy:<id>`, or nothing in particular.
    ///   - body: Runs on the connection's thread. An error undoes everything, the entry included.
    @discardableResult
    public func change<T: Sendable>(
        _ action: String, on subject: String? = nil, _ body: @escaping @Sendable (Change) throws -> T
    ) async throws -> T {
        guard principal != .anyone else { throw Self.notPublic }
        try principal.demandDeclared(organisation, action: action)
        guard organisation != .operatorLog else {
            throw Problem(
                .forbidden, code: "store.checkpoints-only", "The operator's log takes checkpoints and nothing else.")
        }
        // Known before anything is locked; the change itself asks again, in its transaction, which key is current.
        _ = try await database.keyring(of: organisation)
        let value = try await database.write(organisation: organisation, appends: true) {
            [database, organisation, principal] write in
            let end = try write.tail.end()
            // Read here, where changes stand in line, so that the times of entries follow their numbers.
            let now = database.clock.now()
            let seal = try database.seal(of: organisation, in: write)
            let view = ReadView(session: write.session, seal: seal, organisation: organisation, principal: principal)
            let change = Change(view: view, session: write.session, entry: Int64(end.size), now: now)
            let value = try body(change)
            let content = change.sealContent()
            let entry = try LedgerEntry(
                organisation: organisation.retyped(), at: now, actor: principal.actor, action: action,
                subject: subject, rows: UInt64(content.rows), content: content.root)
            try write.tail.append(entry)
            return value
        }
        database.announcements.announce(organisation)
        return value
    }

    private static let notPublic = Problem(
        .forbidden, code: "store.not-public", "Nobody may change anything without signing in.")

    /// Runs statements on a disposable table. Unledgered: nothing that is written here is evidence.
    @discardableResult
    public func touch<T: Sendable>(_ body: @escaping @Sendable (Touch) throws -> T) async throws -> T {
        guard principal != .anyone else { throw Self.notPublic }
        try principal.demandDeclared(organisation)
        return try await database.write(organisation: organisation) { [organisation] write in
            try body(Touch(session: write.session, organisation: organisation))
        }
    }
}

/// Access to disposable tables: leases, throttles, the job queue's times.
public struct Touch {
    let session: any SQLSession
    let organisation: Identifier<Organisation>

    /// Runs a statement whose first `?` is the organisation.
    @discardableResult
    public func execute(_ table: TableDefinition, _ sql: String, _ arguments: [SQLValue]) throws -> Int {
        try StatementRule.check(sql, on: table)
        return try session.execute(sql, [.blob(organisation.bytes)] + arguments)
    }

    /// Runs a query whose first `?` is the organisation.
    public func rows(
        _ table: TableDefinition, _ sql: String, _ arguments: [SQLValue], _ each: (any SQLRow) throws -> Void
    ) throws {
        try StatementRule.check(sql, on: table)
        try session.rows(sql, [.blob(organisation.bytes)] + arguments, each)
    }
}

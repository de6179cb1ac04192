import Kernel

/// One database behind the store. SQLite is one, PostgreSQL the other; nothing else of either is visible above this line.
public protocol DatabaseDriver: Sendable {
    /// What a person should call it: `SQLite 3.40.1`.
    var product: String { get }

    /// Whether an installation can be moved out of this database while others have it open; each of their writes then looks
    /// whether that has happened.
    var canBeLeft: Bool { get }

    /// Brings the schema up to date, in one transaction with `body`: if that throws, nothing has changed.
    ///
    /// - Parameter body: What must hold or be done before the new schema counts, such as that the key fits. It runs in the
    ///   scope of the installation.
    /// - Throws: `Problem` `store.newer-schema` if the database has seen a migration that this program does not know.
    func migrate(_ migrations: [Migration], _ body: @escaping @Sendable (any SQLSession) throws -> Void) async throws

    /// Runs `body` in a read-only snapshot of one organisation's rows, on the connection's own thread.
    func read<T: Sendable>(
        organisation: Identifier<Organisation>, _ body: @escaping @Sendable (any SQLSession) throws -> T
    ) async throws -> T

    /// Runs `body` in one read-only snapshot, first in the scope of the installation, for as long as it takes.
    ///
    /// For what goes through everything, such as a backup: ``SQLSession/enter(_:)`` leads from organisation to organisation.
    /// `body` may wait for a disk or a network; the database holds back nobody meanwhile.
    func snapshot<T: Sendable>(_ body: @escaping @Sendable (any SQLSession) throws -> T) async throws -> T

    /// Does `write` in a transaction that is durable before its caller learns of it.
    ///
    /// Writes that arrive together share one commit, by ``GroupCommit``; those of one organisation run one after the other.
    func write(_ write: WaitingWrite)

    /// Overwrites what deleted rows have left in the database's own files, as far as this role can.
    ///
    /// - Throws: `Problem` `store.scrub-later` (unavailable) while a reader still needs what is to go; it is remembered in the
    ///   database, and ``scrubIfDue()`` goes on with it.
    func scrub() async throws

    /// Goes on with a ``scrub()`` that met a reader, by whichever process it was begun.
    ///
    /// - Throws: As ``scrub()``.
    func scrubIfDue() async throws

    /// Tells everything that is stored to be read and checked by the database itself.
    ///
    /// - Returns: What is unsound; empty if nothing is.
    func integrityProblems() async throws -> [String]

    /// Closes all connections; nothing may be asked of the driver afterwards.
    func close() async throws
}

extension DatabaseDriver {
    /// A database that several servers share is not moved out of.
    public var canBeLeft: Bool { false }

    /// Nothing, where a scrub never waits for a reader.
    public func scrubIfDue() async throws {}

    /// Runs `body` in a transaction that is durable when this returns; an error undoes what `body` did and nothing else.
    ///
    /// - Parameters:
    ///   - organisation: Whose rows it writes.
    ///   - appends: Whether it appends to the organisation's ledger, whose end is then read and locked beforehand.
    func write<T: Sendable>(
        organisation: Identifier<Organisation>, appends: Bool = false,
        _ body: @escaping @Sendable (WriteSession) throws -> T
    ) async throws -> T {
        try await withCheckedThrowingContinuation { continuation in
            write(
                WaitingWrite(
                    organisation: organisation, appends: appends,
                    run: { session in
                        let value = try body(session)
                        return { continuation.resume(returning: value) }
                    },
                    fail: { continuation.resume(throwing: $0) }))
        }
    }
}

import Kernel

/// One database behind the store. SQLite is one, PostgreSQL the other; nothing else of either is visible above this line.
public protocol DatabaseDriver: Sendable {
    /// What a person should call it: `SQLite 3.40.1`.
    var product: String { get }

    /// Brings the schema up to date, in one transaction with `body`: if that throws, nothing has changed.
    ///
    /// - Parameter body: What must hold or be done before the new schema counts, such as that the key fits.
    /// - Throws: `Problem` `store.newer-schema` if the database has seen a migration that this program does not know.
    func migrate(_ migrations: [Migration], _ body: @escaping @Sendable (any SQLSession) throws -> Void) async throws

    /// Runs `body` in a read-only snapshot, on the connection's own thread.
    func read<T: Sendable>(_ body: @escaping @Sendable (any SQLSession) throws -> T) async throws -> T

    /// Runs `body` in a transaction that is durable when this returns; an error undoes what `body` did and nothing else.
    ///
    /// Writes that arrive together share one commit, each in its own savepoint.
    ///
    /// - Parameter organisation: Whose rows it writes; writes of one organisation run one after the other.
    func write<T: Sendable>(
        organisation: Identifier<Organisation>, _ body: @escaping @Sendable (any SQLSession) throws -> T
    ) async throws -> T

    /// Tells everything that is stored to be read and checked by the database itself.
    ///
    /// - Returns: What is unsound; empty if nothing is.
    func integrityProblems() async throws -> [String]

    /// Closes all connections; nothing may be asked of the driver afterwards.
    func close() async throws
}

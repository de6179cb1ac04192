import Commitments
import Kernel
import Store

extension Rooms {
    /// Publishes what changed for one organisation and signs the ledger up to its end.
    ///
    /// Safe to repeat: it compares what holds with what was stated, and does nothing where they agree.
    ///
    /// - Parameter lease: Where several servers share the database, the right to sign.
    /// - Returns: The next moment at which time alone will change a verdict or make a statement due again.
    @discardableResult
    public func publishChanges(
        for organisation: Identifier<Organisation>, under lease: Lease? = nil
    ) async throws -> Instant {
        let principal = Principal.job(.publish)
        try await publications.publish(for: organisation, as: principal)
        try await database.ledger(of: organisation).publishCheckpoint(under: lease)
        let holdsUntil = try await verdicts.board(of: organisation, as: principal).holdsUntil
        let due = try await publications.publication(of: organisation)?.dueAgain ?? .distantFuture
        return min(holdsUntil, due)
    }
}

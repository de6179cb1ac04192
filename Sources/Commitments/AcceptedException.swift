import Kernel
import Store

/// A decision to live with a verdict for a while: who asked, who agreed, why, until when. It changes no verdict.
public struct AcceptedException: Record, Codable, Hashable {
    /// Its identifier, unique within the organisation.
    public let id: Identifier<AcceptedException>
    /// The commitment whose verdict is accepted.
    public let commitment: Identifier<Commitment>
    /// Why it was accepted; free text that may name hosts and people.
    public let reason: String
    /// The pseudonymous actor who asked, as the ledger names it.
    public let requestedBy: String
    /// The pseudonymous actor who approved, as the ledger names it; `nil` while it waits.
    public let approvedBy: String?
    /// When it was asked for.
    public let requestedAt: Instant
    /// When it was approved; `nil` while it waits. It stands from here on.
    public let approvedAt: Instant?
    /// The first moment at which it no longer stands.
    public let until: Instant

    /// Where its rows lie.
    public static let table = RecordTable(
        "accepted_exception",
        indexColumns: [.blob("commitment"), .integer("ends_at"), .integer("approved_at").optional],
        indexes: [TableDefinition.Index("commitment")])

    /// The values of `table.indexColumns`, in that order.
    public var indexColumns: [SQLValue] {
        [
            .blob(commitment.bytes), .integer(until.milliseconds),
            approvedAt.map { .integer($0.milliseconds) } ?? .null,
        ]
    }

    /// Whether it stood at `moment`.
    public func stands(at moment: Instant) -> Bool {
        guard let approvedAt else { return false }
        return approvedAt <= moment && moment < until
    }

    /// The same exception with an approver.
    ///
    /// - Parameter isOnlyPerson: Whether the approver is the one person there is; only then may they approve their own request.
    /// - Throws: `Problem` `exception.approver` if requester and approver are the same though there is someone else.
    func approved(by approver: String, isOnlyPerson: Bool, at moment: Instant) throws -> AcceptedException {
        guard approvedAt == nil else {
            throw Problem(.conflict, code: "exception.approved", "This exception has been approved already.")
        }
        guard approver != requestedBy || isOnlyPerson else {
            throw Problem(
                .forbidden, code: "exception.approver", "Whoever asks for an exception cannot approve it.",
                hint: "Ask another person to approve it.")
        }
        return AcceptedException(
            id: id, commitment: commitment, reason: reason, requestedBy: requestedBy, approvedBy: approver,
            requestedAt: requestedAt, approvedAt: moment, until: until)
    }
}

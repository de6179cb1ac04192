import Kernel
import Store

extension CommitmentDesk {
    /// Asks for an exception from a commitment. It counts once someone approved it.
    ///
    /// - Parameters:
    ///   - reason: Why, in one line of at most 500 characters.
    ///   - until: When it ends; must lie ahead, and at most two years.
    ///   - approve: Approve it at once, which only the one person there is may do for themselves.
    /// - Throws: `Problem` that names the field, or `exception.approver`.
    public func requestException(
        from commitment: Identifier<Commitment>, reason: String, until: Instant, approve: Bool, isOnlyPerson: Bool,
        in organisation: Identifier<Organisation>, as principal: Principal
    ) async throws -> AcceptedException {
        let scope = database.scope(organisation, as: principal)
        return try await scope.change("exception.requested", on: "commitment:\(commitment)") { change in
            _ = try change.view.require(Commitment.self, commitment)
            guard until > change.now, until <= change.now + .days(731) else {
                throw Problem(
                    .invalid, code: "exception.until", "An exception must end in the future, within two years.",
                    hint: "Write the day it ends, such as 2026-12-31.", place: Problem.Place(field: "until"))
            }
            let asked = AcceptedException(
                id: change.newIdentifier(), commitment: commitment, reason: reason, requestedBy: principal.actor,
                approvedBy: nil, requestedAt: change.now, approvedAt: nil, until: until)
            let stored =
                approve ? try asked.approved(by: principal.actor, isOnlyPerson: isOnlyPerson, at: change.now) : asked
            try change.insert(stored)
            return stored
        }
    }

    /// Approves an exception that someone else asked for.
    ///
    /// - Throws: `Problem` `exception.approver` if it is the requester's own and there is another person.
    public func approveException(
        _ id: Identifier<AcceptedException>, isOnlyPerson: Bool, in organisation: Identifier<Organisation>,
        as principal: Principal
    ) async throws -> AcceptedException {
        let scope = database.scope(organisation, as: principal)
        return try await scope.change("exception.approved", on: "exception:\(id)") { change in
            let asked = try change.view.require(AcceptedException.self, id)
            let approved = try asked.record.approved(
                by: principal.actor, isOnlyPerson: isOnlyPerson, at: change.now)
            return try change.update(asked, to: approved).record
        }
    }

    /// All exceptions ever asked for, oldest first.
    public func exceptions(
        in organisation: Identifier<Organisation>, as principal: Principal
    ) async throws -> [AcceptedException] {
        try await database.scope(organisation, as: principal).read { view in
            try view.list(AcceptedException.self, Query(order: "entry, position")).map(\.record)
        }
    }
}

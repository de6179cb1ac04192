import Commitments
import Identity
import Kernel
import Store
import Wire

extension Rooms {
    /// Asks for an exception from a commitment; where there is only one person, it is approved at once.
    ///
    /// - Throws: `Problem` that names the field.
    public func requestException(
        from policy: String, _ commitment: String, reason: String, until: Instant,
        in organisation: Identifier<Organisation>, as principal: Principal
    ) async throws -> AcceptedException {
        let reason = try OneLine.checked(reason, field: "reason", longest: 500)
        let register = try await commitments.register(of: organisation, at: clock.now(), as: principal)
        let isOnlyPerson = try await identity.memberCount(of: organisation, as: principal) < 2
        return try await commitments.requestException(
            from: try register.commitment(policy, commitment).id, reason: reason, until: until, approve: isOnlyPerson,
            isOnlyPerson: isOnlyPerson, in: organisation, as: principal)
    }

    /// Approves an exception that someone else asked for.
    public func approveException(
        _ id: String, in organisation: Identifier<Organisation>, as principal: Principal
    ) async throws -> AcceptedException {
        guard let id = Identifier<AcceptedException>(id) else {
            throw Problem(.notFound, code: "exception.not-found", "There is no such exception here.")
        }
        let isOnlyPerson = try await identity.memberCount(of: organisation, as: principal) < 2
        return try await commitments.approveException(
            id, isOnlyPerson: isOnlyPerson, in: organisation, as: principal)
    }
}

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

/// One exception with the commitment it is from.
public struct ExceptionEntry: Encodable, Sendable {
    /// The commitment whose verdict is accepted.
    public let commitment: CommitmentReference
    /// Who asked and agreed, why, and until when.
    public let exception: ExceptionNotice
    /// `waiting`, `standing` or `ended`.
    public let state: String
}

extension Rooms {
    /// Every exception there ever was, newest first.
    public func exceptionList(
        of organisation: Identifier<Organisation>, as principal: Principal
    ) async throws -> [ExceptionEntry] {
        let board = try await verdicts.board(of: organisation, as: principal)
        let list = try await exceptionNotices(in: organisation, as: principal)
        return list.exceptions.reversed().compactMap { exception in
            let named = zip(board.register.commitments, board.standings).first { $0.0.id == exception.commitment }
            guard let (commitment, standing) = named else { return nil }
            let state =
                exception.until <= board.asOf ? "ended" : exception.stands(at: board.asOf) ? "standing" : "waiting"
            return ExceptionEntry(
                commitment: CommitmentReference(commitment, standing), exception: list.notice(exception), state: state)
        }
    }
}

import Commitments
import Identity
import Kernel
import Packs
import Store
import Verdicts
import Wire

extension Rooms {
    /// How every commitment stands, now or at a moment in the past.
    ///
    /// - Parameter moment: `nil` for now. For another moment, only what had been received by then counts.
    public func status(
        of organisation: Identifier<Organisation>, at moment: Instant? = nil, as principal: Principal
    ) async throws -> StatusReport {
        if let moment {
            let exceptions = try await exceptionNotices(in: organisation, as: principal)
            let standings = try await verdicts.standings(of: organisation, at: moment, as: principal)
            return StatusReport(
                asOf: moment,
                commitments: standings.map { commitment, standing in
                    CommitmentStatus(commitment, standing, exceptions.standing(for: commitment.id, at: moment))
                })
        }
        let board = try await verdicts.board(of: organisation, as: principal)
        let exceptions = try await exceptionNotices(in: organisation, as: principal)
        let published = try await publications.publication(of: organisation)?.items ?? []
        let sinces = Dictionary(published.map { ($0.commitment, ($0.verdict, $0.since)) }) { first, _ in first }
        let standing = Array(zip(board.register.commitments, board.standings))
        // The last statement knows since when, as long as the verdict is still the one it stated.
        let known = standing.map { commitment, standing in
            sinces[commitment.id].flatMap { $0.0 == standing.verdict ? $0.1 : nil }
        }
        let unknown = zip(standing, known).filter { $0.1 == nil }.map { $0.0.0 }
        let histories = try await verdicts.histories(of: unknown, in: organisation, until: board.asOf, as: principal)
        let found = Dictionary(zip(unknown, histories).map { ($0.id, $1.changes.last?.at) }) { first, _ in first }
        return StatusReport(
            asOf: board.asOf,
            commitments: zip(standing, known).map { line, since in
                CommitmentStatus(
                    line.0, line.1.since(since ?? found[line.0.id] ?? nil),
                    exceptions.standing(for: line.0.id, at: board.asOf))
            })
    }

    /// Every exception, as pages show it.
    func exceptionNotices(
        in organisation: Identifier<Organisation>, as principal: Principal
    ) async throws -> ExceptionList {
        let exceptions = try await commitments.exceptions(in: organisation, as: principal)
        let people = exceptions.flatMap { [$0.requestedBy, $0.approvedBy] }
            .compactMap { $0.flatMap { Identifier<Person>(actor: $0) } }
        let names = people.isEmpty ? [:] : try await identity.names(of: people, as: principal)
        return ExceptionList(exceptions: exceptions, names: names)
    }
}

/// Exceptions with the names of those who decided them.
struct ExceptionList {
    let exceptions: [AcceptedException]
    let names: [Identifier<Person>: String]

    /// The exception that stood for a commitment at `moment`.
    func standing(for commitment: Identifier<Commitment>, at moment: Instant) -> ExceptionNotice? {
        exceptions.last { $0.commitment == commitment && $0.stands(at: moment) }.map(notice)
    }

    /// All of a commitment's, newest first; those still waiting for approval included.
    func all(for commitment: Identifier<Commitment>) -> [ExceptionNotice] {
        exceptions.filter { $0.commitment == commitment }.reversed().map(notice)
    }

    func notice(_ exception: AcceptedException) -> ExceptionNotice {
        ExceptionNotice(
            id: exception.id.description, reason: exception.reason, requestedBy: name(exception.requestedBy),
            approvedBy: exception.approvedBy.map(name), grantedAt: exception.approvedAt ?? exception.requestedAt,
            until: exception.until)
    }

    private func name(_ actor: String) -> String {
        Identifier<Person>(actor: actor).flatMap { names[$0] } ?? actor
    }
}

extension CommitmentStatus {
    init(_ commitment: RegisteredCommitment, _ standing: Standing, _ exception: ExceptionNotice?) {
        self.init(
            policy: commitment.policy.id, id: commitment.definition.id, section: commitment.definition.section,
            summary: commitment.definition.summary, owner: commitment.definition.owner, verdict: standing.verdict,
            since: standing.since, observedAt: standing.observedAt, validUntil: standing.validUntil,
            reason: standing.reason, exception: exception)
    }
}

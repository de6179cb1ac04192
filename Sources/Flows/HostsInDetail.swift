import Commitments
import Endpoints
import Identity
import Kernel
import Packs
import Store
import Verdicts
import Wire

extension Rooms {
    /// The enrolled hosts, oldest first, with how many of their checks stand where.
    public func hostList(
        of organisation: Identifier<Organisation>, as principal: Principal
    ) async throws -> [HostSummary] {
        let board = try await verdicts.board(of: organisation, as: principal)
        return try await hosts.hosts(of: organisation, as: principal).map { summary(of: $0, on: board) }
    }

    /// One host with the latest result of every check. Opens evidence, which the ledger records.
    ///
    /// - Throws: `Problem` of kind `notFound`.
    public func host(
        _ id: String, of organisation: Identifier<Organisation>, as principal: Principal
    ) async throws -> HostDetail {
        let all = try await hosts.hosts(of: organisation, as: principal)
        guard let host = all.first(where: { $0.id.description == id }) else {
            throw Problem(.notFound, code: "host.not-found", "There is no such host here.")
        }
        let board = try await verdicts.board(of: organisation, as: principal)
        let checks = catalogue.values.filter { $0.population == .host }.sorted { $0.id < $1.id }
        let sightings = checks.compactMap { board.fold.governing($0.id, on: host.subject) }
        let measurements =
            sightings.isEmpty
            ? [:]
            : try await verdicts.openMeasurements(
                sightings, for: "host:\(host.id)", in: organisation, as: principal)
        return HostDetail(
            host: summary(of: host, on: board),
            checks: checks.map { check in
                let sighting = board.fold.governing(check.id, on: host.subject)
                return SubjectCheck(
                    id: check.id.rawValue, title: check.title,
                    standing: SubjectStanding(
                        host.subject, named: host.name, sighting, sighting.flatMap { measurements[$0.number] },
                        freshness: check.freshness, at: board.asOf),
                    commitments: board.commitments(with: check.id))
            })
    }

    private func summary(of host: Host, on board: Board) -> HostSummary {
        var results: [String: Int] = [:]
        var observedAt: Instant?
        for check in catalogue.values where check.population == .host {
            guard let sighting = board.fold.governing(check.id, on: host.subject) else { continue }
            let isFresh = board.asOf < sighting.expiry(within: check.freshness)
            results[isFresh ? sighting.result.rawValue : "expired", default: 0] += 1
            observedAt = max(observedAt ?? sighting.observedAt, sighting.observedAt)
        }
        return HostSummary(
            id: host.id.description, name: host.name, enrolledAt: host.enrolledAt, observedAt: observedAt,
            results: results)
    }
}

extension Board {
    /// The commitments that a check serves.
    func commitments(with check: CheckID) -> [CommitmentReference] {
        zip(register.commitments, standings).compactMap { commitment, standing in
            guard standing.verdict != .withdrawn, commitment.promise.demands.contains(where: { $0.check == check })
            else { return nil }
            return CommitmentReference(commitment, standing)
        }
    }
}

extension CommitmentReference {
    init(_ commitment: RegisteredCommitment, _ standing: Standing) {
        self.init(
            policy: commitment.policy.id, id: commitment.definition.id, summary: commitment.definition.summary,
            verdict: standing.verdict)
    }
}

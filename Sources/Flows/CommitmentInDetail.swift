import Commitments
import Detection
import Endpoints
import Identity
import Kernel
import Packs
import Scanning
import Store
import Verdicts
import Wire

extension Rooms {
    /// One commitment with all that stands behind its verdict. Opens evidence, which the ledger records.
    ///
    /// - Throws: `Problem` of kind `notFound`.
    public func commitment(
        _ policy: String, _ name: String, of organisation: Identifier<Organisation>, as principal: Principal
    ) async throws -> CommitmentDetail {
        let board = try await verdicts.board(of: organisation, as: principal)
        let commitment = try board.register.commitment(policy, name)
        let history = try await verdicts.history(
            of: commitment, in: organisation, until: board.asOf, as: principal)
        let standing = board.fold.standing(of: commitment.promise).since(history.changes.last?.at)
        let exceptions = try await exceptionNotices(in: organisation, as: principal)
        let names = try await subjectNames(of: organisation, as: principal)
        let checks = try await checks(
            of: commitment, standing, board, names: names, in: organisation, as: principal)
        let version = board.register.policies.first { $0.id == commitment.version }
        let pack = try version.map { try commitments.pack(of: $0) }
        let published = try await publications.publication(of: organisation)?.items
            .first { $0.commitment == commitment.id }
        return CommitmentDetail(
            status: CommitmentStatus(commitment, standing, exceptions.standing(for: commitment.id, at: board.asOf)),
            policyTitle: commitment.policy.title, wording: wording(of: name, in: pack, version?.text),
            defect: defect(of: name, in: pack),
            controls: commitment.definition.controls.map {
                ControlList(framework: $0.framework.title, references: $0.references)
            },
            checks: checks, history: history.wire(names: names),
            shares: [7, 30, 90].compactMap { history.shares(ofLast: $0)?.wire(days: $0) },
            exceptions: exceptions.all(for: commitment.id),
            proof: try await published.asyncMap { item in
                ProofSummary(
                    entry: Int(try await publications.entry(of: item, in: organisation)), verdict: item.verdict,
                    asOf: item.asOf, validUntil: item.validUntil)
            })
    }

    /// The names by which people know subjects, by identifier.
    func subjectNames(
        of organisation: Identifier<Organisation>, as principal: Principal
    ) async throws -> [Identifier<Subject>: String] {
        let hosts = try await hosts.hosts(of: organisation, as: principal).map { ($0.subject.id, $0.name) }
        let sites = try await sites.everySite(of: organisation, as: principal).map { ($0.subject.id, $0.name) }
        let logs = try await logs.everySource(of: organisation, as: principal).map { ($0.subject.id, $0.settings.name) }
        let people = try await peopleNames(of: organisation, as: principal).map {
            (Self.subject(of: $0.key).id, $0.value)
        }
        let installation = (Self.installation(of: organisation).id, "this installation")
        return Dictionary(hosts + sites + logs + people + [installation]) { first, _ in first }
    }

    /// Who belongs to the organisation, or did: verdicts of the past name leavers too.
    func peopleNames(
        of organisation: Identifier<Organisation>, as principal: Principal
    ) async throws -> [Identifier<Person>: String] {
        let present = try await database.scope(organisation, as: principal).read { try IdentityDesk.people(in: $0) }
        let gone = try await identity.departures(of: organisation, as: principal).map(\.person)
        return try await identity.names(of: present + gone, as: principal)
    }

    private func checks(
        of commitment: RegisteredCommitment, _ standing: Standing, _ board: Board, names: [Identifier<Subject>: String],
        in organisation: Identifier<Organisation>, as principal: Principal
    ) async throws -> [CheckDetail] {
        let demands = commitment.promise.demands
        let subjects = demands.map { demand in board.present.filter { $0.kind == demand.population } }
        let sightings = zip(demands, subjects).flatMap { demand, subjects in
            subjects.compactMap { board.fold.governing(demand.check, on: $0) }
        }
        let measurements =
            sightings.isEmpty
            ? [:]
            : try await verdicts.openMeasurements(
                sightings, for: "commitment:\(commitment.id)", in: organisation, as: principal)
        return zip(demands, subjects).enumerated().map { position, pair in
            let (demand, subjects) = pair
            let check = catalogue[demand.check]
            return CheckDetail(
                id: demand.check.rawValue, title: demand.title,
                measures: check?.measures ?? "This installation cannot measure it yet.",
                population: demand.population.plural, threshold: demand.threshold.description,
                freshness: demand.freshness,
                verdict: standing.checks.indices.contains(position)
                    ? standing.checks[position].verdict : standing.verdict,
                missing: demand.missing,
                subjects: subjects.map { subject in
                    let sighting = board.fold.governing(demand.check, on: subject)
                    return SubjectStanding(
                        subject, named: names[subject.id], sighting, sighting.flatMap { measurements[$0.number] },
                        freshness: demand.freshness, at: board.asOf)
                })
        }
    }

    private func wording(of name: String, in pack: Pack?, _ text: [UInt8]?) -> [String] {
        guard let pack, let text else { return [] }
        return pack.spans.filter { $0.commitments.contains(name) && $0.start < $0.end && $0.end <= text.count }
            .map { String(decoding: text[$0.start..<$0.end], as: UTF8.self) }
    }

    private func defect(of name: String, in pack: Pack?) -> String? {
        guard let pack else { return nil }
        let spans = pack.spans.filter { $0.commitments.contains(name) }
        let defects = pack.defects.filter { defect in spans.contains { $0.start < defect.end && defect.start < $0.end }
        }
        return defects.isEmpty ? nil : defects.map(\.finding).joined(separator: " ")
    }
}

extension SubjectStanding {
    init(
        _ subject: Subject, named name: String?, _ sighting: Sighting?, _ measurement: Measurement?, freshness: Period,
        at moment: Instant
    ) {
        let expiresAt = sighting?.expiry(within: freshness)
        self.init(
            subject: subject.id.description, name: name ?? subject.id.description, kind: subject.kind.rawValue,
            result: sighting?.result, isFresh: expiresAt.map { moment < $0 } ?? false, value: measurement?.value,
            observedAt: sighting?.observedAt, expiresAt: expiresAt, evidence: measurement?.evidence ?? [],
            fix: measurement?.fix)
    }
}

extension VerdictHistory {
    /// As pages show it: newest first, at most a hundred.
    fileprivate func wire(names: [Identifier<Subject>: String]) -> [Wire.VerdictChange] {
        changes.suffix(100).reversed().map { change in
            Wire.VerdictChange(
                at: change.at, verdict: change.verdict, reason: change.reason, check: change.cause.check?.rawValue,
                subject: change.cause.subject.map { names[$0] ?? $0.description })
        }
    }
}

extension Shares {
    fileprivate func wire(days: Int) -> ShareOfTime {
        ShareOfTime(days: days, kept: kept, broken: broken, stale: stale, unproven: unproven)
    }
}

extension Optional where Wrapped: Sendable {
    fileprivate func asyncMap<T>(_ transform: (Wrapped) async throws -> T) async rethrows -> T? {
        guard let self else { return nil }
        return try await transform(self)
    }
}

import Identity
import Kernel
import Store
import Wire

extension Rooms {
    /// Begins the reviews that are due, in every organisation.
    public func startDueReviews(in organisation: Identifier<Organisation>) async throws {
        let principal = Principal.job(.accessReviews)
        let tenant = try await identity.tenant(organisation, as: principal)
        _ = try await identity.startReviewIfDue(in: tenant, as: principal)
    }

    /// Whether everyone's access was reviewed within the organisation's own period.
    public func judgeAccessReview(of organisation: Identifier<Organisation>) async -> Measurement {
        let fix = "Complete the review at /reviews, or with `vouchsafe people review`."
        do {
            let principal = Principal.job(.checks)
            let days = try await identity.reviewRhythm(of: organisation, as: principal)
            let completed = try await identity.reviews(of: organisation, as: principal).compactMap(\.completedAt).max()
            guard let completed else {
                return Measurement(.fail, value: "no access review was completed yet", fix: fix)
            }
            let age = max(0, (clock.now() - completed).milliseconds / 86_400_000)
            let value = "the newest access review was completed \(age) days ago; one is due every \(days)"
            let evidence = [Evidence(source: "the list of access reviews", content: "the newest is of \(completed)")]
            return completed + .days(days) >= clock.now()
                ? Measurement(.pass, value: value, evidence: evidence)
                : Measurement(.fail, value: value, evidence: evidence, fix: fix)
        } catch {
            return Self.unreadable("access reviews", error)
        }
    }

    /// Whether something has remained too long with people who left.
    public func judgeDepartures(of organisation: Identifier<Organisation>) async -> Measurement {
        do {
            let departures = try await identity.departures(of: organisation, as: .job(.checks))
            let limit = PeopleChecks.departureDays
            let open = departures.filter { $0.openCount > 0 }
            let late = open.filter { $0.endedAt + .days(limit) < clock.now() }
            let evidence = [
                Evidence(
                    source: "the list of departures",
                    content: "\(departures.count) departures, \(open.count) of them with something to take back")
            ]
            guard late.isEmpty else {
                return Measurement(
                    .fail,
                    value:
                        "after more than \(limit) days something remains of \(late.count) of \(departures.count) departures",
                    evidence: evidence, fix: "Take it back and tick it off at /departures.")
            }
            return Measurement(
                .pass, value: "nothing remains of a departure for more than \(limit) days", evidence: evidence)
        } catch {
            return Self.unreadable("departures", error)
        }
    }

    private static func unreadable(_ what: String, _ error: any Error) -> Measurement {
        Measurement(
            .error, value: "The list of \(what) could not be read.",
            evidence: [Evidence(source: "the list of \(what)", content: "\(error)")],
            fix: "Run `vouchsafe ledger verify` and follow what it says.")
    }

    // MARK: - Reviews as people see them

    /// All reviews, newest first.
    public func reviewList(
        of organisation: Identifier<Organisation>, as principal: Principal
    ) async throws -> ReviewList {
        ReviewList(
            days: try await identity.reviewRhythm(of: organisation, as: principal),
            reviews: try await entries(
                of: try await identity.reviews(of: organisation, as: principal), in: organisation, as: principal))
    }

    /// One review.
    ///
    /// - Throws: `Problem` of kind `notFound`.
    public func review(
        _ id: String, of organisation: Identifier<Organisation>, as principal: Principal
    ) async throws -> ReviewEntry {
        let reviews = try await identity.reviews(of: organisation, as: principal)
        guard let review = reviews.first(where: { $0.id.description == id }) else { throw Self.noReview }
        return try await entries(of: [review], in: organisation, as: principal)[0]
    }

    /// Begins a review now.
    public func startReview(by caller: Caller) async throws -> ReviewEntry {
        let review = try await identity.startReview(by: caller)
        return try await entries(of: [review], in: caller.tenant.id, as: caller.principal)[0]
    }

    /// Decides on one person; `remove` ends their access at once.
    public func decide(
        _ decision: String, on person: String, inReview id: String, by caller: Caller
    ) async throws -> ReviewEntry {
        guard let decided = AccessReview.Decision(rawValue: decision) else {
            throw Problem(
                .invalid, code: "review.decision", "The decision is `keep` or `remove`.",
                place: Problem.Place(field: "decision"))
        }
        let subject = try personIdentifier(person)
        let remaining = decided == .remove ? try await whatStandsInTheName(of: subject, for: caller) : []
        let review = try await identity.decide(
            decided, on: subject, in: try reviewIdentifier(id), remaining: remaining, by: caller)
        if decided == .remove {
            try await tokens.endTokens(of: subject, in: caller.tenant.id, as: caller.principal)
            try await uncount(subject, for: caller)
        }
        return try await entries(of: [review], in: caller.tenant.id, as: caller.principal)[0]
    }

    /// Completes a review.
    public func completeReview(_ id: String, by caller: Caller) async throws -> ReviewEntry {
        let review = try await identity.complete(try reviewIdentifier(id), by: caller)
        return try await entries(of: [review], in: caller.tenant.id, as: caller.principal)[0]
    }

    private func entries(
        of reviews: [AccessReview], in organisation: Identifier<Organisation>, as principal: Principal
    ) async throws -> [ReviewEntry] {
        let members = try await identity.members(of: organisation, as: principal)
        let present = Dictionary(members.map { ($0.account.id, $0) }) { first, _ in first }
        let known = reviews.flatMap { review -> [String?] in
            [review.startedBy, review.completedBy]
                + review.lines.flatMap { line -> [String?] in [line.decidedBy, Principal.person(line.person).actor] }
        }
        let names = try await actors(known, as: principal)
        return reviews.map { review in
            ReviewEntry(
                id: review.id.description, startedAt: review.startedAt, startedBy: names.name(of: review.startedBy),
                dueAt: review.dueAt, completedAt: review.completedAt,
                completedBy: review.completedBy.map { names.name(of: $0) },
                lines: review.lines.map { line in
                    ReviewEntry.Line(
                        person: line.person.description, name: names.name(of: line.person), role: line.role,
                        isPresent: present[line.person] != nil, lastUsedAt: present[line.person]?.lastUsedAt,
                        decision: line.decision?.rawValue, decidedBy: line.decidedBy.map { names.name(of: $0) },
                        decidedAt: line.decidedAt)
                }.sorted { ($0.name, $0.person) < ($1.name, $1.person) })
        }
    }

    private func reviewIdentifier(_ id: String) throws -> Identifier<AccessReview> {
        guard let review = Identifier<AccessReview>(id) else { throw Self.noReview }
        return review
    }

    private static let noReview = Problem(
        .notFound, code: "review.not-found", "There is no such review here.", hint: "The list of reviews shows them.")
}

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
        let decided = try Self.decision(decision)
        let subject = try personIdentifier(person)
        let known = decided == .remove ? try await whatStandsInTheName(of: subject, for: caller) : []
        let review = try await identity.decide(
            decided, on: subject, in: try reviewIdentifier(id), known: known, by: caller)
        if decided == .remove { try await endWhatActs(for: subject, by: caller) }
        return try await entries(of: [review], in: caller.tenant.id, as: caller.principal)[0]
    }

    /// Decides on one service account, by its identifier or name; `remove` ends it and its tokens at once.
    public func decide(
        _ decision: String, onServiceAccount account: String, inReview id: String, by caller: Caller
    ) async throws -> ReviewEntry {
        let decided = try Self.decision(decision)
        let subject = try await tokens.serviceAccount(account, of: caller.tenant.id, as: caller.principal).id
        let review = try await identity.decide(decided, on: subject, in: try reviewIdentifier(id), by: caller)
        if decided == .remove {
            try await tokens.endTokens(of: subject, in: caller.tenant.id, as: caller.principal)
        }
        return try await entries(of: [review], in: caller.tenant.id, as: caller.principal)[0]
    }

    private static func decision(_ name: String) throws -> AccessReview.Decision {
        guard let decision = AccessReview.Decision(rawValue: name) else {
            throw Problem(
                .invalid, code: "review.decision", "The decision is `keep` or `remove`.",
                place: Problem.Place(field: "decision"))
        }
        return decision
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
        let accounts = try await serviceAccountList(of: organisation, as: principal)
        let known = reviews.flatMap { review -> [String?] in
            [review.startedBy, review.completedBy] + review.serviceAccounts.map(\.decidedBy)
                + review.lines.flatMap { line -> [String?] in [line.decidedBy, Principal.person(line.person).actor] }
        }
        let names = try await actors(known, as: principal)
        return reviews.map { review in
            ReviewEntry(
                id: review.id.description, startedAt: review.startedAt, startedBy: names.name(of: review.startedBy),
                dueAt: review.dueAt, completedAt: review.completedAt,
                completedBy: review.completedBy.map { names.name(of: $0) },
                lines: Self.lines(of: review, members, names).sorted { ($0.name, $0.person) < ($1.name, $1.person) },
                serviceAccounts: Self.lines(of: review, accounts, names).sorted {
                    ($0.name, $0.account) < ($1.name, $1.account)
                })
        }
    }

    /// While a review is open, whoever joined since it began stands in it too, and what was decided on an access that has
    /// changed since is open again.
    private static func lines(
        of review: AccessReview, _ members: [Member], _ names: ActorNames
    ) -> [ReviewEntry.Line] {
        let present = Dictionary(members.map { ($0.account.id, $0) }) { first, _ in first }
        let isOpen = review.completedAt == nil
        let known = review.lines.map { line in
            let member = present[line.person]
            let isVoid = isOpen && member.map { !review.isDecided(on: $0.membership) } ?? false
            let standing = isVoid ? nil : line
            return ReviewEntry.Line(
                person: line.person.description, name: names.name(of: line.person),
                role: isVoid ? member?.role?.title ?? line.role : line.role, isPresent: member != nil,
                lastUsedAt: member?.lastUsedAt, decision: standing?.decision?.rawValue,
                decidedBy: standing?.decidedBy.map { names.name(of: $0) }, decidedAt: standing?.decidedAt)
        }
        guard isOpen else { return known }
        let decided = Set(review.lines.map(\.person))
        return known
            + members.filter { !decided.contains($0.account.id) }.map { member in
                ReviewEntry.Line(
                    person: member.account.id.description, name: member.account.name,
                    role: member.role?.title ?? member.membership.role, isPresent: true, lastUsedAt: member.lastUsedAt,
                    decision: nil, decidedBy: nil, decidedAt: nil)
            }
    }

    private static func lines(
        of review: AccessReview, _ accounts: [ServiceAccountSummary], _ names: ActorNames
    ) -> [ReviewEntry.ServiceAccountLine] {
        let present = Dictionary(accounts.map { ($0.id, $0) }) { first, _ in first }
        let known = review.serviceAccounts.map { line in
            ReviewEntry.ServiceAccountLine(
                account: line.account.description, name: line.name, present: present[line.account.description],
                decision: line.decision?.rawValue, decidedBy: line.decidedBy.map { names.name(of: $0) },
                decidedAt: line.decidedAt)
        }
        guard review.completedAt == nil else { return known }
        let decided = Set(review.serviceAccounts.map(\.account.description))
        return known
            + accounts.filter { !decided.contains($0.id) }.map {
                ReviewEntry.ServiceAccountLine(
                    account: $0.id, name: $0.name, present: $0, decision: nil, decidedBy: nil, decidedAt: nil)
            }
    }

    private func reviewIdentifier(_ id: String) throws -> Identifier<AccessReview> {
        guard let review = Identifier<AccessReview>(id) else { throw Self.noReview }
        return review
    }

    private static let noReview = Problem(
        .notFound, code: "review.not-found", "There is no such review here.", hint: "The list of reviews shows them.")
}

import Kernel
import Store

extension IdentityDesk {
    /// All reviews, newest first.
    public func reviews(
        of organisation: Identifier<Organisation>, as principal: Principal
    ) async throws -> [AccessReview] {
        try await database.scope(organisation, as: principal).read { view in
            try view.list(AccessReview.self, Query(order: "started_at DESC")).map(\.record)
        }
    }

    /// How many days may lie between two completed reviews.
    public func reviewRhythm(of organisation: Identifier<Organisation>, as principal: Principal) async throws -> Int {
        try await database.scope(organisation, as: principal).read { try Self.rhythm(in: $0) }
    }

    private static func rhythm(in view: ReadView) throws -> Int {
        try view.find(ReviewRhythm.self, view.organisation.retyped())?.record.days ?? ReviewRhythm.standard
    }

    /// Sets how many days may lie between two completed reviews.
    public func setReviewRhythm(days: Int, by caller: Caller) async throws {
        guard ReviewRhythm.range.contains(days) else {
            throw Problem(
                .invalid, code: "review.rhythm",
                "Between two reviews lie \(ReviewRhythm.range.lowerBound) to \(ReviewRhythm.range.upperBound) days.",
                hint: "92 is a quarter.", place: Problem.Place(field: "days"))
        }
        let scope = database.scope(caller.tenant.id, as: caller.principal)
        try await scope.change("access-review.rhythm-set", on: "organisation:\(caller.tenant.id)") { change in
            try Authority(of: caller, in: change.view).demand(.reviewAccess)
            let id = change.organisation.retyped(as: ReviewRhythm.self)
            if let stored = try change.view.find(ReviewRhythm.self, id) {
                try change.update(stored, to: ReviewRhythm(id: id, days: days))
            } else {
                try change.insert(ReviewRhythm(id: id, days: days))
            }
        }
    }

    // MARK: - Beginning

    /// Begins a review of everyone's access now.
    ///
    /// - Throws: `Problem` of kind `conflict` while one is open.
    public func startReview(by caller: Caller) async throws -> AccessReview {
        let scope = database.scope(caller.tenant.id, as: caller.principal)
        return try await scope.change("access-review.started", on: "organisation:\(caller.tenant.id)") { change in
            try Authority(of: caller, in: change.view).demand(.reviewAccess)
            guard try Self.openReview(in: change.view) == nil else {
                throw Problem(
                    .conflict, code: "review.open", "A review is under way already.", hint: "Complete it first.")
            }
            return try Self.start(in: change)
        }
    }

    /// Begins the review that is due, if one is.
    ///
    /// - Returns: Whether one was begun.
    public func startReviewIfDue(in tenant: Tenant, as principal: Principal) async throws -> Bool {
        let scope = database.scope(tenant.id, as: principal)
        let now = clock.now()
        guard try await scope.read({ try Self.isDue(tenant, in: $0, at: now) }) else { return false }
        do {
            try await scope.change("access-review.started", on: "organisation:\(tenant.id)") { change in
                guard try Self.isDue(tenant, in: change.view, at: change.now) else { throw NotDue() }
                _ = try Self.start(in: change)
            }
            return true
        } catch is NotDue {
            // Another node was faster.
            return false
        }
    }

    private struct NotDue: Error {}

    private static func isDue(_ tenant: Tenant, in view: ReadView, at now: Instant) throws -> Bool {
        guard try openReview(in: view) == nil, try view.count(Membership.self) > 0 else { return false }
        let newest = try view.list(
            AccessReview.self, Query("completed_at IS NOT NULL", order: "completed_at DESC", limit: 1))
        let last = newest.first?.record.completedAt ?? tenant.createdAt
        return last + .days(try rhythm(in: view) - ReviewRhythm.notice) <= now
    }

    /// Takes back what the open review decided about those who have a role: they may more than was decided on.
    static func reopenDecisions(onHoldersOf role: String, in change: Change) throws {
        guard let review = try openReview(in: change.view) else { return }
        let holders = try change.view.list(Membership.self).map(\.record).filter { $0.role == role }.map(\.person)
        var reopened = review.record
        reopened.reopen(for: Set(holders))
        if reopened != review.record { try change.update(review, to: reopened) }
    }

    private static func openReview(in view: ReadView) throws -> Stored<AccessReview>? {
        try view.list(AccessReview.self, Query("completed_at IS NULL", limit: 1)).first
    }

    private static func start(in change: Change) throws -> AccessReview {
        let lines = try change.view.list(Membership.self).map { stored in
            AccessReview.Line(person: stored.record.person, role: try title(of: stored.record, in: change.view))
        }
        let accounts = try change.view.list(ServiceAccount.self, Query(order: "id")).map { stored in
            AccessReview.ServiceAccountLine(account: stored.record.id, name: stored.record.name)
        }
        return try change.insert(
            AccessReview(
                id: change.newIdentifier(), startedAt: change.now, dueAt: change.now + .days(ReviewRhythm.notice),
                startedBy: change.view.principal.actor, lines: lines, serviceAccounts: accounts)
        ).record
    }

    private static func title(of membership: Membership, in view: ReadView) throws -> String {
        try role(membership.role, in: view)?.title ?? membership.role
    }

    // MARK: - Deciding

    /// Says whether a person keeps their access; removing ends it at once, in the same change.
    ///
    /// - Parameter known: What the server knows to remain with whoever is removed.
    /// - Throws: `Problem` `review.own-access` where somebody else could decide.
    public func decide(
        _ decision: AccessReview.Decision, on person: Identifier<Person>, in review: Identifier<AccessReview>,
        known: [String] = [], by caller: Caller
    ) async throws -> AccessReview {
        let leaver = try await leaver(person, as: caller.principal)
        let scope = database.scope(caller.tenant.id, as: caller.principal)
        let action = decision == .keep ? "access.kept" : "access.removed"
        let decided = try await scope.change(action, on: "person:\(person)") { change in
            let authority = try Authority(of: caller, in: change.view)
            try authority.demand(.reviewAccess)
            let stored = try Self.open(review, in: change.view)
            guard let membership = try Self.membership(of: person, in: change.view)?.record else { throw Self.noMember }
            try Self.demandSomeoneElse(than: person, by: caller, in: change.view)
            var changed = stored.record
            changed.decide(
                decision, on: person, role: try Self.title(of: membership, in: change.view),
                by: caller.principal.actor, at: change.now)
            if decision == .remove { _ = try Self.end(leaver, remaining: known, by: caller, authority, in: change) }
            return try change.update(stored, to: changed).record
        }
        if decision == .remove { try await endUse(of: person, in: caller.tenant.id, as: caller.principal) }
        return decided
    }

    /// Says whether a service account keeps its access; removing deletes it in the same change, and without it none of its tokens
    /// permits anything.
    public func decide(
        _ decision: AccessReview.Decision, on account: Identifier<ServiceAccount>, in review: Identifier<AccessReview>,
        by caller: Caller
    ) async throws -> AccessReview {
        let scope = database.scope(caller.tenant.id, as: caller.principal)
        let action = decision == .keep ? "access.kept" : "access.removed"
        return try await scope.change(action, on: TokenHolder.serviceAccount(account).subject) { change in
            try Authority(of: caller, in: change.view).demand(.reviewAccess)
            let stored = try Self.open(review, in: change.view)
            guard let present = try change.view.find(ServiceAccount.self, account) else {
                throw TokenDesk.noServiceAccount
            }
            var changed = stored.record
            changed.decide(decision, on: present.record, by: caller.principal.actor, at: change.now)
            if decision == .remove { try change.delete(present) }
            return try change.update(stored, to: changed).record
        }
    }

    /// Nobody decides on themselves where another could: an own word about one's own access is worth little.
    private static func demandSomeoneElse(
        than person: Identifier<Person>, by caller: Caller, in view: ReadView
    ) throws {
        guard caller.principal == .person(person) else { return }
        let hasOther = try view.list(Membership.self).contains { stored in
            guard stored.record.person != person, let role = try role(stored.record.role, in: view) else {
                return false
            }
            return role.permissions.contains(.reviewAccess)
        }
        guard hasOther else { return }
        throw Problem(
            .forbidden, code: "review.own-access", "Nobody decides on their own access.",
            hint: "Ask another person who may review access.")
    }

    /// Completes a review in which everyone was decided on who belongs to the organisation now, and every service account that
    /// there is; so that nobody slips through by coming after it began.
    public func complete(_ review: Identifier<AccessReview>, by caller: Caller) async throws -> AccessReview {
        let scope = database.scope(caller.tenant.id, as: caller.principal)
        return try await scope.change("access-review.completed", on: "access-review:\(review)") { change in
            try Authority(of: caller, in: change.view).demand(.reviewAccess)
            let stored = try Self.open(review, in: change.view)
            let people = try change.view.list(Membership.self).count { !stored.record.isDecided(on: $0.record) }
            let accounts = try change.view.list(ServiceAccount.self).count {
                !stored.record.isDecided(on: $0.record.id)
            }
            guard people + accounts == 0 else { throw Self.undecided(people: people, accounts: accounts) }
            var changed = stored.record
            changed.completedAt = change.now
            changed.completedBy = caller.principal.actor
            return try change.update(stored, to: changed).record
        }
    }

    private static func undecided(people: Int, accounts: Int) -> Problem {
        var parts: [String] = []
        if people > 0 { parts.append(people == 1 ? "One person" : "\(people) people") }
        if accounts > 0 { parts.append(accounts == 1 ? "1 service account" : "\(accounts) service accounts") }
        return Problem(
            .conflict, code: "review.undecided",
            "\(parts.joined(separator: " and ")) \(people + accounts == 1 ? "is" : "are") not decided on yet.",
            hint: "Decide on everyone first, also on those who came since it began or were given another role.")
    }

    private static func open(_ review: Identifier<AccessReview>, in view: ReadView) throws -> Stored<AccessReview> {
        let stored = try view.require(AccessReview.self, review)
        guard stored.record.completedAt == nil else {
            throw Problem(
                .conflict, code: "review.completed", "This review is completed.", hint: "Begin another one.")
        }
        return stored
    }
}

import Kernel
import Store

/// Who leaves, as those see them who end what stands in their name.
struct Leaver: Sendable {
    let person: Identifier<Person>
    /// The address they sign in with, normalised; `nil` for whoever has no account any more.
    let address: String?
}

extension IdentityDesk {
    /// What a membership takes along when it ends, in the same change: each ends what stands in the person's name in this
    /// organisation. Whatever else comes to stand in somebody's name joins here.
    static let endWithMembership: [@Sendable (Leaver, Change) throws -> Void] = [
        withdrawInvitations, withdrawRecoveries,
    ]

    /// Ends a person's access: membership and what hangs on it in one change, then their sessions.
    ///
    /// - Parameters:
    ///   - remaining: What is to be taken back from them, one line each, as somebody wrote it.
    ///   - known: What the server itself knows to remain. It keeps nobody in, however much it is.
    public func end(
        _ person: Identifier<Person>, remaining: [String], known: [String] = [], by caller: Caller
    ) async throws -> Departure {
        let remaining = try Self.checked(remaining)
        let leaver = try await leaver(person, as: caller.principal)
        let scope = database.scope(caller.tenant.id, as: caller.principal)
        let departure = try await scope.change("membership.ended", on: "person:\(person)") { change in
            let authority = try Authority(of: caller, in: change.view)
            try authority.demand(.changePeople)
            return try Self.end(leaver, remaining: known + remaining, by: caller, authority, in: change)
        }
        try await endUse(of: person, in: caller.tenant.id, as: caller.principal)
        return departure
    }

    func leaver(_ person: Identifier<Person>, as principal: Principal) async throws -> Leaver {
        let account = try await accounts(of: [person], as: principal)[person]
        return Leaver(person: person, address: account.flatMap { try? Account.normalised(email: $0.email) })
    }

    /// The part that is one change; the sessions show nothing any more as soon as it is committed.
    static func end(
        _ leaver: Leaver, remaining: [String], by caller: Caller, _ authority: Authority, in change: Change
    ) throws -> Departure {
        let person = leaver.person
        guard let stored = try membership(of: person, in: change.view) else { throw noMember }
        try authority.demandOwners(stored.record.role)
        try demandAnotherOwner(besides: stored.record, in: change.view)
        let role = try role(stored.record.role, in: change.view)
        for end in endWithMembership { try end(leaver, change) }
        try change.delete(stored)
        let actor = caller.principal.actor
        return try change.insert(
            Departure(
                id: change.newIdentifier(), person: person, role: role?.title ?? stored.record.role,
                endedAt: change.now, endedBy: actor,
                items: remaining.map { Departure.Item(text: $0, addedBy: actor, doneAt: nil, doneBy: nil) })
        ).record
    }

    /// Those that they made, and those by which they would be back.
    @Sendable private static func withdrawInvitations(of leaver: Leaver, in change: Change) throws {
        let actor = Principal.person(leaver.person).actor
        for invitation in try change.view.list(Invitation.self)
        where invitation.record.invitedBy == actor || invitation.record.isFor(leaver.address) {
            try change.delete(invitation)
        }
    }

    /// What is left of being signed in, once the membership is over.
    func endUse(
        of person: Identifier<Person>, in organisation: Identifier<Organisation>, as principal: Principal
    ) async throws {
        try await removeSessions(of: person, in: organisation, as: principal)
        try await memberUses.forget([person.bytes], in: database.scope(organisation, as: principal))
    }

    /// Removes a person's sessions in one organisation, on every node.
    ///
    /// - Parameter notice: What they are told, if there were any.
    /// - Returns: How many there were.
    @discardableResult
    private func removeSessions(
        of person: Identifier<Person>, in organisation: Identifier<Organisation>, as principal: Principal,
        telling notice: String? = nil
    ) async throws -> Int {
        try await database.installation(as: principal).change("sessions.ended", on: "person:\(person)") { change in
            let theirs = try change.view.list(Session.self, Query("person = ?", [.blob(person.bytes)]))
                .filter { $0.record.organisation == organisation }
            for session in theirs { try change.delete(session) }
            // What was begun and waits for its second factor would end as a session too.
            try PendingSignIn.endAll(of: person, in: change)
            if let notice, !theirs.isEmpty { try Self.notify(person, notice, in: change) }
            return theirs.count
        }
    }

    // MARK: - Signing out

    /// Ends every session of a person in the organisation at once, on every node, and leaves them a member: for a lost device, or
    /// a session that somebody else has (OWASP ASVS 5.0, 7.4.5). Their sessions elsewhere are none of its business.
    ///
    /// - Returns: How many there were.
    /// - Throws: `Problem` `people.beyond-own-role` for whoever may do less than they.
    public func endSessions(of person: Identifier<Person>, by caller: Caller) async throws -> Int {
        let scope = database.scope(caller.tenant.id, as: caller.principal)
        try await scope.change("sessions.ended", on: "person:\(person)") { change in
            let authority = try Authority(of: caller, in: change.view)
            try authority.demand(.changePeople)
            guard let stored = try Self.membership(of: person, in: change.view) else { throw Self.noMember }
            if let role = try Self.role(stored.record.role, in: change.view) {
                try authority.demandGrant(of: role.permissions, as: "They may do", field: "person")
            }
        }
        // It names no organisation: whoever was let in by another one must not read in which ones this person is.
        return try await removeSessions(
            of: person, in: caller.tenant.id, as: caller.principal,
            telling:
                "Whoever manages people in an organisation of yours ended your sessions there. Sign in again; if you do "
                + "not know why it was done, ask them.")
    }

    // MARK: - What remains

    /// Every departure, those with open items first, then the newest.
    public func departures(
        of organisation: Identifier<Organisation>, as principal: Principal
    ) async throws -> [Departure] {
        try await database.scope(organisation, as: principal).read { view in
            let all = try view.list(Departure.self, Query(order: "ended_at DESC")).map(\.record)
            return all.filter { $0.openCount > 0 } + all.filter { $0.openCount == 0 }
        }
    }

    /// Adds something that must be taken back.
    public func add(_ text: String, to departure: Identifier<Departure>, by caller: Caller) async throws -> Departure {
        let text = try OneLine.checked(text, field: "text", longest: 200)
        return try await change(departure, "departure.item-added", by: caller) { departure, _ in
            guard departure.items.count < Departure.mostItems else {
                throw Problem(
                    .tooMuch, code: "departure.items", "There are \(Departure.mostItems) items already.",
                    hint: "Put several into one.", place: Problem.Place(field: "text"))
            }
            departure.items.append(
                Departure.Item(text: text, addedBy: caller.principal.actor, doneAt: nil, doneBy: nil))
        }
    }

    /// Adds what the server found to remain of whoever left last as `person`, once their membership had ended: what was made in
    /// the moment before stands on no list that was drawn up before.
    ///
    /// - Returns: Their newest departure; `nil` if they never left.
    @discardableResult
    public func addFound(
        _ found: [String], toDepartureOf person: Identifier<Person>, by caller: Caller
    ) async throws -> Departure? {
        let scope = database.scope(caller.tenant.id, as: caller.principal)
        let newest = Query("person = ?", [.blob(person.bytes)], order: "ended_at DESC", limit: 1)
        let missing: @Sendable (Departure) -> [String] = { departure in
            found.filter { text in !departure.items.contains { $0.text == text } }
        }
        let last = try await scope.read { try $0.list(Departure.self, newest).first?.record }
        guard let last, !missing(last).isEmpty else { return last }
        return try await scope.change("departure.item-added", on: "departure:\(last.id)") { change in
            let stored = try change.view.require(Departure.self, last.id)
            var departure = stored.record
            departure.items += missing(departure).map {
                Departure.Item(text: $0, addedBy: caller.principal.actor, doneAt: nil, doneBy: nil)
            }
            return try change.update(stored, to: departure).record
        }
    }

    /// Ticks off what was taken back.
    ///
    /// - Parameter item: Its place in the list, from 1.
    public func tickOff(_ item: Int, of departure: Identifier<Departure>, by caller: Caller) async throws -> Departure {
        try await change(departure, "departure.item-done", by: caller) { departure, now in
            guard departure.items.indices.contains(item - 1) else {
                throw Problem(.notFound, code: "departure.no-item", "There is no such item.")
            }
            guard departure.items[item - 1].doneAt == nil else {
                throw Problem(.conflict, code: "departure.item-done", "This is ticked off already.")
            }
            departure.items[item - 1].doneAt = now
            departure.items[item - 1].doneBy = caller.principal.actor
        }
    }

    private func change(
        _ departure: Identifier<Departure>, _ action: String, by caller: Caller,
        _ edit: @escaping @Sendable (inout Departure, Instant) throws -> Void
    ) async throws -> Departure {
        let scope = database.scope(caller.tenant.id, as: caller.principal)
        return try await scope.change(action, on: "departure:\(departure)") { change in
            try Authority(of: caller, in: change.view).demand(.changePeople)
            let stored = try change.view.require(Departure.self, departure)
            var changed = stored.record
            try edit(&changed, change.now)
            return try change.update(stored, to: changed).record
        }
    }

    static func checked(_ remaining: [String]) throws -> [String] {
        guard remaining.count <= Departure.mostItems else {
            throw Problem(
                .tooMuch, code: "departure.items", "There are more than \(Departure.mostItems) items.",
                hint: "Put several into one.", place: Problem.Place(field: "remaining"))
        }
        return try remaining.map { try OneLine.checked($0, field: "remaining", longest: 200) }
    }
}

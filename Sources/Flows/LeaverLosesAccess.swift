import Commitments
import Identity
import Kernel
import Packs
import Store
import Wire

extension Rooms {
    /// Ends a person's access and notes what remains to be taken back: what is given, and what stands in their name here.
    ///
    /// - Throws: `Problem` `people.last-owner` and others that name their field.
    public func leave(_ person: String, remaining: [String], by caller: Caller) async throws -> DepartureEntry {
        let leaver = try personIdentifier(person)
        let departure = try await identity.end(
            leaver, remaining: remaining, known: try await whatStandsInTheName(of: leaver, for: caller), by: caller)
        let completed = try await endWhatActs(for: leaver, by: caller)
        return try await entries(of: [completed ?? departure], as: caller.principal)[0]
    }

    /// Ends what would go on acting for somebody whose membership has ended.
    ///
    /// - Returns: Their departure, with what was found meanwhile.
    @discardableResult
    func endWhatActs(for leaver: Identifier<Person>, by caller: Caller) async throws -> Departure? {
        try await tokens.endTokens(of: leaver, in: caller.tenant.id, as: caller.principal)
        try await uncount(leaver, for: caller)
        return try await identity.addFound(
            try await whatStandsInTheName(of: leaver, for: caller), toDepartureOf: leaver, by: caller)
    }

    /// What somebody else must see to: exceptions that hold on this person's word, and secrets of programs that they know.
    func whatStandsInTheName(of person: Identifier<Person>, for caller: Caller) async throws -> [String] {
        let actor = Principal.person(person).actor
        return try await exceptions(onTheWordOf: actor, for: caller) + (try await tokens(seenBy: actor, for: caller))
    }

    private func exceptions(onTheWordOf actor: String, for caller: Caller) async throws -> [String] {
        let now = clock.now()
        let register = try await commitments.register(of: caller.tenant.id, at: now, as: caller.principal)
        return try await commitments.exceptions(in: caller.tenant.id, as: caller.principal).compactMap { exception in
            guard exception.until > now, exception.requestedBy == actor || exception.approvedBy == actor,
                let commitment = register.commitments.first(where: { $0.id == exception.commitment })
            else { return nil }
            return "Exception from \(commitment.policy.id)/\(commitment.definition.id): somebody else must stand for it"
        }
    }

    /// A token of a service account goes on working, which is what service accounts are for; but its text was shown to whoever
    /// made it, and opens the organisation to them until somebody replaces it.
    private func tokens(seenBy actor: String, for caller: Caller) async throws -> [String] {
        let now = clock.now()
        let accounts = try await tokens.serviceAccounts(of: caller.tenant.id, as: caller.principal)
        let seen = try await tokens.tokens(in: caller.tenant.id, as: caller.principal)
            .filter { $0.madeBy == actor && $0.expiresAt > now }
        return accounts.flatMap { account in
            seen.filter { $0.holder == .serviceAccount(account.id) }.map { token in
                "The token \(token.name) of the service account \(account.name), which they saw: replace it"
            }
        }
    }

    /// Everyone who left, those first from whom something is still to be taken back.
    public func departureList(
        of organisation: Identifier<Organisation>, as principal: Principal
    ) async throws -> [DepartureEntry] {
        try await entries(of: try await identity.departures(of: organisation, as: principal), as: principal)
    }

    /// Adds something that must be taken back.
    public func addItem(_ text: String, toDeparture id: String, by caller: Caller) async throws -> DepartureEntry {
        let departure = try await identity.add(text, to: try departureIdentifier(id), by: caller)
        return try await entries(of: [departure], as: caller.principal)[0]
    }

    /// Ticks off what was taken back.
    ///
    /// - Parameter item: Its place in the list, from 1.
    public func tickOff(_ item: Int, ofDeparture id: String, by caller: Caller) async throws -> DepartureEntry {
        let departure = try await identity.tickOff(item, of: try departureIdentifier(id), by: caller)
        return try await entries(of: [departure], as: caller.principal)[0]
    }

    private func entries(of departures: [Departure], as principal: Principal) async throws -> [DepartureEntry] {
        let known = departures.flatMap { departure -> [String?] in
            [departure.endedBy] + departure.items.flatMap { item -> [String?] in [item.addedBy, item.doneBy] }
                + [Principal.person(departure.person).actor]
        }
        let names = try await actors(known, as: principal)
        return departures.map { departure in
            DepartureEntry(
                id: departure.id.description, person: departure.person.description,
                name: names.name(of: departure.person), role: departure.role, endedAt: departure.endedAt,
                endedBy: names.name(of: departure.endedBy),
                items: departure.items.enumerated().map { index, item in
                    DepartureEntry.Item(
                        number: index + 1, text: item.text, addedBy: names.name(of: item.addedBy), doneAt: item.doneAt,
                        doneBy: item.doneBy.map { names.name(of: $0) })
                })
        }
    }

    func personIdentifier(_ id: String) throws -> Identifier<Person> {
        guard let person = Identifier<Person>(id) else {
            throw IdentityDesk.noMember
        }
        return person
    }

    private func departureIdentifier(_ id: String) throws -> Identifier<Departure> {
        guard let departure = Identifier<Departure>(id) else {
            throw Problem(.notFound, code: "departure.not-found", "There is no such departure here.")
        }
        return departure
    }
}

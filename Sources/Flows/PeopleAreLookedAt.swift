import Commitments
import Identity
import Kernel
import Store

/// What one look finds out about a person, for the checks on people to judge.
struct PersonSeen: Sendable {
    let factors: [SecondFactor]
    let use: AccessUse

    func measurement(for check: CheckID, at now: Instant) -> Measurement {
        check == PeopleChecks.accessUsed ? Rooms.judge(use, at: now) : Rooms.judge(factors, by: check)
    }
}

extension Rooms {
    /// Looks at everyone, and hands over one observation a person and check.
    ///
    /// Whoever belongs to the organisation counts, whether they were ever here or not, and nobody else: the roster follows the
    /// memberships in the same change. Names of people stand in the evidence nowhere.
    public func reportPeople(
        _ checks: [CheckID], for organisation: Identifier<Organisation>
    ) async throws {
        let principal = Principal.job(.checks)
        let observedAt = clock.now()
        let seen = try await look(at: organisation, as: principal)
        let wanted = PeopleChecks.ofPeople.filter { checks.contains($0.id) }
        try await database.scope(organisation, as: principal).change("people.checked") { [evidence] change in
            // Who joined meanwhile counts from the next look on, so that nobody counts who was not looked at.
            let people = try IdentityDesk.people(in: change.view).filter { seen[$0] != nil }
            try evidence.keep(
                .person, Set(people.map { Self.subject(of: $0) }), at: change.now, in: change)
            try evidence.receive(
                wanted.flatMap { check in
                    people.compactMap { person in
                        seen[person].map {
                            Observation(
                                check: check.id, subject: Self.subject(of: person),
                                measurement: $0.measurement(for: check.id, at: observedAt), observedAt: observedAt,
                                receivedAt: change.now, expiresAt: observedAt + check.freshness)
                        }
                    }
                }, in: change)
        }
    }

    /// Takes somebody who has left out of the population at once, so that no verdict waits for the next look.
    func uncount(_ person: Identifier<Person>, for caller: Caller) async throws {
        let scope = database.scope(caller.tenant.id, as: caller.principal)
        try await scope.change("person.uncounted", on: Principal.person(person).actor) { [evidence] change in
            try evidence.leave(Self.subject(of: person), at: change.now, in: change)
        }
    }

    /// A person as the subject of checks.
    static func subject(of person: Identifier<Person>) -> Subject { Subject(kind: .person, id: person.retyped()) }

    /// What one look at everyone finds, without storing it, by name.
    public func peopleNow(
        _ check: CheckID, in organisation: Identifier<Organisation>, as principal: Principal
    ) async throws -> [(name: String, measurement: Measurement)] {
        let seen = try await look(at: organisation, as: principal)
        let now = clock.now()
        return try await identity.members(of: organisation, as: principal).compactMap { member in
            seen[member.account.id].map { (member.account.name, $0.measurement(for: check, at: now)) }
        }
    }

    private func look(
        at organisation: Identifier<Organisation>, as principal: Principal
    ) async throws -> [Identifier<Person>: PersonSeen] {
        let factors = try await identity.secondFactors(in: organisation, as: principal)
        var uses = try await identity.accessUses(in: organisation, as: principal)
        // A program that acts in somebody's name uses their access as well.
        let held = try await tokens.tokens(in: organisation, as: principal)
        let byToken = try await tokens.lastUses(of: held)
        for token in held {
            guard case .person(let person) = token.holder, let use = uses[person], let at = byToken[token.id] else {
                continue
            }
            uses[person] = AccessUse(joinedAt: use.joinedAt, lastUsedAt: max(use.lastUsedAt ?? at, at))
        }
        return factors.reduce(into: [:]) { seen, person in
            if let use = uses[person.key] { seen[person.key] = PersonSeen(factors: person.value, use: use) }
        }
    }
}

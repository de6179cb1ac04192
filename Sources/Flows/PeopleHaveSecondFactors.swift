import Commitments
import Identity
import Kernel
import Store

extension Rooms {
    /// Looks at which second factors everyone has, and hands over one observation a person and check.
    ///
    /// Whoever belongs to the organisation counts, whether they were ever here or not, and nobody else: the roster follows the
    /// memberships in the same change. The evidence names kinds of factors; names of people stand in it nowhere.
    public func reportSecondFactors(
        _ checks: [CheckID], for organisation: Identifier<Organisation>
    ) async throws {
        let principal = Principal.job(.checks)
        let observedAt = clock.now()
        let factors = try await identity.secondFactors(in: organisation, as: principal)
        let wanted = PeopleChecks.ofPeople.filter { checks.contains($0.id) }
        try await database.scope(organisation, as: principal).change("people.checked") { [evidence] change in
            // Who joined meanwhile counts from the next look on, so that nobody counts who was not looked at.
            let people = try IdentityDesk.people(in: change.view).filter { factors[$0] != nil }
            try evidence.keep(
                .person, Set(people.map { Self.subject(of: $0) }), at: change.now, in: change)
            try evidence.receive(
                wanted.flatMap { check in
                    people.map { person in
                        Observation(
                            check: check.id, subject: Self.subject(of: person),
                            measurement: Self.judge(factors[person] ?? [], by: check.id), observedAt: observedAt,
                            receivedAt: change.now, expiresAt: observedAt + check.freshness)
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
    public func secondFactorsNow(
        _ check: CheckID, in organisation: Identifier<Organisation>, as principal: Principal
    ) async throws -> [(name: String, measurement: Measurement)] {
        try await identity.members(of: organisation, as: principal).map {
            ($0.account.name, Self.judge($0.secondFactors, by: check))
        }
    }

    static func judge(_ factors: [SecondFactor], by check: CheckID) -> Measurement {
        let isStrict = check == PeopleChecks.phishingResistant
        let kinds = factors.map(\.rawValue).joined(separator: ", ")
        let evidence = [
            Evidence(
                source: "the second factors of the account", content: factors.isEmpty ? "none" : kinds)
        ]
        let demand: SignInDemand = isStrict ? .phishingResistant : .secondFactor
        guard !demand.canBeMet(with: factors) else { return Measurement(.pass, value: kinds, evidence: evidence) }
        return Measurement(
            .fail, value: factors.isEmpty ? "no second factor" : "\(kinds), and no passkey", evidence: evidence,
            fix: isStrict
                ? "Ask them to add a passkey on their page /account, or demand it of everyone at /organisation/sign-in."
                : "Ask them to add a passkey or an authenticator app on their page /account, or demand it of everyone at "
                    + "/organisation/sign-in.")
    }
}

import Kernel
import Store

/// A kind of second factor, as colleagues see that somebody has one: the kind, and nothing else of it.
public enum SecondFactor: String, Codable, Hashable, Sendable, CaseIterable {
    case passkey
    case authenticatorApp = "authenticator app"

    /// Whether a page that imitates ours gets nothing from it (NIST SP 800-63B-4 §3.2.5).
    public var isPhishingResistant: Bool { self == .passkey }
}

extension SignInDemand {
    /// Whether somebody who has `factors` can meet it the next time they sign in.
    public func canBeMet(with factors: [SecondFactor]) -> Bool {
        switch self {
        case .none: true
        case .secondFactor: !factors.isEmpty
        case .phishingResistant: factors.contains(where: \.isPhishingResistant)
        }
    }
}

extension IdentityDesk {
    /// The kinds of second factors that each of `people` has and that hold in `organisation`.
    func secondFactors(
        of people: [Identifier<Person>], in organisation: Identifier<Organisation>, as principal: Principal
    ) async throws -> [Identifier<Person>: [SecondFactor]] {
        try await database.installation(as: principal).read { view in
            var found: [Identifier<Person>: [SecondFactor]] = [:]
            for person in people {
                let passkeys = try view.list(OwnPasskey.self, Query("person = ?", [.blob(person.bytes)]))
                let factors = try view.find(Factors.self, person.retyped())?.record
                let hasPasskey = passkeys.contains { $0.record.vouchedBy.holds(in: organisation) }
                let hasApp = factors.map { $0.app != nil && $0.appVouchedBy.holds(in: organisation) } ?? false
                found[person] = (hasPasskey ? [.passkey] : []) + (hasApp ? [.authenticatorApp] : [])
            }
            return found
        }
    }

    /// The kinds of second factors of everyone who belongs to `organisation`, whether they were ever here or not.
    /// Service accounts do not belong to it.
    public func secondFactors(
        in organisation: Identifier<Organisation>, as principal: Principal
    ) async throws -> [Identifier<Person>: [SecondFactor]] {
        let people = try await database.scope(organisation, as: principal).read { try Self.people(in: $0) }
        return try await secondFactors(of: people, in: organisation, as: principal)
    }

    /// Everyone who belongs to the organisation that `view` is of.
    public static func people(in view: ReadView) throws -> [Identifier<Person>] {
        try view.list(Membership.self).map(\.record.person)
    }

    // MARK: - What the organisation demands

    /// Decides what an organisation demands, on the machine itself, where nobody is signed in.
    public func setDemandAsOperator(_ demand: SignInDemand, in tenant: Tenant) async throws {
        try await write(demand, by: .operator(in: tenant))
    }

    /// What `caller` may is asked again inside the change.
    func write(_ demand: SignInDemand, by caller: Caller) async throws {
        let scope = database.scope(caller.tenant.id, as: caller.principal)
        try await scope.change("sign-in.demanded", on: "organisation:\(caller.tenant.id)") { change in
            try Authority(of: caller, in: change.view).demand(.changeSignIn)
            for old in try change.view.list(SignInRule.self) { try change.delete(old) }
            try change.insert(SignInRule(id: change.newIdentifier(), demand: demand))
        }
    }
}

import Kernel
import Store

/// One person of an organisation with what others should see about their access.
public struct Member: Sendable {
    /// The account; its name is shown to colleagues.
    public let account: Account
    /// Since when, as what and by whom.
    public let membership: Membership
    /// The role, resolved; `nil` if the organisation no longer has it, and then they may do nothing.
    public let role: Role?
    /// When they were last here, to the minute; `nil` if that was never noted.
    public let lastUsedAt: Instant?
    /// The kinds of second factors that they have.
    public let secondFactors: [SecondFactor]
    /// The recovery of their account that is under way here.
    public let recovery: RecoveryUnderWay?
    /// Whether their password no longer opens this organisation, because it was set in a recovery that was not made here.
    public let isRecoveredElsewhere: Bool
}

/// What tells whether somebody uses the access that they have.
public struct AccessUse: Sendable, Hashable {
    /// When they became a member.
    public let joinedAt: Instant
    /// When they were last here, to the minute; `nil` if that was never noted.
    public let lastUsedAt: Instant?

    /// A use out of its parts.
    public init(joinedAt: Instant, lastUsedAt: Instant?) {
        self.joinedAt = joinedAt
        self.lastUsedAt = lastUsedAt
    }
}

extension IdentityDesk {
    /// Since when everyone has their access, and when they were last here.
    public func accessUses(
        in organisation: Identifier<Organisation>, as principal: Principal
    ) async throws -> [Identifier<Person>: AccessUse] {
        let scope = database.scope(organisation, as: principal)
        let members = try await scope.read { try $0.list(Membership.self).map(\.record) }
        let uses: [Identifier<Person>: Instant] = try await memberUses.all(in: scope)
        return Dictionary(
            members.map { ($0.person, AccessUse(joinedAt: $0.joinedAt, lastUsedAt: uses[$0.person])) }
        ) { first, _ in first }
    }

    /// Everyone in the organisation, by name.
    public func members(
        of organisation: Identifier<Organisation>, as principal: Principal
    ) async throws -> [Member] {
        let found = try await database.scope(organisation, as: principal).read { view in
            try view.list(Membership.self).map { ($0.record, try Self.role($0.record.role, in: view)) }
        }
        let accounts = try await accounts(of: found.map(\.0.person), as: principal)
        let factors = try await secondFactors(of: found.map(\.0.person), in: organisation, as: principal)
        let elsewhere = try await recoveredElsewhere(found.map(\.0.person), from: organisation, as: principal)
        let recoveries = try await recoveries(in: organisation, as: principal)
        let uses: [Identifier<Person>: Instant] = try await memberUses.all(
            in: database.scope(organisation, as: principal))
        return found.compactMap { membership, role in
            accounts[membership.person].map { account in
                Member(
                    account: account, membership: membership, role: role, lastUsedAt: uses[membership.person],
                    secondFactors: factors[membership.person] ?? [],
                    recovery: recoveries[membership.person],
                    isRecoveredElsewhere: elsewhere.contains(membership.person))
            }
        }.sorted { ($0.account.name, $0.account.id) < ($1.account.name, $1.account.id) }
    }

    /// One person of the organisation.
    ///
    /// - Throws: `Problem` `person.not-found`, also for persons of other organisations.
    public func member(
        _ person: Identifier<Person>, of organisation: Identifier<Organisation>, as principal: Principal
    ) async throws -> Member {
        guard let member = try await members(of: organisation, as: principal).first(where: { $0.account.id == person })
        else { throw Self.noMember }
        return member
    }

    /// The accounts of some people; whoever was erased is missing.
    func accounts(
        of people: [Identifier<Person>], as principal: Principal
    ) async throws -> [Identifier<Person>: Account] {
        try await database.installation(as: principal).read { view in
            var accounts: [Identifier<Person>: Account] = [:]
            for person in Set(people) { accounts[person] = try view.find(Account.self, person)?.record }
            return accounts
        }
    }

    /// The names of some people, for pages that show who did something; whoever was erased is missing.
    public func names(
        of people: [Identifier<Person>], as principal: Principal
    ) async throws -> [Identifier<Person>: String] {
        try await accounts(of: people, as: principal).mapValues(\.name)
    }

    static func membership(of person: Identifier<Person>, in view: ReadView) throws -> Stored<Membership>? {
        try view.list(Membership.self, Query("person = ?", [.blob(person.bytes)], limit: 1)).first
    }

    /// What is said of somebody who does not belong to the organisation, whoever they are.
    public static let noMember = Problem(
        .notFound, code: "person.not-found", "There is no such person here.",
        hint: "The list of people shows who belongs to the organisation.")
}

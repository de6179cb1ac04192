import Kernel
import Store

/// Accounts, sign-in and organisations.
public struct IdentityDesk: Sendable {
    let database: Database
    let hasher: PasswordHasher
    let commonPasswords: CommonPasswords
    let clock: WallClock
    let randomness: Randomness
    let throttle: SignInThrottle
    let memberUses = LastUses("last_used")
    let sessionUses = LastUses("session_use")

    /// A desk over `database`; `hasher` decides what a stored password costs to guess, and none of `commonPasswords` becomes one.
    public init(
        database: Database, clock: WallClock, randomness: Randomness, hasher: PasswordHasher = PasswordHasher(),
        commonPasswords: CommonPasswords = CommonPasswords()
    ) {
        self.database = database
        self.clock = clock
        self.randomness = randomness
        self.hasher = hasher
        self.commonPasswords = commonPasswords
        throttle = SignInThrottle(database: database, clock: clock)
    }

    /// The record tables of this room, for the ledger's verification.
    public static let tables = [
        Tenant.table, Account.table, Membership.table, Credential.table, Session.table, Invitation.table,
        CustomRole.table, Departure.table, AccessReview.table, ReviewRhythm.table, SignInRule.table, Factors.table,
        OwnPasskey.table, PendingSignIn.table, AccountNotice.table, Recovery.table, IdentityProvider.table,
        IdentityProviderSecret.table, LinkedIdentity.table,
    ]

    /// The schema of this room.
    public static let migrations = [
        Migration(
            "identity.1",
            creates: tables.map(\.definition) + [
                SignInThrottle.table, LastUses("last_used").table, LastUses("session_use").table, ProviderVisit.spent,
            ])
    ]

    // MARK: - Organisations

    /// Makes an organisation with its own keys and ledger.
    public func found(_ name: String, as principal: Principal) async throws -> Tenant {
        let name = try OneLine.checked(name, field: "name", longest: 100)
        let id = Identifier<Organisation>(at: clock.now(), randomness: randomness)
        let scope = database.installation(as: principal)
        return try await scope.change("organisation.founded", on: "organisation:\(id)") { [database] change in
            try database.establish(id, in: change)
            // Chosen inside the change, so that two that are founded at once do not get the same address.
            let taken = Set(try change.view.list(Tenant.self).map(\.record.slug))
            let slug = Tenant.slug(for: name, besides: taken)
            return try change.insert(Tenant(id: id, name: name, slug: slug, createdAt: change.now)).record
        }
    }

    /// All organisations of this installation, oldest first.
    public func tenants(as principal: Principal) async throws -> [Tenant] {
        try await database.installation(as: principal).read { view in
            try view.list(Tenant.self, Query(order: "created_at")).map(\.record)
        }
    }

    /// One organisation.
    ///
    /// - Throws: `Problem` of kind `notFound`.
    public func tenant(_ organisation: Identifier<Organisation>, as principal: Principal) async throws -> Tenant {
        try await database.installation(as: principal).read { try $0.require(Tenant.self, organisation).record }
    }

    /// How many people may act in `organisation`.
    public func memberCount(of organisation: Identifier<Organisation>, as principal: Principal) async throws -> Int {
        try await database.scope(organisation, as: principal).read { try $0.count(Membership.self) }
    }

    /// The names of people, by identifier, for pages that show who did something.
    public func names(as principal: Principal) async throws -> [Identifier<Person>: String] {
        try await database.installation(as: principal).read { view in
            Dictionary(try view.list(Account.self).map { ($0.record.id, $0.record.name) }) { first, _ in first }
        }
    }

    // MARK: - Shared steps

    func own(_ signedIn: SignedIn) -> ScopedDatabase {
        database.installation(as: .person(signedIn.account.id))
    }

    static func subject(_ signedIn: SignedIn) -> String { "person:\(signedIn.account.id)" }
}

import Foundation
import Kernel
import Store

/// Who is asking: a signed-in person in one organisation, with what their role permits.
public struct SignedIn: Sendable {
    /// The person's account.
    public let account: Account
    /// The organisation they are signed in to.
    public let tenant: Tenant
    /// The session by which they are known.
    public let session: Session
    /// What their role permits there.
    public let permissions: Set<Permission>
}

/// Accounts, sign-in and organisations.
public struct IdentityDesk: Sendable {
    let database: Database
    let hasher: PasswordHasher
    private let clock: WallClock
    private let randomness: Randomness
    let throttle: SignInThrottle

    /// How long a set-up link works.
    private static let setUpLinkLifetime = Period.days(7)

    /// A desk over `database`; `hasher` decides what a stored password costs to guess.
    public init(database: Database, clock: WallClock, randomness: Randomness, hasher: PasswordHasher = PasswordHasher())
    {
        self.database = database
        self.clock = clock
        self.randomness = randomness
        self.hasher = hasher
        throttle = SignInThrottle(database: database, clock: clock)
    }

    /// The record tables of this room, for the ledger's verification.
    public static let tables = [
        Tenant.table, Account.table, Membership.table, Credential.table, Session.table, SetUpLink.table,
    ]

    /// The schema of this room.
    public static let migrations = [
        Migration("identity.1", creates: tables.map(\.definition) + [SignInThrottle.table])
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

    // MARK: - Set-up

    /// A link by which the first person becomes owner of `organisation`; earlier links stop working.
    ///
    /// - Throws: `Problem` of kind `conflict` once the organisation has an owner.
    public func makeSetUpLink(for organisation: Identifier<Organisation>, as principal: Principal) async throws
        -> SecretToken
    {
        guard try await memberCount(of: organisation, as: principal) == 0 else {
            throw Problem(.conflict, code: "identity.set-up-done", "This organisation has its owner already.")
        }
        let token = SecretToken(randomness: randomness)
        try await database.installation(as: principal).change("set-up-link.made", on: "organisation:\(organisation)") {
            change in
            for old in try change.view.list(SetUpLink.self) where old.record.organisation == organisation {
                try change.delete(old)
            }
            try change.insert(
                SetUpLink(
                    id: change.newIdentifier(), organisation: organisation,
                    expiresAt: change.now + Self.setUpLinkLifetime,
                    tokenHash: token.hash))
        }
        return token
    }

    /// The organisation that a set-up link is for.
    ///
    /// - Throws: `Problem` of kind `notFound` if the link is unknown, used or too old.
    public func organisation(forSetUp token: SecretToken) async throws -> Tenant {
        let now = clock.now()
        return try await database.installation(as: .job("set-up")).read { view in
            let link = try Self.link(token, in: view, now: now).record
            return try view.require(Tenant.self, link.organisation).record
        }
    }

    /// Uses a set-up link: makes the account, makes it owner, and signs it in.
    ///
    /// Who has an account already, because they own another organisation here or were interrupted while they set this one
    /// up, gives its address and password and keeps it.
    ///
    /// - Parameter network: Where the attempt comes from, for throttling only.
    /// - Throws: `Problem` that names the field that will not do; the link stays good then.
    public func setUp(
        with token: SecretToken, name: String, email: String, password: String, network: String = "set-up"
    ) async throws -> (SecretToken, SignedIn) {
        try await hasher.admitting(HashingThreads.Applicant(network: network)) {
            try await useSetUpLink(token, name: name, email: email, password: password, network: network)
        }
    }

    private func useSetUpLink(
        _ token: SecretToken, name: String, email: String, password: String, network: String
    ) async throws -> (SecretToken, SignedIn) {
        let tenant = try await organisation(forSetUp: token)
        let name = try OneLine.checked(name, field: "name", longest: 100)
        let address = try Account.normalised(email: email)
        let email = email.trimmingCharacters(in: .whitespacesAndNewlines)
        let person: Identifier<Person>
        if let known = try await known(address) {
            person = known.account.id
            let attempt = try await throttle.begin(address, network)
            guard try await hasher.matches(PasswordRule.composed(password), known.credential.encoded) else {
                throw Problem(
                    .conflict, code: "identity.email-taken", "There is an account with this e-mail address already.",
                    hint: "Give the password of that account, or another address.", place: Problem.Place(field: "email")
                )
            }
            try await throttle.succeeded(attempt)
            try await database.installation(as: .person(person)).change("set-up-link.used", on: "person:\(person)") {
                try $0.delete(try Self.link(token, in: $0.view, now: $0.now))
            }
        } else {
            let words = address.split { !$0.isLetter && !$0.isNumber } + name.split(separator: " ")
            let plain = try PasswordRule.normalised(password, context: words.map(String.init) + [tenant.name])
            person = try await join(token, name: name, email: email, address: address, password: plain)
        }
        try await database.scope(tenant.id, as: .person(person)).change("membership.began", on: "person:\(person)") {
            change in
            try change.insert(
                Membership(
                    id: change.newIdentifier(), person: person, role: Role.owner.name, joinedAt: change.now,
                    grantedAt: change.now, grantedBy: Principal.operator.actor))
        }
        return try await begin(person, in: tenant)
    }

    /// Makes the account and takes the link, so that one link makes one owner.
    private func join(
        _ token: SecretToken, name: String, email: String, address: String, password: [UInt8]
    ) async throws -> Identifier<Person> {
        let encoded = try await hasher.hash(password, randomness: randomness)
        let person = Identifier<Person>(at: clock.now(), randomness: randomness)
        try await database.installation(as: .person(person)).change("person.joined", on: "person:\(person)") { change in
            // Looked up again inside the transaction.
            let link = try Self.link(token, in: change.view, now: change.now)
            try change.insert(
                Account(
                    id: person, name: name, email: email, createdAt: change.now,
                    emailIndex: change.view.blindIndex(Account.table, "email", of: address)))
            try change.insert(Credential(id: person.retyped(), encoded: encoded, setAt: change.now))
            try change.delete(link)
        }
        return person
    }

    private static func link(_ token: SecretToken, in view: ReadView, now: Instant) throws -> Stored<SetUpLink> {
        let link = try view.list(SetUpLink.self, Query("token_hash = ?", [.blob(token.hash)], limit: 1)).first
        guard let link, now < link.record.expiresAt else {
            throw Problem(
                .notFound, code: "identity.set-up-link", "This set-up link is not valid, or it has been used.",
                hint: "Start the server again to print a new one.")
        }
        return link
    }

    // MARK: - Sign-in

    /// Signs a person in by address and password.
    ///
    /// - Parameter network: Where the attempt comes from, for throttling only.
    /// - Throws: One `Problem` `identity.sign-in` for every wrong pair, `tooMuch` while this pair must wait.
    public func signIn(email: String, password: String, network: String) async throws -> (SecretToken, SignedIn) {
        try await hasher.admitting(HashingThreads.Applicant(network: network)) {
            try await attempt(email: email, password: password, network: network)
        }
    }

    private func attempt(email: String, password: String, network: String) async throws -> (SecretToken, SignedIn) {
        let refusal = Problem(
            .unauthenticated, code: "identity.sign-in", "The e-mail address or the password is wrong.",
            hint: "Check both. After several failures you have to wait a little.")
        let address = (try? Account.normalised(email: email)) ?? "-"
        let attempt = try await throttle.begin(address, network)
        let plain = PasswordRule.composed(password)
        guard let known = try await known(address) else {
            // An unknown address costs the same time as a wrong password.
            _ = try await hasher.hash(plain, randomness: randomness)
            throw refusal
        }
        guard try await hasher.matches(plain, known.credential.encoded) else { throw refusal }
        try await throttle.succeeded(attempt)
        guard let tenant = try await tenant(of: known.account.id) else { throw refusal }
        return try await begin(known.account.id, in: tenant)
    }

    private func known(_ address: String) async throws -> (account: Account, credential: Credential)? {
        try await database.installation(as: .job("sign-in")).read { view in
            let index = view.blindIndex(Account.table, "email", of: address)
            let account = try view.list(Account.self, Query("email_index = ?", [.blob(index)], limit: 1)).first?.record
            guard let account, let credential = try view.find(Credential.self, account.id.retyped())?.record else {
                return nil
            }
            return (account, credential)
        }
    }

    /// Who holds `token`.
    ///
    /// - Returns: `nil` if nobody does, or the session has ended.
    public func signedIn(with token: SecretToken) async throws -> SignedIn? {
        let now = clock.now()
        let found = try await database.installation(as: .job("session")).read { view -> (Session, Account, Tenant)? in
            let query = Query(
                "token_hash = ? AND expires_at > ?", [.blob(token.hash), .integer(now.milliseconds)], limit: 1)
            guard let session = try view.list(Session.self, query).first?.record,
                let account = try view.find(Account.self, session.person)?.record,
                let tenant = try view.find(Tenant.self, session.organisation)?.record
            else { return nil }
            return (session, account, tenant)
        }
        guard let (session, account, tenant) = found else { return nil }
        guard let role = try await role(of: account.id, in: tenant.id) else { return nil }
        return SignedIn(account: account, tenant: tenant, session: session, permissions: role.permissions)
    }

    /// Ends the session at once, on every node.
    public func signOut(_ signedIn: SignedIn) async throws {
        let scope = database.installation(as: .person(signedIn.account.id))
        try await scope.change("session.ended", on: "session:\(signedIn.session.id)") { change in
            if let session = try change.view.find(Session.self, signedIn.session.id) { try change.delete(session) }
        }
    }

    private func begin(_ person: Identifier<Person>, in tenant: Tenant) async throws -> (SecretToken, SignedIn) {
        let token = SecretToken(randomness: randomness)
        let formToken = SecretToken(randomness: randomness)
        let scope = database.installation(as: .person(person))
        let session = try await scope.change("session.began", on: "person:\(person)") { change in
            let ended = Query(
                "person = ? AND expires_at <= ?", [.blob(person.bytes), .integer(change.now.milliseconds)])
            for old in try change.view.list(Session.self, ended) { try change.delete(old) }
            return try change.insert(
                Session(
                    id: change.newIdentifier(), person: person, organisation: tenant.id, beganAt: change.now,
                    expiresAt: change.now + Session.longest, formToken: formToken.text, tokenHash: token.hash)
            ).record
        }
        let account = try await scope.read { try $0.require(Account.self, person).record }
        guard let role = try await role(of: person, in: tenant.id) else {
            throw Problem(.forbidden, code: "identity.no-membership", "You belong to no organisation here.")
        }
        return (token, SignedIn(account: account, tenant: tenant, session: session, permissions: role.permissions))
    }

    private func role(of person: Identifier<Person>, in organisation: Identifier<Organisation>) async throws -> Role? {
        let membership = try await database.scope(organisation, as: .person(person)).read { view in
            try view.list(Membership.self, Query("person = ?", [.blob(person.bytes)], limit: 1)).first?.record
        }
        return membership.flatMap { Role.named($0.role) }
    }

    private func tenant(of person: Identifier<Person>) async throws -> Tenant? {
        for tenant in try await tenants(as: .person(person)) where try await role(of: person, in: tenant.id) != nil {
            return tenant
        }
        return nil
    }
}

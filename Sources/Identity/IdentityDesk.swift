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
    /// What their role permits there; only what is about their own account while ``lacks`` says something.
    public let permissions: Set<Permission>
    /// What the organisation demands and they have not shown yet.
    public let lacks: SignInDemand?
}

/// Accounts, sign-in and organisations.
public struct IdentityDesk: Sendable {
    let database: Database
    let hasher: PasswordHasher
    let clock: WallClock
    let randomness: Randomness
    let throttle: SignInThrottle
    let lastUse = LastUse()

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
        Tenant.table, Account.table, Membership.table, Credential.table, Session.table, Invitation.table,
        CustomRole.table, Departure.table, AccessReview.table, ReviewRhythm.table, SignInRule.table, Factors.table,
        OwnPasskey.table, PendingSignIn.table, AccountNotice.table, Recovery.table,
    ]

    /// The schema of this room.
    public static let migrations = [
        Migration("identity.1", creates: tables.map(\.definition) + [SignInThrottle.table, LastUse.table])
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
        let token = SecretToken(for: organisation, randomness: randomness)
        try await database.scope(organisation, as: principal).change(
            "invitation.made", on: "organisation:\(organisation)"
        ) { change in
            for old in try change.view.list(Invitation.self) where old.record.role == Role.owner.name {
                try change.delete(old)
            }
            try change.insert(
                Invitation(
                    to: .owner, email: nil, with: token, by: principal, at: change.now, id: change.newIdentifier()))
        }
        return token
    }

    /// Uses an invitation: makes the account and the membership, and signs the person in.
    ///
    /// Who has an account already, because they belong to another organisation here or were interrupted while they joined,
    /// gives its address and password and keeps it.
    ///
    /// - Parameter network: Where the attempt comes from, for throttling only.
    /// - Throws: `Problem` that names the field that will not do; the invitation stays good then.
    public func join(
        with token: SecretToken, name: String, email: String, password: String, network: String = "set-up"
    ) async throws -> (SecretToken, SignedIn) {
        try await hasher.admitting(HashingThreads.Applicant(network: network)) {
            try await use(token, name: name, email: email, password: password, network: network)
        }
    }

    private func use(
        _ token: SecretToken, name: String, email: String, password: String, network: String
    ) async throws -> (SecretToken, SignedIn) {
        let tenant = try await invitation(token).tenant
        let name = try OneLine.checked(name, field: "name", longest: 100)
        let address = try Account.normalised(email: email)
        let email = email.trimmingCharacters(in: .whitespacesAndNewlines)
        let person: Identifier<Person>
        let isNew: Bool
        var vouchedBy: Vouching = nil
        if let known = try await known(address) {
            person = known.account.id
            isNew = false
            let attempt = try await throttle.begin(address, network)
            guard try await isRight(PasswordRule.composed(password), for: known.credential) else {
                throw Problem(
                    .conflict, code: "identity.email-taken", "There is an account with this e-mail address already.",
                    hint: "Give the password of that account, or another address.", place: Problem.Place(field: "email")
                )
            }
            try await throttle.succeeded(attempt)
            // The link is no second factor: with it and the password alone one would be in, and could change over.
            guard try await !ownFactors(of: person).hasSecondFactor else {
                throw Problem(
                    .conflict, code: "identity.sign-in-first", "That account has a second factor.",
                    hint: "Sign in first, then open this link again.", place: Problem.Place(field: "email"))
            }
            vouchedBy = known.credential.vouchedBy
        } else {
            let words = address.split { !$0.isLetter && !$0.isNumber } + name.split(separator: " ")
            let plain = try PasswordRule.normalised(password, context: words.map(String.init) + [tenant.name])
            person = try await makeAccount(name: name, email: email, address: address, password: plain)
            isNew = true
        }
        do {
            try await take(token, as: person)
            vouchedBy = try await vouch(for: person, who: vouchedBy, in: tenant.id)
        } catch {
            // Somebody else was faster with the same link; an account that belongs nowhere would only hold the address.
            if isNew { try await removeAccount(person) }
            throw error
        }
        return try await begin(person, in: tenant, by: [.password], vouchedBy: vouchedBy)
    }

    private func makeAccount(
        name: String, email: String, address: String, password: [UInt8]
    ) async throws -> Identifier<Person> {
        let encoded = try await hashed(password)
        let person = Identifier<Person>(at: clock.now(), randomness: randomness)
        try await database.installation(as: .person(person)).change("person.joined", on: "person:\(person)") { change in
            try change.insert(
                Account(
                    id: person, name: name, email: email, createdAt: change.now,
                    emailIndex: change.view.blindIndex(Account.table, "email", of: address)))
            try change.insert(
                Credential(id: person.retyped(), encoded: encoded, setAt: change.now, vouchedBy: nil))
        }
        return person
    }

    private func removeAccount(_ person: Identifier<Person>) async throws {
        try await database.installation(as: .person(person)).change("person.not-joined", on: "person:\(person)") {
            change in
            if let credential = try change.view.find(Credential.self, person.retyped()) {
                try change.delete(credential)
            }
            if let account = try change.view.find(Account.self, person) { try change.delete(account) }
            try change.erase(person.retyped())
        }
    }

    // MARK: - Sign-in

    /// Signs a person in by address and password.
    ///
    /// - Parameter network: Where the attempt comes from, for throttling only.
    /// - Throws: One `Problem` `identity.sign-in` for every wrong pair, `tooMuch` while this pair must wait.
    public func signIn(email: String, password: String, network: String) async throws -> SignInStep {
        try await hasher.admitting(HashingThreads.Applicant(network: network)) {
            try await attempt(email: email, password: password, network: network)
        }
    }

    private func attempt(email: String, password: String, network: String) async throws -> SignInStep {
        let refusal = Problem(
            .unauthenticated, code: "identity.sign-in", "The e-mail address or the password is wrong.",
            hint: "Check both. After several failures you have to wait a little.")
        let address = (try? Account.normalised(email: email)) ?? "-"
        let attempt = try await throttle.begin(address, network)
        let plain = PasswordRule.composed(password)
        guard let known = try await known(address) else {
            // An unknown address costs the same time as a wrong password.
            _ = try await hashed(plain)
            throw refusal
        }
        guard try await isRight(plain, for: known.credential) else { throw refusal }
        try await throttle.succeeded(attempt)
        let vouchedBy = known.credential.vouchedBy
        guard try await organisations(of: known.account.id).contains(where: { vouchedBy.holds(in: $0.id) }) else {
            throw refusal
        }
        return try await continueSignIn(of: known.account.id, vouchedBy: vouchedBy)
    }

    /// Whether `password` is the one of `person`.
    func isRight(_ password: String, of person: Identifier<Person>) async throws -> Bool {
        let credential = try await database.installation(as: .person(person)).read { view in
            try view.require(Credential.self, person.retyped()).record
        }
        return try await isRight(PasswordRule.composed(password), for: credential)
    }

    /// Compares, and hashes anew what was hashed with older parameters.
    private func isRight(_ plain: [UInt8], for credential: Credential) async throws -> Bool {
        let peppered = try await peppered(plain)
        guard try await hasher.matches(peppered, credential.encoded) else { return false }
        guard !PasswordHasher.isCurrent(credential.encoded) else { return true }
        let encoded = try await hasher.hash(peppered, randomness: randomness)
        let person: Identifier<Person> = credential.id.retyped()
        try await database.installation(as: .person(person)).change("password.rehashed", on: "person:\(person)") {
            change in
            let stored = try change.view.require(Credential.self, credential.id)
            // Unless it was changed meanwhile.
            guard stored.record.encoded == credential.encoded else { return }
            try change.update(
                stored,
                to: Credential(
                    id: credential.id, encoded: encoded, setAt: credential.setAt, vouchedBy: stored.record.vouchedBy))
        }
        return true
    }

    /// A new password as it is stored.
    func hashed(_ plain: [UInt8]) async throws -> String {
        try await hasher.hash(try await peppered(plain), randomness: randomness)
    }

    /// The password under a key that is kept apart from the rows (NIST SP 800-63B-4 §3.1.1.2): whoever has only the hashes
    /// cannot even begin to guess.
    private func peppered(_ plain: [UInt8]) async throws -> [UInt8] {
        try await database.installation(as: .job("sign-in")).read { view in
            view.blindIndex(Credential.table, "password", of: plain.hex)
        }
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
        await noteUse(of: account.id, in: tenant.id, at: now)
        return try await signedIn(account, tenant, session, role)
    }

    private func signedIn(
        _ account: Account, _ tenant: Tenant, _ session: Session, _ role: Role
    ) async throws -> SignedIn {
        let demand = try await demand(of: tenant.id, as: .person(account.id))
        let isMet = demand.isMet(by: session.means)
        return SignedIn(
            account: account, tenant: tenant, session: session,
            permissions: isMet ? role.permissions : role.permissions.filter(\.isForEveryPerson),
            lacks: isMet ? nil : demand)
    }

    /// Begins the session of somebody who has shown who they are.
    func enter(
        _ person: Identifier<Person>, by means: Set<Means>, vouchedBy: Vouching
    ) async throws -> (SecretToken, SignedIn) {
        guard let tenant = try await organisations(of: person).first(where: { vouchedBy.holds(in: $0.id) }) else {
            throw Problem(.forbidden, code: "identity.no-membership", "You belong to no organisation here.")
        }
        return try await begin(person, in: tenant, by: means, vouchedBy: vouchedBy)
    }

    /// Ends the session at once, on every node.
    public func signOut(_ signedIn: SignedIn) async throws {
        let scope = database.installation(as: .person(signedIn.account.id))
        try await scope.change("session.ended", on: "session:\(signedIn.session.id)") { change in
            if let session = try change.view.find(Session.self, signedIn.session.id) { try change.delete(session) }
        }
    }

    func begin(
        _ person: Identifier<Person>, in tenant: Tenant, by means: Set<Means>, vouchedBy: Vouching,
        confirmedAt: Instant? = nil
    ) async throws -> (SecretToken, SignedIn) {
        guard vouchedBy.holds(in: tenant.id) else {
            throw Problem(.forbidden, code: "identity.no-membership", "You belong to no organisation here.")
        }
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
                    expiresAt: change.now + Session.longest, formToken: formToken.text, means: means,
                    confirmedAt: confirmedAt ?? change.now, tokenHash: token.hash, vouchedBy: vouchedBy)
            ).record
        }
        let account = try await scope.read { try $0.require(Account.self, person).record }
        guard let role = try await role(of: person, in: tenant.id) else {
            throw Problem(.forbidden, code: "identity.no-membership", "You belong to no organisation here.")
        }
        return (token, try await signedIn(account, tenant, session, role))
    }

    /// What a person is in an organisation now.
    ///
    /// - Parameter moment: If given, only what they have been since then without a break.
    func role(
        of person: Identifier<Person>, in organisation: Identifier<Organisation>, since moment: Instant? = nil
    ) async throws -> Role? {
        try await database.scope(organisation, as: .person(person)).read { view in
            guard let membership = try Self.membership(of: person, in: view)?.record else { return nil }
            if let moment, membership.joinedAt > moment { return nil }
            return try Self.role(membership.role, in: view)
        }
    }
}

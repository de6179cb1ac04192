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

    /// Passes for a quarter of an hour after the person showed who they are.
    ///
    /// - Throws: `Problem` `session.confirm` if that was too long ago for something dangerous.
    public func demandFresh(at now: Instant) throws {
        guard now < session.confirmedAt + Session.confirmed else {
            throw Problem(
                .forbidden, code: "session.confirm", "This needs to be confirmed.",
                hint: "Give your password, or a code, once more.")
        }
    }
}

/// Accounts, sign-in and organisations.
public struct IdentityDesk: Sendable {
    let database: Database
    let hasher: PasswordHasher
    let clock: WallClock
    let randomness: Randomness
    let throttle: SignInThrottle
    let memberUses = LastUses("last_used")
    let sessionUses = LastUses("session_use")

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
    /// gives its address and password and keeps it; with a second factor they sign in first, so that an invitation is no way
    /// around it.
    ///
    /// - Parameter network: Where the attempt comes from, for throttling only.
    /// - Throws: `Problem` that names the field that will not do; the invitation stays good then.
    public func join(
        with token: SecretToken, name: String, email: String, password: String, network: String
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
            let attempt = try await throttle.begin(address, from: .network(network))
            guard try await isRight(PasswordRule.composed(password), for: known.credential, isKnown: false) else {
                throw Problem(
                    .conflict, code: "identity.email-taken", "There is an account with this e-mail address already.",
                    hint: "Give the password of that account, or another address.", place: Problem.Place(field: "email")
                )
            }
            try await throttle.succeeded(attempt)
            // The link is no second factor: with it and the password alone one would be in, and could change over.
            guard try await !ownFactors(of: person).hasSecondFactor else {
                throw Problem(
                    .conflict, code: "identity.sign-in-first", "This account asks for a second factor.",
                    hint: "Sign in first, then open the link once more.", place: Problem.Place(field: "email"))
            }
            vouchedBy = known.credential.vouchedBy
        } else {
            try await demandUnknown(address)
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

    func removeAccount(_ person: Identifier<Person>) async throws {
        try await database.installation(as: .person(person)).change("person.not-joined", on: "person:\(person)") {
            change in
            if let credential = try change.view.find(Credential.self, person.retyped()) {
                try change.delete(credential)
            }
            let identities = Query("person = ?", [.blob(person.bytes)])
            for identity in try change.view.list(LinkedIdentity.self, identities) { try change.delete(identity) }
            if let account = try change.view.find(Account.self, person) { try change.delete(account) }
            try change.erase(person.retyped())
        }
    }

    // MARK: - Sign-in

    /// Signs a person in by address and password.
    ///
    /// - Parameters:
    ///   - network: Where the attempt comes from, for throttling only.
    ///   - marks: What the browser keeps of those who signed in on it.
    /// - Throws: One `Problem` `identity.sign-in` for every wrong pair, `tooMuch` while this pair must wait.
    public func signIn(
        email: String, password: String, network: String, marks: DeviceMarks = DeviceMarks(presented: nil)
    ) async throws -> SignInStep {
        let address = (try? Account.normalised(email: email)) ?? "-"
        // Who has no mark costs nothing before there is a place for them.
        let device = marks.isEmpty ? nil : try await known(address, on: marks)?.device
        return try await hasher.admitting(HashingThreads.Applicant(network: network, isKnown: device != nil)) {
            let source = device.map { SignInThrottle.Source.known($0.hex) } ?? .network(network)
            return try await attempt(address, password, from: source, isKnown: device != nil)
        }
    }

    private func attempt(
        _ address: String, _ password: String, from source: SignInThrottle.Source, isKnown: Bool
    ) async throws -> SignInStep {
        let refusal = Problem(
            .unauthenticated, code: "identity.sign-in", "The e-mail address or the password is wrong.",
            hint: "Check both. After several failures you have to wait a little.")
        let known = try await known(address)
        let attempt = try await throttle.begin(address, from: source, isReal: known != nil)
        let plain = PasswordRule.composed(password)
        guard let known else {
            // An unknown address costs the same time as a wrong password.
            _ = try await hashed(plain)
            throw refusal
        }
        guard try await isRight(plain, for: known.credential, isKnown: isKnown) else { throw refusal }
        try await throttle.succeeded(attempt)
        let vouchedBy = known.credential.vouchedBy
        guard try await firstOrganisation(of: known.account.id, vouchedBy: vouchedBy) != nil else { throw refusal }
        return try await continueSignIn(
            of: known.account.id, after: .password, vouchedBy: vouchedBy, verified: known.credential)
    }

    /// Whether `password` is the one of `person`, who is signed in.
    func isRight(_ password: String, of person: Identifier<Person>) async throws -> Bool {
        let credential = try await database.installation(as: .person(person)).read { view in
            try view.find(Credential.self, person.retyped())?.record
        }
        // Who signs in at a provider or by passkey may have none.
        guard let credential else { return false }
        return try await isRight(PasswordRule.composed(password), for: credential, isKnown: true)
    }

    /// Compares, and hashes anew what was hashed with older parameters.
    private func isRight(_ plain: [UInt8], for credential: Credential, isKnown: Bool) async throws -> Bool {
        let peppered = try await peppered(plain)
        guard try await hasher.matches(peppered, credential.encoded, isKnown: isKnown) else { return false }
        guard !PasswordHasher.isCurrent(credential.encoded) else { return true }
        let encoded = try await hasher.hash(peppered, isKnown: isKnown, randomness: randomness)
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
    func hashed(_ plain: [UInt8], isKnown: Bool = false) async throws -> String {
        try await hasher.hash(try await peppered(plain), isKnown: isKnown, randomness: randomness)
    }

    /// The password under a key that is kept apart from the rows (NIST SP 800-63B-4 §3.1.1.2): whoever has only the hashes
    /// cannot even begin to guess.
    private func peppered(_ plain: [UInt8]) async throws -> [UInt8] {
        try await database.installation(as: .job("sign-in")).read { view in
            view.blindIndex(Credential.table, "password", of: plain.hex)
        }
    }

    private typealias Known = (account: Account, credential: Credential, device: [UInt8]?)

    /// Who signs in by this address, and which of `marks` is theirs.
    private func known(_ address: String, on marks: DeviceMarks = DeviceMarks(presented: nil)) async throws -> Known? {
        try await database.installation(as: .job("sign-in")).read { view in
            guard let account = try Self.account(address, in: view),
                let credential = try view.find(Credential.self, account.id.retyped())?.record
            else { return nil }
            return (account, credential, marks.mark(of: credential, in: view))
        }
    }

    static func account(_ address: String, in view: ReadView) throws -> Account? {
        let index = view.blindIndex(Account.table, "email", of: address)
        return try view.list(Account.self, Query("email_index = ?", [.blob(index)], limit: 1)).first?.record
    }

    /// Who holds `token`.
    ///
    /// - Parameter isUse: Whether a person is behind it, and not a page that keeps itself up to date: only that keeps a session
    ///   from ending.
    /// - Returns: `nil` if nobody does, or the session has ended.
    public func signedIn(with token: SecretToken, isUse: Bool = true) async throws -> SignedIn? {
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
        guard let (session, account, tenant) = found, try await !isIdle(session, at: now, isUse: isUse) else {
            return nil
        }
        guard let signedIn = try await signedIn(account, tenant, session) else { return nil }
        if isUse { await memberUses.note(account.id.bytes, in: own(tenant, account), at: now) }
        return signedIn
    }

    /// Whether what let somebody in still does, for what goes on after their request.
    public func isStillIn(_ signedIn: SignedIn) async throws -> Bool {
        let now = clock.now()
        let session = try await database.installation(as: .person(signedIn.account.id)).read { view in
            try view.find(Session.self, signedIn.session.id)?.record
        }
        guard let session, now < session.expiresAt, try await !isIdle(session, at: now, isUse: false) else {
            return false
        }
        let still = try await self.signedIn(signedIn.account, signedIn.tenant, session)
        return still?.permissions.isSuperset(of: signedIn.permissions) ?? false
    }

    /// Whether nobody has used a session for so long that it has ended.
    private func isIdle(_ session: Session, at now: Instant, isUse: Bool) async throws -> Bool {
        let scope = database.installation(as: .person(session.person))
        let key = session.id.bytes
        if sessionUses.wasJustNoted(key, in: scope, at: now) { return false }
        let last = try await sessionUses.last(of: key, in: scope) ?? session.beganAt
        guard now < max(last, session.beganAt) + Session.longestIdle else { return true }
        if isUse { await sessionUses.note(key, in: scope, at: now) }
        return false
    }

    private func own(_ tenant: Tenant, _ account: Account) -> ScopedDatabase {
        database.scope(tenant.id, as: .person(account.id))
    }

    /// - Returns: `nil` if the person does not belong to the organisation, or has left it and come back since.
    private func signedIn(_ account: Account, _ tenant: Tenant, _ session: Session) async throws -> SignedIn? {
        try await own(tenant, account).read { view in
            guard let role = try Self.role(of: account.id, since: session.beganAt, in: view) else { return nil }
            let demand = try Self.demand(in: view)
            let isMet = demand.isMet(by: session.means)
            return SignedIn(
                account: account, tenant: tenant, session: session,
                permissions: isMet ? role.permissions : role.permissions.filter(\.isForEveryPerson),
                lacks: isMet ? nil : demand)
        }
    }

    /// Begins the session of somebody who has shown who they are.
    func enter(
        _ person: Identifier<Person>, by means: Set<Means>, vouchedBy: Vouching, verified: Credential? = nil
    ) async throws -> (SecretToken, SignedIn) {
        guard let tenant = try await firstOrganisation(of: person, vouchedBy: vouchedBy) else {
            throw Problem(.forbidden, code: "identity.no-membership", "You belong to no organisation here.")
        }
        return try await begin(person, in: tenant, by: means, vouchedBy: vouchedBy, verified: verified)
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
        confirmedAt: Instant? = nil, replacing old: Session? = nil, verified: Credential? = nil
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
            try verified?.demandUnchanged(in: change)
            // In one change, so that one that was ended meanwhile is not followed by another, and never for longer.
            if let old {
                guard let stored = try change.view.find(Session.self, old.id) else {
                    throw Problem(.unauthenticated, code: "session.missing", "You are not signed in.")
                }
                try change.delete(stored)
            }
            return try change.insert(
                Session(
                    id: change.newIdentifier(), person: person, organisation: tenant.id, beganAt: change.now,
                    expiresAt: min(old?.expiresAt ?? .distantFuture, change.now + Session.longest),
                    formToken: formToken.text, means: means,
                    confirmedAt: confirmedAt ?? change.now, tokenHash: token.hash, vouchedBy: vouchedBy)
            ).record
        }
        try await sessionUses.forget(
            before: session.beganAt + Period(milliseconds: -Session.longest.milliseconds), in: scope)
        let account = try await scope.read { try $0.require(Account.self, person).record }
        guard let signedIn = try await signedIn(account, tenant, session) else {
            throw Problem(.forbidden, code: "identity.no-membership", "You belong to no organisation here.")
        }
        return (token, signedIn)
    }

    /// What a person is in an organisation now.
    ///
    /// - Parameter moment: If given, only what they have been since then without a break.
    func role(
        of person: Identifier<Person>, in organisation: Identifier<Organisation>, since moment: Instant? = nil
    ) async throws -> Role? {
        try await database.scope(organisation, as: .person(person)).read { view in
            try Self.role(of: person, since: moment, in: view)
        }
    }

    private static func role(
        of person: Identifier<Person>, since moment: Instant?, in view: ReadView
    ) throws -> Role? {
        guard let membership = try membership(of: person, in: view)?.record else { return nil }
        if let moment, membership.joinedAt > moment { return nil }
        return try role(membership.role, in: view)
    }
}

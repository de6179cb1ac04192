import Kernel
import Store

/// Tokens for programs, and the service accounts that hold them.
///
/// Nothing is kept in memory about which tokens work, so one that is revoked stops working on every node with the commit.
public struct TokenDesk: Sendable {
    let database: Database
    let identity: IdentityDesk
    let clock: WallClock
    let randomness: Randomness
    let uses = LastUses("access_token_use")

    /// The most tokens that one holder has at a time.
    static let most = 100

    /// A desk over `database`; `identity` knows what persons may.
    public init(database: Database, identity: IdentityDesk, clock: WallClock, randomness: Randomness) {
        self.database = database
        self.identity = identity
        self.clock = clock
        self.randomness = randomness
    }

    /// The record tables of tokens.
    public static let tables = [AccessToken.table, ServiceAccount.table]

    /// The schema of tokens.
    public static let migrations = [
        Migration("tokens.1", creates: tables.map(\.definition) + [LastUses("access_token_use").table])
    ]

    // MARK: - Use

    /// Who presents `text` as a token.
    ///
    /// - Returns: `nil` if it is no token, or one that does not work (any more): for no reason that could be told apart.
    public func caller(presenting text: String) async throws -> Caller? {
        // The checksum first: what only looks like a token costs the database nothing.
        guard let presented = TokenText(presented: text) else { return nil }
        let now = clock.now()
        let found = try await database.installation(as: .job(.token)).read { view -> (AccessToken, Tenant)? in
            let query = Query(
                "token_hash = ? AND expires_at > ?", [.blob(presented.hash), .integer(now.milliseconds)], limit: 1)
            guard let token = try view.list(AccessToken.self, query).first?.record,
                let tenant = try view.find(Tenant.self, token.organisation)?.record
            else { return nil }
            return (token, tenant)
        }
        guard let (token, tenant) = found, let held = try await permissionsHeld(by: token) else { return nil }
        await uses.note(token.id.bytes, in: database.installation(as: .token(token.id)), at: now)
        // Whatever was written into it, and whoever wrote it: intersected at every use.
        let permitted = held.intersection(token.permissions).filter(\.isForTokens)
        return Caller(
            principal: .token(token.id), tenant: tenant,
            permissions: permitted.union(Permission.allCases.filter(\.isForAnyone)))
    }

    /// Whether a token still lets its holder in, for what goes on after the request.
    public func isStillGood(_ id: Identifier<Token>) async throws -> Bool {
        let token = try await database.installation(as: .token(id)).read { try $0.find(AccessToken.self, id)?.record }
        guard let token, clock.now() < token.expiresAt else { return false }
        return try await permissionsHeld(by: token)?.isSuperset(of: token.permissions) ?? false
    }

    /// What a token's holder may at this moment; `nil` once they are nobody there. Who has left and come back has to make new
    /// tokens.
    private func permissionsHeld(by token: AccessToken) async throws -> Set<Permission>? {
        switch token.holder {
        case .person(let person):
            return try await identity.role(of: person, in: token.organisation, since: token.madeAt)?.permissions
        case .serviceAccount(let id):
            let account = try await database.scope(token.organisation, as: .job(.token)).read { view in
                try view.find(ServiceAccount.self, id)?.record
            }
            return account.map { Set($0.permissions) }
        }
    }

    // MARK: - Tokens

    /// The tokens in `organisation`, newest first: those of one holder, or all.
    public func tokens(
        of holder: TokenHolder? = nil, in organisation: Identifier<Organisation>, as principal: Principal
    ) async throws -> [AccessToken] {
        try await database.installation(as: principal).read { view in
            try Self.tokens(of: holder, in: organisation, view).map(\.record)
        }
    }

    /// When each of `tokens` was last used, where it ever was; exact to a minute.
    public func lastUses(of tokens: [AccessToken]) async throws -> [Identifier<Token>: Instant] {
        tokens.isEmpty ? [:] : try await uses.all(in: database.installation(as: .job(.token)))
    }

    private static func tokens(
        of holder: TokenHolder?, in organisation: Identifier<Organisation>, _ view: ReadView
    ) throws -> [Stored<AccessToken>] {
        let condition = holder == nil ? "held_in = ?" : "held_in = ? AND holder = ?"
        let arguments = [SQLValue.blob(organisation.bytes)] + (holder.map { [.blob($0.bytes)] } ?? [])
        return try view.list(AccessToken.self, Query(condition, arguments, order: "id DESC"))
    }

    /// Makes a token of the signed-in person's own.
    ///
    /// - Returns: The token, and its text, which is not to be had again.
    /// - Throws: `Problem` that names the field that will not do, or `session.confirm`.
    public func makeToken(
        _ name: String, permissions: [Permission], until: Instant, for person: SignedIn
    ) async throws -> (token: AccessToken, text: String) {
        try person.demandFresh(at: clock.now())
        return try await make(
            name, permissions: permissions, until: until, for: .person(person.account.id), by: person.caller)
    }

    /// Makes a token, which holds nothing beyond what its holder and its maker may.
    func make(
        _ name: String, permissions: [Permission], until: Instant, for holder: TokenHolder, by caller: Caller
    ) async throws -> (token: AccessToken, text: String) {
        let (organisation, principal) = (caller.tenant.id, caller.principal)
        let name = try OneLine.checked(name, field: "name", longest: 100)
        try TokenRule.check(until: until, now: clock.now())
        let text = TokenText(randomness: randomness)
        let id = Identifier<Token>(at: clock.now(), randomness: randomness)
        let known = try await tokens(of: holder, in: organisation, as: principal)
        guard known.count(where: { $0.expiresAt > clock.now() }) < Self.most else { throw Self.tooMany }
        // The organisation's ledger is what its people read; told first, so that no token works that it does not tell of.
        let scope = database.scope(organisation, as: principal)
        let permissions = try await scope.change("token.made", on: "token:\(id)") { change in
            var within = try Authority(of: caller, in: change.view).permissions
            if case .serviceAccount(let account) = holder {
                within.formIntersection(try change.view.require(ServiceAccount.self, account).record.permissions)
            }
            return try TokenRule.checked(permissions, within: within)
        }
        let token = try await database.installation(as: principal).change("token.made", on: "token:\(id)") { change in
            let known = try Self.tokens(of: holder, in: organisation, change.view)
            let ended = known.filter { $0.record.expiresAt <= change.now }
            for old in ended { try change.delete(old) }
            guard known.count - ended.count < Self.most else { throw Self.tooMany }
            let token = AccessToken(
                id: id, name: name, organisation: organisation, holder: holder, permissions: permissions,
                madeAt: change.now, madeBy: principal.actor, expiresAt: until, tokenHash: text.hash)
            if case .person(let person) = holder {
                // Without its name: it may be read in a session of another organisation.
                try IdentityDesk.notify(person, "A token that acts in your name was made.", in: change)
            }
            return try change.insert(token).record
        }
        // Who left meanwhile was shown no text, and leaves no token that nobody listed.
        let still = try await scope.read { try Authority(of: caller, in: $0).permissions }
        guard still.isSuperset(of: permissions) else {
            try await end([token], in: organisation, as: principal)
            throw Problem(
                .forbidden, code: "session.not-permitted", "What you may was changed meanwhile.",
                hint: "Ask an owner of the organisation.")
        }
        return (token, text.text)
    }

    private static let tooMany = Problem(
        .conflict, code: "token.too-many", "There are \(most) tokens already.", hint: "Revoke those that nothing uses.")

    /// Revokes a token at once, on every node.
    ///
    /// - Parameter holder: Whose it must be; `nil` for anyone's in the organisation.
    /// - Throws: `Problem` `token.not-found`.
    @discardableResult
    public func revoke(
        _ name: String, of holder: TokenHolder? = nil, in organisation: Identifier<Organisation>,
        as principal: Principal
    ) async throws -> AccessToken {
        let missing = Problem(.notFound, code: "token.not-found", "There is no such token here.")
        guard let id = Identifier<Token>(name) else { throw missing }
        let known = try await tokens(of: holder, in: organisation, as: principal)
        guard let token = known.first(where: { $0.id == id }) else { throw missing }
        try await end([token], in: organisation, as: principal)
        return token
    }

    /// Ends every token of a person in `organisation`, as when they leave it.
    public func endTokens(
        of person: Identifier<Person>, in organisation: Identifier<Organisation>, as principal: Principal
    ) async throws {
        try await end(
            try await tokens(of: .person(person), in: organisation, as: principal), in: organisation, as: principal)
    }

    /// Whoever ends them twice ends them once.
    func end(
        _ tokens: [AccessToken], in organisation: Identifier<Organisation>, as principal: Principal
    ) async throws {
        for token in tokens {
            let subject = "token:\(token.id)"
            try await database.installation(as: principal).change("token.revoked", on: subject) { change in
                if let stored = try change.view.find(AccessToken.self, token.id) { try change.delete(stored) }
            }
            try await database.scope(organisation, as: principal).change("token.revoked", on: subject) { _ in }
        }
        try await uses.forget(tokens.map(\.id.bytes), in: database.installation(as: principal))
    }
}

/// What a token may hold and how long.
enum TokenRule {
    /// - Throws: `Problem` that names the field.
    static func checked(_ permissions: [Permission], within: Set<Permission>) throws -> [Permission] {
        let wanted = Set(permissions)
        let place = Problem.Place(field: "permissions")
        guard !wanted.isEmpty else {
            throw Problem(
                .invalid, code: "token.permissions", "A token without a permission is of no use.",
                hint: "Choose at least one.", place: place)
        }
        if let barred = Permission.allCases.first(where: { wanted.contains($0) && !Permission.ofTokens.contains($0) }) {
            throw Problem(
                .invalid, code: "token.permissions", "No token can hold \(barred.rawValue): that takes a person.",
                hint: "Leave it out.", place: place)
        }
        if let beyond = Permission.allCases.first(where: { wanted.contains($0) && !within.contains($0) }) {
            throw Problem(
                .invalid, code: "token.permissions", "\(beyond.rawValue) is more than its holder may.",
                hint: "Leave it out.", place: place)
        }
        return Permission.allCases.filter(wanted.contains)
    }

    static func check(until: Instant, now: Instant) throws {
        guard until > now, until <= now + AccessToken.longest else {
            throw Problem(
                .invalid, code: "token.until", "A token must end in the future, within 366 days.",
                hint: "Write the day it ends, such as 2026-12-31.", place: Problem.Place(field: "until"))
        }
    }
}

import Kernel
import Store

extension IdentityDesk {
    // MARK: - Beginning and ending

    /// Who holds `token`.
    ///
    /// - Parameter isUse: Whether a person is behind it, and not a page that keeps itself up to date: only that keeps a session
    ///   from ending.
    /// - Returns: `nil` if nobody does, or the session has ended.
    public func signedIn(with token: SecretToken, isUse: Bool = true) async throws -> SignedIn? {
        let now = clock.now()
        let found = try await database.installation(as: .job(.session)).read { view -> (Session, Account, Tenant)? in
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
        let last = try await sessionUses.last(of: [session.id], in: scope)[session.id] ?? session.beganAt
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
        try await own(signedIn).change("session.ended", on: "session:\(signedIn.session.id)") { change in
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
            try verified?.demandUnchanged(in: change.view)
            // In one change, so that one that was ended meanwhile is not followed by another, and never for longer.
            if let old { try change.delete(try Self.current(old, in: change)) }
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

    /// The stored session, if it is still known by the token by which `session` was found: not one that was ended meanwhile, nor
    /// one that was confirmed and has another token since.
    ///
    /// - Throws: `Problem` `session.missing`.
    static func current(_ session: Session, in change: Change) throws -> Stored<Session> {
        guard let stored = try change.view.find(Session.self, session.id),
            stored.record.tokenHash == session.tokenHash
        else { throw signedOut }
        return stored
    }

    /// Whoever goes on with a session that is no more.
    private static let signedOut = Problem(.unauthenticated, code: "session.missing", "You are not signed in.")

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

    // MARK: - One's own

    /// A person's sessions that still hold, newest first.
    public func sessions(of signedIn: SignedIn) async throws -> [OwnSession] {
        let now = clock.now()
        let query = Query(
            "person = ? AND expires_at > ?", [.blob(signedIn.account.id.bytes), .integer(now.milliseconds)])
        let sessions = try await own(signedIn).read { try $0.list(Session.self, query).map(\.record) }
        let uses = try await sessionUses.last(of: sessions.map(\.id), in: own(signedIn))
        return sessions.sorted { $0.beganAt > $1.beganAt }.map {
            OwnSession(
                id: $0.id.description, means: $0.means, beganAt: $0.beganAt,
                lastUsedAt: max(uses[$0.id] ?? $0.beganAt, $0.beganAt), expiresAt: $0.expiresAt,
                isThisOne: $0.id == signedIn.session.id)
        }
        .filter { now < $0.lastUsedAt + Session.longestIdle }
    }

    /// Ends one of a person's own sessions at once, on every node. It is confirmed first (ASVS 5.0 7.5.2): whoever sits at
    /// somebody else's session must not end the one that they would notice it in.
    public func endSession(_ id: String, of signedIn: SignedIn) async throws {
        try demandFresh(signedIn)
        try await own(signedIn).change("session.ended", on: "session:\(id)") { change in
            guard let id = Identifier<Session>(id), let session = try change.view.find(Session.self, id),
                session.record.person == signedIn.account.id
            else { throw Problem(.notFound, code: "session.not-found", "There is no such session of yours.") }
            try change.delete(session)
        }
    }

    /// Ends all sessions of a person but the one that asks.
    ///
    /// - Returns: How many there were.
    @discardableResult
    public func endOtherSessions(of signedIn: SignedIn) async throws -> Int {
        try demandFresh(signedIn)
        return try await own(signedIn).change("sessions.ended", on: Self.subject(signedIn)) { change in
            try Self.endSessions(of: signedIn.account.id, but: signedIn.session.id, in: change)
        }
    }

    @discardableResult
    static func endSessions(
        of person: Identifier<Person>, but kept: Identifier<Session>?, in change: Change
    ) throws -> Int {
        let sessions = try change.view.list(Session.self, Query("person = ?", [.blob(person.bytes)]))
            .filter { $0.record.id != kept }
        for session in sessions { try change.delete(session) }
        // What was begun with the means of before would end as a session too.
        try PendingSignIn.endAll(of: person, in: change)
        return sessions.count
    }
}

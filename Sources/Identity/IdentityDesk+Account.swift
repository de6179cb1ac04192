import Kernel
import Passkeys
import Store

/// One of a person's sessions, as they see it.
public struct OwnSession: Sendable {
    /// How routes name it.
    public let id: String
    /// When it began.
    public let beganAt: Instant
    /// When it ends by itself.
    public let expiresAt: Instant
    /// Whether it is the one that asks.
    public let isThisOne: Bool
}

extension IdentityDesk {
    // MARK: - Reading

    /// The means by which a person signs in.
    public func ownFactors(of person: Identifier<Person>) async throws -> OwnFactors {
        let factors = try await database.installation(as: .person(person)).read { view in
            try view.find(Factors.self, person.retyped())?.record
        }
        let passkeys = try await passkeys(of: person).map(\.record).sorted { $0.addedAt < $1.addedAt }
        return OwnFactors(
            hasApp: factors?.app != nil,
            passkeys: passkeys.map { own in
                OwnFactors.Passkey(
                    id: own.id.description, name: own.name, addedAt: own.addedAt, lastUsedAt: own.lastUsedAt,
                    isBackedUp: own.passkey.isBackedUp)
            }, recoveryCodesLeft: factors?.recoveryCodes?.left ?? 0)
    }

    func passkeys(of person: Identifier<Person>) async throws -> [Stored<OwnPasskey>] {
        try await database.installation(as: .person(person)).read { view in
            try view.list(OwnPasskey.self, Query("person = ?", [.blob(person.bytes)]))
        }
    }

    /// What a person has to be told, newest first.
    public func notices(of person: Identifier<Person>) async throws -> [AccountNotice] {
        try await database.installation(as: .person(person)).read { view in
            try view.list(AccountNotice.self, Query("person = ?", [.blob(person.bytes)], order: "at DESC", limit: 50))
                .map(\.record)
        }
    }

    /// Removes the notices that a person has read. Whoever sits at somebody else's session must not hide what they changed.
    public func dismissNotices(_ signedIn: SignedIn) async throws {
        try demandFresh(signedIn)
        try await own(signedIn).change("notices.dismissed", on: Self.subject(signedIn)) { change in
            let notices = Query("person = ?", [.blob(signedIn.account.id.bytes)])
            for notice in try change.view.list(AccountNotice.self, notices) { try change.delete(notice) }
        }
    }

    static func notify(_ person: Identifier<Person>, _ text: String, in change: Change) throws {
        try change.insert(AccountNotice(id: change.newIdentifier(), person: person, text: text, at: change.now))
    }

    // MARK: - Sessions

    /// A person's sessions, newest first.
    public func sessions(of signedIn: SignedIn) async throws -> [OwnSession] {
        let now = clock.now()
        let query = Query(
            "person = ? AND expires_at > ?", [.blob(signedIn.account.id.bytes), .integer(now.milliseconds)])
        let sessions = try await own(signedIn).read { try $0.list(Session.self, query).map(\.record) }
        return sessions.sorted { $0.beganAt > $1.beganAt }.map {
            OwnSession(
                id: $0.id.description, beganAt: $0.beganAt, expiresAt: $0.expiresAt,
                isThisOne: $0.id == signedIn.session.id)
        }
    }

    /// Ends one of a person's own sessions at once, on every node.
    public func endSession(_ id: String, of signedIn: SignedIn) async throws {
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
        try await own(signedIn).change("sessions.ended", on: Self.subject(signedIn)) { change in
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

    // MARK: - Password

    /// Changes a person's own password and ends their other sessions.
    ///
    /// - Throws: `Problem` at the field that will not do.
    public func changePassword(of signedIn: SignedIn, to password: String, network: String) async throws {
        try demandFresh(signedIn)
        let address = try Account.normalised(email: signedIn.account.email)
        let words = address.split { !$0.isLetter && !$0.isNumber } + signedIn.account.name.split(separator: " ")
        let plain = try PasswordRule.normalised(password, context: words.map(String.init) + [signedIn.tenant.name])
        let encoded = try await hasher.admitting(HashingThreads.Applicant(network: network, isKnown: true)) {
            try await hashed(plain, isKnown: true)
        }
        try await own(signedIn).change("password.changed", on: Self.subject(signedIn)) { change in
            let credential = Credential(
                id: signedIn.account.id.retyped(), encoded: encoded, setAt: change.now,
                vouchedBy: signedIn.session.vouchedBy)
            if let stored = try change.view.find(Credential.self, credential.id) {
                try Self.demandNoLess(stored.record.vouchedBy, signedIn)
                try change.update(stored, to: credential)
            } else {
                try change.insert(credential)
            }
            try Self.endSessions(of: signedIn.account.id, but: signedIn.session.id, in: change)
            try Self.notify(signedIn.account.id, "Your password was changed.", in: change)
        }
        // Guesses at the old one are none at the new one.
        try await throttle.forget(address)
    }

    /// What opens more than a session does is not replaced or removed in it: what came instead would be worth less.
    private static func demandNoLess(_ vouchedBy: Vouching, _ signedIn: SignedIn) throws {
        guard !vouchedBy.isWithin(signedIn.session.vouchedBy) else { return }
        throw Problem(
            .forbidden, code: "session.worth-less",
            "This session opens \(signedIn.tenant.name) only, and that opens more.",
            hint: "Sign in with a means of your own first, such as a passkey or the password.")
    }

    // MARK: - Authenticator app

    /// Makes the secret of an authenticator app, which counts once a code of it was given.
    ///
    /// - Returns: The secret as text, and what a QR code of it says.
    public func beginApp(of signedIn: SignedIn, issuer: String) async throws -> (secret: String, uri: String) {
        try demandFresh(signedIn)
        let app = OneTimePasswordFactor(randomness: randomness)
        try await changeFactors(of: signedIn, "authenticator-app.shown") { factors, change in
            factors.appToConfirm = AppToConfirm(app: app, until: change.now + Session.confirmed)
        }
        return (app.secretText, app.uri(issuer: issuer, account: signedIn.account.email))
    }

    /// The app that was shown last and has not proved itself yet.
    ///
    /// - Throws: `Problem` `authenticator-app.none` if there is none.
    public func appToConfirm(of signedIn: SignedIn, issuer: String) async throws -> (secret: String, uri: String) {
        try demandFresh(signedIn)
        let now = clock.now()
        let shown = try await own(signedIn).read { view in
            try view.find(Factors.self, signedIn.account.id.retyped())?.record.appToConfirm
        }
        guard let shown, now < shown.until else {
            throw Problem(
                .conflict, code: "authenticator-app.none", "No app is being added.", hint: "Begin on the account page.")
        }
        return (shown.app.secretText, shown.app.uri(issuer: issuer, account: signedIn.account.email))
    }

    /// Puts an authenticator app into use with a first code.
    ///
    /// - Returns: Recovery codes, if the person had none yet; they are shown once.
    /// - Throws: `Problem` `authenticator-app.code` if it does not fit.
    public func confirmApp(of signedIn: SignedIn, code: String) async throws -> [String] {
        try demandFresh(signedIn)
        let randomness = randomness
        let codes = try await changeFactors(of: signedIn, "authenticator-app.added") { factors, change in
            guard let shown = factors.appToConfirm, change.now < shown.until,
                let app = shown.app.accepting(code, at: change.now)
            else {
                throw Problem(
                    .invalid, code: "authenticator-app.code", "That code does not fit.",
                    hint: "Check the clock of the device that shows it, and give the newest code.",
                    place: Problem.Place(field: "code"))
            }
            if factors.app != nil { try Self.demandNoLess(factors.appVouchedBy, signedIn) }
            factors.app = app
            factors.appVouchedBy = signedIn.session.vouchedBy
            factors.appToConfirm = nil
            try PendingSignIn.endAll(of: signedIn.account.id, in: change)
            try Self.notify(signedIn.account.id, "An authenticator app was added.", in: change)
            return Self.makeFirstCodes(&factors, for: signedIn, randomness)
        }
        try await throttle.forget(Self.secondStep(of: signedIn.account.id))
        return codes
    }

    /// Takes the authenticator app out of use.
    public func removeApp(of signedIn: SignedIn) async throws {
        try demandFresh(signedIn)
        try await changeFactors(of: signedIn, "authenticator-app.removed") { factors, change in
            if factors.app != nil { try Self.demandNoLess(factors.appVouchedBy, signedIn) }
            factors.app = nil
            factors.appToConfirm = nil
            try PendingSignIn.endAll(of: signedIn.account.id, in: change)
            try Self.notify(signedIn.account.id, "The authenticator app was removed.", in: change)
        }
    }

    /// Makes new recovery codes; the old ones stop working.
    ///
    /// - Returns: The codes, which are shown once.
    public func makeRecoveryCodes(of signedIn: SignedIn) async throws -> [String] {
        try demandFresh(signedIn)
        let randomness = randomness
        return try await changeFactors(of: signedIn, "recovery-codes.made") { factors, change in
            let (codes, kept) = RecoveryCodes.make(randomness: randomness)
            factors.recoveryCodes = kept
            factors.codesVouchedBy = signedIn.session.vouchedBy
            try Self.notify(signedIn.account.id, "New recovery codes were made.", in: change)
            return codes.map(\.text)
        }
    }

    private static func makeFirstCodes(
        _ factors: inout Factors, for signedIn: SignedIn, _ randomness: Randomness
    ) -> [String] {
        guard factors.recoveryCodes == nil else { return [] }
        let (codes, kept) = RecoveryCodes.make(randomness: randomness)
        factors.recoveryCodes = kept
        factors.codesVouchedBy = signedIn.session.vouchedBy
        return codes.map(\.text)
    }

    // MARK: - Passkeys

    /// The question to a new passkey.
    public func newPasskeyQuestion(of signedIn: SignedIn, at site: Site) async throws -> PasskeyCreationOptions {
        try demandFresh(signedIn)
        let factors = try await changeFactors(of: signedIn, "passkey.asked") { factors, _ in factors }
        let existing = try await passkeys(of: signedIn.account.id).map(\.record.passkey)
        let (now, visitor, randomness) = (clock.now(), signedIn.session.formToken, randomness)
        let challenge = try await own(signedIn).read { view in
            Challenge.make(for: visitor, at: now, randomness: randomness, in: view)
        }
        return PasskeyCreationOptions(
            relyingParty: site.host, service: "Vouchsafe", userHandle: factors.userHandle,
            name: signedIn.account.email, displayName: signedIn.account.name, challenge: challenge, existing: existing,
            userVerification: .required)
    }

    /// Adds a passkey by what the browser answered.
    ///
    /// - Throws: `Problem` whose code begins with `passkey.`
    public func addPasskey(
        _ response: PasskeyCreationResponse, called name: String, of signedIn: SignedIn, at site: Site
    ) async throws {
        try demandFresh(signedIn)
        let name = try OneLine.checked(name, field: "name", longest: 100)
        try await changeFactors(of: signedIn, "passkey.added") { _, change in
            let challenge = try Challenge.presented(
                in: response.clientData, for: signedIn.session.formToken, at: change.now, in: change.view)
            let registration = try PasskeyRegistration.verify(
                response,
                against: PasskeyExpectation(
                    challenge: challenge, origins: [site.origin], relyingParty: site.host, demandsUserVerification: true
                ))
            let index = change.view.blindIndex(
                OwnPasskey.table, "credential_index", of: registration.passkey.credentialID.hex)
            guard try change.view.count(OwnPasskey.self, Query("credential_index = ?", [.blob(index)])) == 0 else {
                throw Problem(.conflict, code: "passkey.known", "This passkey belongs to an account already.")
            }
            try change.insert(
                OwnPasskey(
                    id: change.newIdentifier(), person: signedIn.account.id, name: name, addedAt: change.now,
                    relyingParty: site.host, passkey: registration.passkey, lastUsedAt: nil, credentialIndex: index,
                    vouchedBy: signedIn.session.vouchedBy))
            try Self.notify(signedIn.account.id, "The passkey “\(name)” was added.", in: change)
        }
    }

    /// Takes a passkey out of use.
    public func removePasskey(_ id: String, of signedIn: SignedIn) async throws {
        try demandFresh(signedIn)
        try await own(signedIn).change("passkey.removed", on: Self.subject(signedIn)) { change in
            guard let id = Identifier<OwnPasskey>(id), let passkey = try change.view.find(OwnPasskey.self, id),
                passkey.record.person == signedIn.account.id
            else { throw Problem(.notFound, code: "passkey.not-found", "There is no such passkey of yours.") }
            try Self.demandNoLess(passkey.record.vouchedBy, signedIn)
            try change.delete(passkey)
            try Self.demandWayIn(of: signedIn.account.id, in: change.view)
            try PendingSignIn.endAll(of: signedIn.account.id, in: change)
            try Self.notify(signedIn.account.id, "The passkey “\(passkey.record.name)” was removed.", in: change)
        }
    }

    // MARK: - What an organisation demands

    /// What `organisation` demands of those who sign in.
    public func demand(of organisation: Identifier<Organisation>, as principal: Principal) async throws -> SignInDemand
    {
        try await database.scope(organisation, as: principal).read { try Self.demand(in: $0) }
    }

    static func demand(in view: ReadView) throws -> SignInDemand {
        try view.list(SignInRule.self, Query(limit: 1)).first?.record.demand ?? .none
    }

    /// Decides what an organisation demands. Whoever does not meet it may then only manage their own account.
    ///
    /// - Throws: `Problem` `sign-in.own-demand` unless the person who decides meets it themselves.
    public func setDemand(_ demand: SignInDemand, by signedIn: SignedIn) async throws {
        try demandFresh(signedIn)
        guard demand.isMet(by: signedIn.session.means) else {
            throw Problem(
                .conflict, code: "sign-in.own-demand", "You would shut yourself out: you did not sign in that way.",
                hint: "Add such a factor to your account, sign in with it, and decide then.")
        }
        try await write(demand, by: signedIn.caller)
    }

    // MARK: - Shared steps

    func own(_ signedIn: SignedIn) -> ScopedDatabase {
        database.installation(as: .person(signedIn.account.id))
    }

    static func subject(_ signedIn: SignedIn) -> String { "person:\(signedIn.account.id)" }

    @discardableResult
    private func changeFactors<T: Sendable>(
        of signedIn: SignedIn, _ action: String, _ body: @escaping @Sendable (inout Factors, Change) throws -> T
    ) async throws -> T {
        let randomness = randomness
        return try await own(signedIn).change(action, on: Self.subject(signedIn)) { change in
            let stored = try change.view.find(Factors.self, signedIn.account.id.retyped())
            var factors =
                stored?.record
                ?? Factors(
                    id: signedIn.account.id.retyped(), userHandle: PasskeyOptions.userHandle(randomness: randomness))
            let result = try body(&factors, change)
            if let stored { try change.update(stored, to: factors) } else { try change.insert(factors) }
            return result
        }
    }
}

import Kernel
import Passkeys
import Store

extension IdentityDesk {
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
            return try Self.makeFirstCodes(&factors, for: signedIn, randomness, in: change)
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
        _ factors: inout Factors, for signedIn: SignedIn, _ randomness: Randomness, in change: Change
    ) throws -> [String] {
        guard factors.recoveryCodes == nil else { return [] }
        let (codes, kept) = RecoveryCodes.make(randomness: randomness)
        factors.recoveryCodes = kept
        factors.codesVouchedBy = signedIn.session.vouchedBy
        try notify(signedIn.account.id, "Recovery codes were made.", in: change)
        return codes.map(\.text)
    }

    @discardableResult
    func changeFactors<T: Sendable>(
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

import Kernel
import Passkeys
import Store

/// How far a sign-in has come.
public enum SignInStep: Sendable {
    /// They are in.
    case done(SecretToken, SignedIn)
    /// The password was right; now a second factor is asked for, within five minutes.
    case needsSecondFactor(SecretToken)
}

/// What is asked for at the second step.
public struct SecondFactorQuestion: Sendable {
    /// Whether a code of an authenticator app can answer it.
    public let hasApp: Bool
    /// Whether a passkey can.
    public let hasPasskey: Bool
}

extension IdentityDesk {
    /// Begins the session of somebody whose password was right, or asks for the second factor if they have one.
    func continueSignIn(of person: Identifier<Person>, vouchedBy: Vouching) async throws -> SignInStep {
        let factors = try await ownFactors(of: person)
        guard factors.hasSecondFactor else {
            return .done(token: try await enter(person, by: [.password], vouchedBy: vouchedBy))
        }
        return .needsSecondFactor(try await waitForSecondFactor(of: person, vouchedBy: vouchedBy))
    }

    /// Notes that everything but the second factor was shown.
    func waitForSecondFactor(
        of person: Identifier<Person>, vouchedBy: Vouching, toComplete recovery: PendingRecovery? = nil
    ) async throws -> SecretToken {
        let scope = database.installation(as: .person(person))
        let token = SecretToken(randomness: randomness)
        try await scope.change("sign-in.began", on: "person:\(person)") { change in
            let old = Query(
                "person = ? AND expires_at <= ?", [.blob(person.bytes), .integer(change.now.milliseconds)])
            for old in try change.view.list(PendingSignIn.self, old) { try change.delete(old) }
            try change.insert(
                PendingSignIn(
                    id: change.newIdentifier(), person: person, expiresAt: change.now + PendingSignIn.lifetime,
                    tokenHash: token.hash, failures: 0, vouchedBy: vouchedBy, recovery: recovery))
        }
        return token
    }

    /// What can answer the second step.
    ///
    /// - Throws: `Problem` `sign-in.expired` if the password must be given again.
    public func question(for token: SecretToken) async throws -> SecondFactorQuestion {
        let factors = try await ownFactors(of: try await pending(token).person)
        return SecondFactorQuestion(hasApp: factors.hasApp, hasPasskey: !factors.passkeys.isEmpty)
    }

    /// Ends a sign-in with a code of the authenticator app, or with a recovery code.
    ///
    /// - Throws: `Problem` `sign-in.code` if it is wrong or was used; after five of them `sign-in.expired`; `tooMuch` while the
    ///   person must wait before another code.
    public func signIn(pending token: SecretToken, code: String) async throws -> (SecretToken, SignedIn) {
        let pending = try await pending(token)
        let person = pending.person
        // A recovery code has too many bits to be guessed, and always works; six digits can be guessed by whoever has the
        // password, however often they begin anew.
        let attempt =
            RecoveryCode(typed: code) == nil
            ? try await throttle.begin(Self.secondStep(of: person), "second step") : nil
        let scope = database.installation(as: .person(person))
        let shown = try await scope.change("sign-in.answered", on: "person:\(person)") { change -> Shown? in
            guard let stored = try Self.find(token, in: change.view, now: change.now) else { throw Self.expired }
            if let means = try Self.take(code, of: person, in: change) {
                try change.delete(stored)
                let factors = try change.view.find(Factors.self, person.retyped())?.record
                let shown = Shown(
                    means, vouchedBy: means == .recoveryCode ? factors?.codesVouchedBy : factors?.appVouchedBy)
                return try Self.together(stored.record, shown, in: change)
            }
            var failed = stored.record
            failed.failures += 1
            if failed.failures < PendingSignIn.mostFailures {
                try change.update(stored, to: failed)
            } else {
                try change.delete(stored)
            }
            return nil
        }
        guard let shown else {
            throw Problem(
                .unauthenticated, code: "sign-in.code", "That code is wrong, or it was used already.",
                hint: "Wait for the next code of the app, or give one of your recovery codes.",
                place: Problem.Place(field: "code"))
        }
        if let attempt { try await throttle.succeeded(attempt) }
        return try await enter(pending, by: shown)
    }

    /// What wrong codes are counted for, whatever sign-in they were part of.
    static func secondStep(of person: Identifier<Person>) -> String { "second step of \(person)" }

    /// Takes a code of the app or a recovery code, so that it cannot be used again.
    ///
    /// - Returns: What it was; `nil` if it was neither.
    static func take(_ code: String, of person: Identifier<Person>, in change: Change) throws -> Means? {
        guard let stored = try change.view.find(Factors.self, person.retyped()) else { return nil }
        var factors = stored.record
        if let app = factors.app?.accepting(code, at: change.now) {
            factors.app = app
            try change.update(stored, to: factors)
            return .authenticatorApp
        }
        if let typed = RecoveryCode(typed: code), let left = factors.recoveryCodes?.using(typed) {
            factors.recoveryCodes = left
            try change.update(stored, to: factors)
            try notify(person, "A recovery code was used; \(left.left) are left.", in: change)
            return .recoveryCode
        }
        return nil
    }

    // MARK: - Passkeys

    /// The question to a passkey at sign-in.
    ///
    /// - Parameters:
    ///   - pending: The sign-in whose second step it is; `nil` to let the passkey say who it is.
    ///   - visitor: What only this visitor's browser has, to which the question is bound.
    ///   - site: Where the browser is.
    public func passkeyQuestion(
        for pending: SecretToken?, visitor: String, at site: Site
    ) async throws -> PasskeyRequestOptions {
        let now = clock.now()
        var allowed: [Passkey] = []
        if let pending {
            let person = try await self.pending(pending).person
            allowed = try await passkeys(of: person).filter { $0.record.relyingParty == site.host }.map(
                \.record.passkey)
        }
        let challenge = try await database.installation(as: .job("sign-in")).read { view in
            Challenge.make(for: visitor, at: now, randomness: randomness, in: view)
        }
        return PasskeyRequestOptions(
            relyingParty: site.host, challenge: challenge, allowed: allowed,
            userVerification: pending == nil ? .required : .preferred)
    }

    /// Ends a sign-in with a passkey's answer.
    ///
    /// - Throws: `Problem` whose code begins with `passkey.`, or `sign-in.expired`.
    public func signIn(
        with response: PasskeyRequestResponse, pending token: SecretToken?, visitor: String, at site: Site
    ) async throws -> (SecretToken, SignedIn) {
        let known: PendingSignIn? = if let token { try await pending(token) } else { nil }
        let scope = database.installation(as: known.map { .person($0.person) } ?? .job("sign-in"))
        let (person, shown) = try await scope.change("sign-in.passkey") { change -> (Identifier<Person>, Shown) in
            let index = change.view.blindIndex(OwnPasskey.table, "credential_index", of: response.credentialID.hex)
            let unknown = Problem(
                .unauthenticated, code: "passkey.unknown", "This passkey belongs to no account here.",
                hint: "Sign in another way, and add it to your account.")
            guard
                let stored = try change.view.list(
                    OwnPasskey.self, Query("credential_index = ?", [.blob(index)], limit: 1)
                ).first, known == nil || known?.person == stored.record.person,
                let factors = try change.view.find(Factors.self, stored.record.person.retyped())?.record
            else { throw unknown }
            let challenge = try Challenge.presented(
                in: response.clientData, for: visitor, at: change.now, in: change.view)
            let handle = factors.userHandle
            let asked: PasskeyAssertion.Asked =
                known == nil
                ? .anyone(userHandle: handle)
                : .known(credentialIDs: [stored.record.passkey.credentialID], userHandle: handle)
            let assertion = try PasskeyAssertion.verify(
                response, of: stored.record.passkey, asked: asked,
                against: PasskeyExpectation(
                    challenge: challenge, origins: [site.origin], relyingParty: stored.record.relyingParty,
                    demandsUserVerification: known == nil))
            var used = stored.record
            used.passkey = assertion.passkey
            used.lastUsedAt = change.now
            try used.answer(challenge, at: change.now)
            try change.update(stored, to: used)
            var shown = Shown(.passkey, vouchedBy: stored.record.vouchedBy)
            if let token {
                guard let pending = try Self.find(token, in: change.view, now: change.now) else { throw Self.expired }
                try change.delete(pending)
                shown = try Self.together(pending.record, shown, in: change)
            }
            return (stored.record.person, shown)
        }
        guard let known else { return try await enter(person, by: [.passkey], vouchedBy: shown.vouchedBy) }
        return try await enter(known, by: shown)
    }

    // MARK: - The sign-in under way

    private func pending(_ token: SecretToken) async throws -> PendingSignIn {
        let now = clock.now()
        let found = try await database.installation(as: .job("sign-in")).read { view in
            try Self.find(token, in: view, now: now)?.record
        }
        guard let found else { throw Self.expired }
        return found
    }

    private static func find(_ token: SecretToken, in view: ReadView, now: Instant) throws -> Stored<PendingSignIn>? {
        try view.list(
            PendingSignIn.self,
            Query("token_hash = ? AND expires_at > ?", [.blob(token.hash), .integer(now.milliseconds)], limit: 1)
        ).first
    }

    private static var expired: Problem {
        Problem(
            .unauthenticated, code: "sign-in.expired",
            "This sign-in took too long, or there were too many wrong codes.",
            hint: "Give your e-mail address and password again.")
    }
}

extension SignInStep {
    fileprivate static func done(token: (SecretToken, SignedIn)) -> SignInStep { .done(token.0, token.1) }
}

/// Where a browser is, as it says itself in every request: passkeys work for that domain only.
public struct Site: Hashable, Sendable {
    /// `https://host`, with the port unless it is the usual one.
    public let origin: String
    /// The host name, which is the relying party's id.
    public let host: String

    /// The site behind the authority of a request.
    ///
    /// - Throws: `Problem` `passkey.site` where there is no host name.
    public init(authority: String) throws {
        let host = String(authority.prefix { $0 != ":" })
        guard !host.isEmpty, !authority.hasPrefix("["), authority.utf8.count <= 255 else {
            throw Problem(
                .invalid, code: "passkey.site", "Passkeys need a host name in the address.",
                hint: "Open the server by its name, not by a number.")
        }
        self.host = host
        origin = authority.hasSuffix(":443") ? "https://\(host)" : "https://\(authority)"
    }
}

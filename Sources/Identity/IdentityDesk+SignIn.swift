import Kernel
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
    /// Whether a recovery code can.
    public let takesRecoveryCode: Bool
}

extension IdentityDesk {
    /// Begins the session of somebody whose first answer was right, or asks for the second factor if they have one.
    func continueSignIn(
        of person: Identifier<Person>, after first: Means, vouchedBy: Vouching, verified: Credential? = nil
    ) async throws -> SignInStep {
        let factors = try await ownFactors(of: person)
        guard factors.hasSecondFactor else {
            return .done(token: try await enter(person, by: [first], vouchedBy: vouchedBy, verified: verified))
        }
        return .needsSecondFactor(
            try await awaitSecondFactor(of: person, after: [first], vouchedBy: vouchedBy, verified: verified))
    }

    /// Keeps what was shown already until the second factor is.
    ///
    /// - Parameters:
    ///   - organisation: The only one that it leads to; `nil` for the person's first.
    ///   - recovery: What the second factor completes, if that is not a sign-in.
    func awaitSecondFactor(
        of person: Identifier<Person>, after shown: Set<Means>, vouchedBy: Vouching,
        to organisation: Identifier<Organisation>? = nil, toComplete recovery: PendingRecovery? = nil,
        verified: Credential? = nil
    ) async throws -> SecretToken {
        let token = SecretToken(randomness: randomness)
        let scope = database.installation(as: .person(person))
        try await scope.change("sign-in.began", on: "person:\(person)") { change in
            try verified?.demandUnchanged(in: change.view)
            try PendingSignIn.makeRoom(for: person, in: change)
            try change.insert(
                PendingSignIn(
                    id: change.newIdentifier(), person: person, shown: shown, organisation: organisation,
                    expiresAt: change.now + PendingSignIn.lifetime, tokenHash: token.hash, failures: 0,
                    vouchedBy: vouchedBy, recovery: recovery))
        }
        return token
    }

    /// What can answer the second step.
    ///
    /// - Throws: `Problem` `sign-in.expired` if the password must be given again.
    public func question(for token: SecretToken) async throws -> SecondFactorQuestion {
        let pending = try await pending(token)
        let factors = try await ownFactors(of: pending.person)
        return SecondFactorQuestion(
            hasApp: factors.hasApp, hasPasskey: !factors.passkeys.isEmpty,
            takesRecoveryCode: !pending.shown.contains(.recoveryCode) && factors.recoveryCodesLeft > 0)
    }

    /// Ends a sign-in with a code of the authenticator app, or with a recovery code.
    ///
    /// - Throws: `Problem` `sign-in.code` if it is wrong or was used; after five of them `sign-in.expired`; `tooMuch` while the
    ///   person must wait before another code.
    public func signIn(pending token: SecretToken, code: String) async throws -> (SecretToken, SignedIn) {
        let pending = try await self.pending(token)
        let person = pending.person
        // A recovery code has too many bits to be guessed, and always works; six digits can be guessed by whoever has the
        // password, however often they begin anew.
        let attempt =
            RecoveryCode(typed: code) == nil
            ? try await throttle.begin(Self.secondStep(of: person), from: .secondStep) : nil
        let scope = database.installation(as: .person(person))
        let shown = try await scope.change("sign-in.answered", on: "person:\(person)") { change -> Shown? in
            guard let stored = try Self.find(token, in: change.view, now: change.now) else { throw Self.expired }
            if let means = try Self.take(code, of: person, after: pending.shown, in: change) {
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
    /// - Parameter shown: What they have shown already: two codes of one sheet are no two factors (NIST SP 800-63B-4 §4.2).
    /// - Returns: What it was; `nil` if it was neither.
    static func take(
        _ code: String, of person: Identifier<Person>, after shown: Set<Means> = [], in change: Change
    ) throws -> Means? {
        guard let stored = try change.view.find(Factors.self, person.retyped()) else { return nil }
        var factors = stored.record
        if let app = factors.app?.accepting(code, at: change.now) {
            factors.app = app
            try change.update(stored, to: factors)
            return .authenticatorApp
        }
        if !shown.contains(.recoveryCode), let typed = RecoveryCode(typed: code),
            let left = factors.recoveryCodes?.using(typed)
        {
            factors.recoveryCodes = left
            try change.update(stored, to: factors)
            try notify(person, "A recovery code was used; \(left.left) are left.", in: change)
            return .recoveryCode
        }
        return nil
    }

    // MARK: - Recovery codes

    /// Begins a sign-in with a recovery code in place of the password: for who has forgotten it, and while guessers have made
    /// it useless on new devices. Who has a second factor still shows it.
    ///
    /// - Throws: One `Problem` `sign-in.recovery` for every pair that does not fit.
    public func signIn(email: String, recoveryCode: String) async throws -> SignInStep {
        let refusal = Problem(
            .unauthenticated, code: "sign-in.recovery", "The e-mail address or the recovery code is wrong.",
            hint: "Each code works once. If none is left, ask somebody who leads your organisation.",
            place: Problem.Place(field: "code"))
        let scope = database.installation(as: .job(.signIn))
        guard let address = try? Account.normalised(email: email), let code = RecoveryCode(typed: recoveryCode),
            let factors = try await scope.read({ view -> Factors? in
                guard let person = try Self.account(address, in: view)?.id else { return nil }
                let factors = try view.find(Factors.self, person.retyped())?.record
                return factors?.recoveryCodes?.using(code) == nil ? nil : factors
            })
        else { throw refusal }
        let (person, vouchedBy): (Identifier<Person>, Vouching) = (factors.id.retyped(), factors.codesVouchedBy)
        guard try await firstOrganisation(of: person, vouchedBy: vouchedBy) != nil else { throw refusal }
        try await database.installation(as: .person(person)).change("sign-in.recovered", on: "person:\(person)") {
            change in
            guard try Self.take(recoveryCode, of: person, in: change) == .recoveryCode else { throw refusal }
        }
        return try await continueSignIn(of: person, after: .recoveryCode, vouchedBy: vouchedBy)
    }

    // MARK: - The sign-in under way

    func pending(_ token: SecretToken) async throws -> PendingSignIn {
        let now = clock.now()
        let found = try await database.installation(as: .job(.signIn)).read { view in
            try Self.find(token, in: view, now: now)?.record
        }
        guard let found else { throw Self.expired }
        return found
    }

    static func find(_ token: SecretToken, in view: ReadView, now: Instant) throws -> Stored<PendingSignIn>? {
        try view.list(
            PendingSignIn.self,
            Query("token_hash = ? AND expires_at > ?", [.blob(token.hash), .integer(now.milliseconds)], limit: 1)
        ).first
    }

    static var expired: Problem {
        Problem(
            .unauthenticated, code: "sign-in.expired",
            "This sign-in took too long, or there were too many wrong codes.",
            hint: "Give your e-mail address and password again.")
    }
}

extension SignInThrottle.Source {
    /// The second step counts by itself, wherever it is taken.
    static var secondStep: Self { .known("second step") }
    /// All sessions of a person count together: another one gives no new attempts.
    static var session: Self { .known("a session") }
}

extension SignInStep {
    static func done(token: (SecretToken, SignedIn)) -> SignInStep { .done(token.0, token.1) }
}

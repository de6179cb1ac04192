import Kernel
import Passkeys
import Store

/// By what a person can confirm what they are about to do.
public struct WaysToConfirm: Sendable {
    /// A password, with a code where they have an app.
    public let hasPassword: Bool
    /// An authenticator app; its code alone is enough where there is no password.
    public let hasApp: Bool
    /// A passkey.
    public let hasPasskey: Bool
    /// The organisation's provider, where there is nothing of their own.
    public let provider: IdentityProvider?
}

/// Showing once more who one is. Whatever confirms a session gives it a new token, and the one of before works no more.
extension IdentityDesk {
    /// By what `signedIn` can confirm something dangerous.
    public func waysToConfirm(_ signedIn: SignedIn) async throws -> WaysToConfirm {
        let person = signedIn.account.id
        let means = try await means(of: person)
        let mayAsk = try await mayConfirmAtProvider(person)
        return WaysToConfirm(
            hasPassword: means.hasPassword, hasApp: means.hasApp, hasPasskey: means.hasPasskey,
            provider: mayAsk ? try await identityProvider(for: signedIn) : nil)
    }

    /// - Throws: `Problem` `session.confirm` if that was too long ago for something dangerous.
    public func demandFresh(_ signedIn: SignedIn) throws { try signedIn.demandFresh(at: clock.now()) }

    /// Confirms a session with the password, and with a code of the app or a recovery code where the person has a second factor.
    ///
    /// - Returns: The session's new token.
    /// - Throws: `Problem` `session.confirm-wrong`; `tooMuch` while the person must wait.
    public func confirm(
        _ signedIn: SignedIn, password: String, code: String, network: String
    ) async throws -> SecretToken {
        try await hasher.admitting(HashingThreads.Applicant(network: network, isKnown: true)) {
            try await compare(signedIn, password: password, code: code, network: network)
        }
    }

    private func compare(
        _ signedIn: SignedIn, password: String, code: String, network: String
    ) async throws -> SecretToken {
        let person = signedIn.account.id
        let refusal = Problem(
            .unauthenticated, code: "session.confirm-wrong", "The password or the code is wrong.", hint: "Check both.",
            place: Problem.Place(field: "password"))
        try await demandPassword(password, of: signedIn, from: network, or: refusal)
        guard try await !ownFactors(of: person).hasSecondFactor else {
            return try await take(code, toConfirm: signedIn, or: refusal)
        }
        return try await own(signedIn).change("session.confirmed", on: Self.subject(signedIn)) { change in
            let credential = try change.view.require(Credential.self, person.retyped()).record
            return try Self.confirm(signedIn, by: credential.vouchedBy, in: change)
        }
    }

    /// Passes if `password` is that of whoever is signed in. A session that was begun with it has attempts of its own, so that
    /// guessers elsewhere do not use them up.
    ///
    /// - Throws: `refusal`; `tooMuch` while the person must wait.
    func demandPassword(
        _ password: String, of signedIn: SignedIn, from network: String, or refusal: Problem
    ) async throws {
        let address = try Account.normalised(email: signedIn.account.email)
        let attempt = try await throttle.begin(
            address, from: signedIn.session.means.contains(.password) ? .session : .network(network))
        guard try await credential(of: signedIn.account.id, ifItIs: password) != nil else { throw refusal }
        try await throttle.succeeded(attempt)
    }

    /// Confirms a session with a code of the app, or a recovery code, of somebody who has no password.
    ///
    /// - Returns: The session's new token.
    /// - Throws: `Problem` `session.confirm-wrong`; `tooMuch` while the person must wait.
    public func confirm(_ signedIn: SignedIn, code: String) async throws -> SecretToken {
        let refusal = Problem(
            .unauthenticated, code: "session.confirm-wrong", "That code is wrong, or it was used already.",
            hint: "Give the newest code of the app, or a recovery code.", place: Problem.Place(field: "code"))
        guard try await !means(of: signedIn.account.id).hasPassword else { throw refusal }
        return try await take(code, toConfirm: signedIn, or: refusal)
    }

    /// Takes a code and confirms the session in one change. Six digits can be guessed by whoever has the rest, here as at
    /// sign-in; a recovery code cannot.
    private func take(
        _ code: String, toConfirm signedIn: SignedIn, or refusal: Problem
    ) async throws -> SecretToken {
        let person = signedIn.account.id
        let attempt =
            RecoveryCode(typed: code) == nil
            ? try await throttle.begin(Self.secondStep(of: person), from: .secondStep) : nil
        let token = try await own(signedIn).change("session.confirmed", on: Self.subject(signedIn)) { change in
            guard let means = try Self.take(code, of: person, in: change) else { throw refusal }
            let factors = try change.view.require(Factors.self, person.retyped()).record
            let vouchedBy = means == .recoveryCode ? factors.codesVouchedBy : factors.appVouchedBy
            return try Self.confirm(signedIn, by: vouchedBy, in: change)
        }
        if let attempt { try await throttle.succeeded(attempt) }
        return token
    }

    /// The question to one of the person's own passkeys, to confirm their session.
    public func passkeyQuestion(confirming signedIn: SignedIn, at site: Site) async throws -> PasskeyRequestOptions {
        try await passkeyQuestion(
            to: signedIn.account.id, visitor: signedIn.session.formToken, at: site, userVerification: .required)
    }

    /// Confirms a session with a passkey that verified its holder, which is two factors in one.
    ///
    /// - Returns: The session's new token.
    /// - Throws: `Problem` whose code begins with `passkey.`
    public func confirm(
        _ signedIn: SignedIn, with response: PasskeyRequestResponse, at site: Site
    ) async throws -> SecretToken {
        try await own(signedIn).change("session.confirmed", on: Self.subject(signedIn)) { change in
            let passkey = try Self.accept(
                response, of: signedIn.account.id, visitor: signedIn.session.formToken, at: site,
                demandsUserVerification: true, in: change)
            return try Self.confirm(signedIn, by: passkey.vouchedBy, in: change)
        }
    }

    /// - Parameter vouchedBy: What was shown is worth: a session that opens more is not confirmed by it.
    private static func confirm(
        _ signedIn: SignedIn, by vouchedBy: Vouching, in change: Change
    ) throws -> SecretToken {
        guard signedIn.session.vouchedBy.isWithin(vouchedBy) else {
            throw Problem(
                .unauthenticated, code: "session.confirm-wrong",
                "That was set up in a recovery, and is worth less than this session.",
                hint: "Confirm with something that you set up yourself, or sign in anew.")
        }
        // Not with a token that is no longer the session's, be it that another request has just confirmed it.
        let stored = try current(signedIn.session, in: change)
        return try confirm(stored, in: change)
    }

    static func confirm(_ stored: Stored<Session>, in change: Change) throws -> SecretToken {
        let token = SecretToken(randomness: change.randomness)
        var session = stored.record
        session.confirm(at: change.now, under: token, formToken: SecretToken(randomness: change.randomness))
        try change.update(stored, to: session)
        return token
    }
}

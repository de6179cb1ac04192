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

/// Showing once more who one is, for people without a password.
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

    /// Confirms a session with a code of the app, or a recovery code, of somebody who has no password.
    ///
    /// - Throws: `Problem` `session.confirm-wrong`; `tooMuch` while the person must wait.
    public func confirm(_ signedIn: SignedIn, code: String) async throws {
        let person = signedIn.account.id
        let attempt = try await throttle.begin(Self.secondStep(of: person), "second step")
        let isRight = try await own(signedIn).change("session.confirmed", on: Self.subject(signedIn)) {
            change -> Bool in
            guard try !Self.means(of: person, in: change.view).hasPassword,
                try Self.take(code, of: person, in: change) != nil
            else { return false }
            try Self.confirm(signedIn, in: change)
            return true
        }
        guard isRight else {
            throw Problem(
                .unauthenticated, code: "session.confirm-wrong", "That code is wrong, or it was used already.",
                hint: "Give the newest code of the app, or a recovery code.", place: Problem.Place(field: "code"))
        }
        try await throttle.succeeded(attempt)
    }

    /// The question to a passkey that confirms a session.
    public func confirmationQuestion(of signedIn: SignedIn, at site: Site) async throws -> PasskeyRequestOptions {
        let allowed = try await passkeys(of: signedIn.account.id).filter { $0.record.relyingParty == site.host }
        let (now, visitor, randomness) = (clock.now(), signedIn.session.formToken, randomness)
        let challenge = try await own(signedIn).read { view in
            Challenge.make(for: visitor, at: now, randomness: randomness, in: view)
        }
        return PasskeyRequestOptions(
            relyingParty: site.host, challenge: challenge, allowed: allowed.map(\.record.passkey),
            userVerification: .required)
    }

    /// Confirms a session with a passkey's answer.
    ///
    /// - Throws: `Problem` whose code begins with `passkey.`
    public func confirm(_ signedIn: SignedIn, with response: PasskeyRequestResponse, at site: Site) async throws {
        let person = signedIn.account.id
        try await own(signedIn).change("session.confirmed", on: Self.subject(signedIn)) { change in
            let index = change.view.blindIndex(OwnPasskey.table, "credential_index", of: response.credentialID.hex)
            guard
                let stored = try change.view.list(
                    OwnPasskey.self, Query("credential_index = ?", [.blob(index)], limit: 1)
                ).first, stored.record.person == person,
                let factors = try change.view.find(Factors.self, person.retyped())?.record
            else {
                throw Problem(
                    .unauthenticated, code: "passkey.unknown", "This passkey is not one of yours.",
                    hint: "Choose one that your account page lists.")
            }
            let challenge = try Challenge.presented(
                in: response.clientData, for: signedIn.session.formToken, at: change.now, in: change.view)
            let assertion = try PasskeyAssertion.verify(
                response, of: stored.record.passkey,
                asked: .known(
                    credentialIDs: [stored.record.passkey.credentialID], userHandle: factors.userHandle),
                against: PasskeyExpectation(
                    challenge: challenge, origins: [site.origin], relyingParty: stored.record.relyingParty,
                    demandsUserVerification: true))
            var used = stored.record
            used.passkey = assertion.passkey
            used.lastUsedAt = change.now
            try used.answer(challenge, at: change.now)
            try change.update(stored, to: used)
            try Self.confirm(signedIn, in: change)
        }
    }

    private static func confirm(_ signedIn: SignedIn, in change: Change) throws {
        let stored = try change.view.require(Session.self, signedIn.session.id)
        var session = stored.record
        session.confirmedAt = change.now
        try change.update(stored, to: session)
    }
}

import Kernel
import Passkeys
import Store

extension IdentityDesk {
    // MARK: - Signing in

    /// The question to a passkey at sign-in.
    ///
    /// - Parameters:
    ///   - pending: The sign-in whose second step it is; `nil` to let the passkey say who it is.
    ///   - visitor: What only this visitor's browser has, to which the question is bound.
    ///   - site: Where the browser is.
    public func passkeyQuestion(
        for pending: SecretToken?, visitor: String, at site: Site
    ) async throws -> PasskeyRequestOptions {
        let person: Identifier<Person>? = if let pending { try await self.pending(pending).person } else { nil }
        return try await passkeyQuestion(
            to: person, visitor: visitor, at: site, userVerification: pending == nil ? .required : .preferred)
    }

    /// The question to one of a person's own passkeys, or to whichever the browser has.
    func passkeyQuestion(
        to person: Identifier<Person>?, visitor: String, at site: Site, userVerification: PasskeyUserVerification
    ) async throws -> PasskeyRequestOptions {
        var allowed: [Passkey] = []
        if let person {
            allowed = try await passkeys(of: person).filter { $0.record.relyingParty == site.host }.map(
                \.record.passkey)
        }
        let (now, randomness) = (clock.now(), randomness)
        let challenge = try await database.installation(as: .job(.signIn)).read { view in
            Challenge.make(for: visitor, at: now, randomness: randomness, in: view)
        }
        return PasskeyRequestOptions(
            relyingParty: site.host, challenge: challenge, allowed: allowed, userVerification: userVerification)
    }

    /// Ends a sign-in with a passkey's answer.
    ///
    /// - Throws: `Problem` whose code begins with `passkey.`, or `sign-in.expired`.
    public func signIn(
        with response: PasskeyRequestResponse, pending token: SecretToken?, visitor: String, at site: Site
    ) async throws -> (SecretToken, SignedIn) {
        let known: PendingSignIn? = if let token { try await pending(token) } else { nil }
        let now = clock.now()
        // Whoever only sends noise is turned away by a read.
        let person = try await database.installation(as: .job(.signIn)).read { view in
            let person = try Self.passkey(response, of: known?.person, at: site, in: view).record.person
            _ = try Challenge.presented(in: response.clientData, for: visitor, at: now, in: view)
            return person
        }
        let shown = try await database.installation(as: .person(person)).change(
            "sign-in.passkey", on: "person:\(person)"
        ) { change in
            let passkey = try Self.accept(response, of: known?.person, visitor: visitor, at: site, in: change)
            let shown = Shown(.passkey, vouchedBy: passkey.vouchedBy)
            if let token {
                guard let pending = try Self.find(token, in: change.view, now: change.now) else { throw Self.expired }
                try change.delete(pending)
                return try Self.together(pending.record, shown, in: change)
            }
            return shown
        }
        guard let known else { return try await enter(person, by: [.passkey], vouchedBy: shown.vouchedBy) }
        return try await enter(known, by: shown)
    }

    /// The passkey that answers, if it was made for this site and, where it is known who is asked, is theirs.
    ///
    /// - Throws: `Problem` `passkey.unknown`.
    private static func passkey(
        _ response: PasskeyRequestResponse, of person: Identifier<Person>?, at site: Site, in view: ReadView
    ) throws -> Stored<OwnPasskey> {
        let index = view.blindIndex(OwnPasskey.table, "credential_index", of: response.credentialID.hex)
        let found = try view.list(OwnPasskey.self, Query("credential_index = ?", [.blob(index)], limit: 1)).first
        guard let found, person == nil || person == found.record.person, found.record.relyingParty == site.host else {
            throw Problem(
                .unauthenticated, code: "passkey.unknown", "This passkey belongs to no account here.",
                hint: "Sign in another way, and add it to your account.")
        }
        return found
    }

    /// Accepts a passkey's answer, once.
    ///
    /// - Parameter person: Who was asked; `nil` if the passkey says who it is, and then it must have verified its holder.
    @discardableResult
    static func accept(
        _ response: PasskeyRequestResponse, of person: Identifier<Person>?, visitor: String, at site: Site,
        demandsUserVerification: Bool = false, in change: Change
    ) throws -> OwnPasskey {
        let stored = try passkey(response, of: person, at: site, in: change.view)
        let challenge = try Challenge.presented(in: response.clientData, for: visitor, at: change.now, in: change.view)
        let handle = try change.view.require(Factors.self, stored.record.person.retyped()).record.userHandle
        let asked: PasskeyAssertion.Asked =
            person == nil
            ? .anyone(userHandle: handle)
            : .known(credentialIDs: [stored.record.passkey.credentialID], userHandle: handle)
        let assertion = try PasskeyAssertion.verify(
            response, of: stored.record.passkey, asked: asked,
            against: PasskeyExpectation(
                challenge: challenge, origins: [site.origin], relyingParty: stored.record.relyingParty,
                demandsUserVerification: person == nil || demandsUserVerification))
        var used = stored.record
        used.passkey = assertion.passkey
        used.lastUsedAt = change.now
        try used.answer(challenge, at: change.now)
        try change.update(stored, to: used)
        return used
    }

    // MARK: - One's own

    func passkeys(of person: Identifier<Person>) async throws -> [Stored<OwnPasskey>] {
        try await database.installation(as: .person(person)).read { view in
            try view.list(OwnPasskey.self, Query("person = ?", [.blob(person.bytes)]))
        }
    }

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
}

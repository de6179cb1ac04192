import Foundation
import Kernel
import OpenIDConnect
import Store

/// What an owner says about the organisation's provider.
public struct IdentityProviderForm: Sendable {
    /// What becomes of the secret.
    public enum Secret: Sendable {
        /// It stays as it was: the one that was given before, or none.
        case keep
        /// There is none: a public client.
        case none
        /// This one from now on.
        case new(String)
    }

    /// What people call it.
    public var name: String
    /// By what it signs.
    public var issuer: Issuer
    /// What it calls this server.
    public var clientID: String
    /// What this server shows it.
    public var secret: Secret
    /// Whether its word for two factors counts here.
    public var trustsSecondFactor: Bool

    /// A form out of its fields.
    public init(name: String, issuer: Issuer, clientID: String, secret: Secret, trustsSecondFactor: Bool) {
        self.name = name
        self.issuer = issuer
        self.clientID = clientID
        self.secret = secret
        self.trustsSecondFactor = trustsSecondFactor
    }
}

/// The organisation's provider, and what a session that it began is worth.
extension IdentityDesk {
    /// The provider of an organisation; `nil` if it has none.
    public func identityProvider(
        of organisation: Identifier<Organisation>, as principal: Principal
    ) async throws -> IdentityProvider? {
        try await database.scope(organisation, as: principal).read { view in
            try view.list(IdentityProvider.self, Query(limit: 1)).first?.record
        }
    }

    /// The organisation with this name in addresses, and its provider; `nil` if there is no such organisation or it has none.
    public func identityProvider(slug: String) async throws -> (tenant: Tenant, provider: IdentityProvider)? {
        let principal = Principal.job(.signIn)
        guard let tenant = try await tenants(as: principal).first(where: { $0.slug == slug }),
            let provider = try await identityProvider(of: tenant.id, as: principal)
        else { return nil }
        return (tenant, provider)
    }

    /// Sets the provider of the caller's organisation, and ends the sessions that the one before began.
    ///
    /// - Throws: `Problem` that names the field.
    @discardableResult
    public func setIdentityProvider(
        _ form: IdentityProviderForm, by caller: Caller, from session: Session? = nil
    ) async throws -> IdentityProvider {
        guard caller.permissions.contains(.changeIdentityProvider) else {
            // Asked again inside the change; here so that nothing of it is kept first.
            throw Problem(
                .forbidden, code: "session.not-permitted", "Your role does not include identity-provider.change.",
                hint: "Ask an owner of the organisation.")
        }
        let name = try OneLine.checked(form.name, field: "name", longest: 100)
        let clientID = try Self.checked(form.clientID, field: "clientID", what: "client id")
        let secret: String? =
            if case .new(let secret) = form.secret {
                try Self.checked(secret, field: "secret", what: "secret")
            } else {
                nil
            }
        let id = Identifier<IdentityProvider>(at: clock.now(), randomness: randomness)
        let kept: String? =
            if case .keep = form.secret { try await secretToKeep(form, clientID, caller) } else { secret }
        // Kept first: a secret without a provider is nothing, a provider without its secret would fail.
        if let kept { try await keep(kept, of: id, by: caller) }
        do {
            return try await changeProvider("identity-provider.set", by: caller, from: session) { change in
                try change.insert(
                    IdentityProvider(
                        id: id, name: name, issuer: form.issuer, clientID: clientID, hasSecret: kept != nil,
                        trustsSecondFactor: form.trustsSecondFactor, setAt: change.now)
                ).record
            }
        } catch {
            try await forgetSecrets(of: [id], by: caller)
            throw error
        }
    }

    /// Takes the provider out of use, and ends the sessions that it began. Who has no other means is locked out until there
    /// is one again; what they linked stays.
    public func removeIdentityProvider(by caller: Caller, from session: Session? = nil) async throws {
        guard try await identityProvider(of: caller.tenant.id, as: caller.principal) != nil else {
            throw Self.noProvider
        }
        try await changeProvider("identity-provider.removed", by: caller, from: session) { _ in }
    }

    private func changeProvider<T: Sendable>(
        _ action: String, by caller: Caller, from session: Session?,
        _ body: @escaping @Sendable (Change) throws -> T
    ) async throws -> T {
        let organisation = caller.tenant.id
        let scope = database.scope(organisation, as: caller.principal)
        let (result, old, people) = try await scope.change(action, on: "organisation:\(organisation)") { change in
            try Authority(of: caller, in: change.view).demand(.changeIdentityProvider)
            let old = try change.view.list(IdentityProvider.self)
            for old in old { try change.delete(old) }
            return (
                try body(change), old.map(\.record.id), try change.view.list(Membership.self).map(\.record.person)
            )
        }
        try await forgetSecrets(of: old, by: caller)
        for person in people {
            try await endConfinedSessions(of: person, in: organisation, as: caller.principal, but: session?.id)
        }
        return result
    }

    // MARK: - Its secret

    /// This server as the provider knows it.
    ///
    /// - Parameter site: Where the browser is, and comes back to.
    public func client(of provider: IdentityProvider, at site: Site) async throws -> Client {
        let secret = try await secret(of: provider, as: .job(.signIn))
        return Client(id: provider.clientID, secret: secret, returnAddress: site.origin + IdentityProvider.returnPath)
    }

    private func secret(of provider: IdentityProvider, as principal: Principal) async throws -> String? {
        guard provider.hasSecret else { return nil }
        return try await database.installation(as: principal).read { view in
            try view.require(IdentityProviderSecret.self, provider.id.retyped()).record.secret
        }
    }

    /// A secret is for the provider that gave it: kept for another, it would be shown to that one.
    private func secretToKeep(
        _ form: IdentityProviderForm, _ clientID: String, _ caller: Caller
    ) async throws -> String? {
        guard let old = try await identityProvider(of: caller.tenant.id, as: caller.principal), old.hasSecret else {
            return nil
        }
        guard old.issuer == form.issuer, old.clientID == clientID else {
            throw Problem(
                .invalid, code: "identity-provider.secret", "The secret must be given again.",
                hint: "The one that is set belongs to another issuer or client id.",
                place: Problem.Place(field: "secret"))
        }
        return try await secret(of: old, as: caller.principal)
    }

    private func keep(_ secret: String, of provider: Identifier<IdentityProvider>, by caller: Caller) async throws {
        try await database.installation(as: caller.principal).change(
            "identity-provider.secret-kept", on: "organisation:\(caller.tenant.id)"
        ) { change in
            try change.insert(IdentityProviderSecret(id: provider.retyped(), secret: secret))
        }
    }

    private func forgetSecrets(of providers: [Identifier<IdentityProvider>], by caller: Caller) async throws {
        guard !providers.isEmpty else { return }
        try await database.installation(as: caller.principal).change(
            "identity-provider.secret-forgotten", on: "organisation:\(caller.tenant.id)"
        ) { change in
            for provider in providers {
                guard let stored = try change.view.find(IdentityProviderSecret.self, provider.retyped()) else {
                    continue
                }
                try change.delete(stored)
            }
        }
    }

    private func endConfinedSessions(
        of person: Identifier<Person>, in organisation: Identifier<Organisation>, as principal: Principal,
        but kept: Identifier<Session>?
    ) async throws {
        let ofPerson = Query("person = ?", [.blob(person.bytes)])
        let isDue: @Sendable (Session) -> Bool = {
            $0.isConfined && $0.organisation == organisation && $0.id != kept
        }
        let scope = database.installation(as: principal)
        let isNeeded = try await scope.read { view in
            try view.count(PendingSignIn.self, ofPerson) > 0
                || view.list(Session.self, ofPerson).contains { isDue($0.record) }
        }
        guard isNeeded else { return }
        try await scope.change("sessions.ended", on: "person:\(person)") { change in
            for session in try change.view.list(Session.self, ofPerson) where isDue(session.record) {
                try change.delete(session)
            }
            // What the provider began and the second factor has not ended yet.
            for pending in try change.view.list(PendingSignIn.self, ofPerson)
            where pending.record.organisation == organisation {
                try change.delete(pending)
            }
        }
    }

    private static func checked(_ text: String, field: String, what: String) throws -> String {
        let text = text.trimmingCharacters(in: .whitespacesAndNewlines)
        guard (1...1024).contains(text.utf8.count), text.unicodeScalars.allSatisfy({ $0.value >= 0x20 }) else {
            throw Problem(
                .invalid, code: "identity-provider.field", "That is not a \(what).",
                hint: "Copy it from the provider, as one line.", place: Problem.Place(field: field))
        }
        return text
    }

    static let noProvider = Problem(
        .notFound, code: "identity-provider.none", "This organisation has no identity provider.",
        hint: "An owner sets one in the settings.")

    // MARK: - What a session of a provider is worth

    /// Whoever was let in by one organisation's provider has shown nothing to any other.
    ///
    /// - Throws: `Problem` `session.confined`.
    func demandUnconfined(_ signedIn: SignedIn) throws {
        guard !signedIn.session.isConfined else {
            throw Problem(
                .forbidden, code: "session.confined",
                "You signed in at the identity provider of \(signedIn.tenant.name), which holds for that organisation only.",
                hint: "Sign out, and sign in with a passkey or a password of your own; your account page adds one.")
        }
    }

    /// Everything by which a person can show who they are.
    struct OwnMeans: Sendable {
        let hasPassword: Bool
        let hasPasskey: Bool
        let hasApp: Bool

        /// Whether there is something that no organisation's provider can do in their place.
        var isAny: Bool { hasPassword || hasSecondFactor }
        /// Whether signing in asks for a second step.
        var hasSecondFactor: Bool { hasPasskey || hasApp }
    }

    static func means(of person: Identifier<Person>, in view: ReadView) throws -> OwnMeans {
        OwnMeans(
            hasPassword: try view.find(Credential.self, person.retyped()) != nil,
            hasPasskey: try view.count(OwnPasskey.self, Query("person = ?", [.blob(person.bytes)])) > 0,
            hasApp: try view.find(Factors.self, person.retyped())?.record.app != nil)
    }

    func means(of person: Identifier<Person>) async throws -> OwnMeans {
        try await database.installation(as: .person(person)).read { try Self.means(of: person, in: $0) }
    }

    /// Somebody must be able to come back.
    ///
    /// - Throws: `Problem` `account.last-means`.
    static func demandWayIn(of person: Identifier<Person>, in view: ReadView) throws {
        let means = try means(of: person, in: view)
        let identities = try view.count(LinkedIdentity.self, Query("person = ?", [.blob(person.bytes)]))
        guard means.hasPassword || means.hasPasskey || identities > 0 else {
            throw Problem(
                .conflict, code: "account.last-means", "This is the last means by which you can sign in.",
                hint: "Add another one first: a passkey or a password.")
        }
    }

    /// Whether a provider's word is enough for something dangerous: only where there is nothing of the person's own to show
    /// instead, and nothing elsewhere that it would open.
    func mayConfirmAtProvider(_ person: Identifier<Person>) async throws -> Bool {
        guard try await !means(of: person).isAny else { return false }
        return try await organisations(of: person).count == 1
    }

    /// Begins the session of somebody who was let in by their organisation's provider: it opens that one and no other.
    func enterConfined(
        _ person: Identifier<Person>, in organisation: Identifier<Organisation>, by shown: Set<Means>
    ) async throws -> (SecretToken, SignedIn) {
        let own = try await means(of: person)
        let showedOwn =
            shown.contains(.passkey)
            || !own.hasPassword && !shown.isDisjoint(with: [.authenticatorApp, .recoveryCode])
        let isConfirmed = if showedOwn { true } else { try await mayConfirmAtProvider(person) }
        return try await begin(
            person, in: try await tenant(organisation, as: .person(person)), by: shown,
            vouchedBy: [organisation], confirmedAt: isConfirmed ? nil : .distantPast)
    }
}

import Foundation
import Kernel
import OpenIDConnect
import Store

/// What a visitor, or somebody who is signed in, wants at the provider.
public enum ProviderErrand: Sendable {
    /// To be signed in.
    case signIn
    /// To take an invitation, as somebody who will be called so.
    case join(SecretToken, name: String, email: String)
    /// To be let in this way from now on.
    case link(SignedIn)
    /// To show once more who they are.
    case confirm(SignedIn)
}

/// What came of a visit.
public enum ProviderOutcome: Sendable {
    /// A sign-in goes on, or is done.
    case signIn(SignInStep)
    /// The identity is linked to the account.
    case linked
    /// The session is confirmed, and has this token from now on.
    case confirmed(SecretToken)
}

extension IdentityDesk {
    // MARK: - Going there

    /// Begins a visit.
    ///
    /// - Throws: `Problem` `identity-provider.none`; what stands against the errand, at its field.
    public func beginVisit(
        _ errand: ProviderErrand, to organisation: Identifier<Organisation>
    ) async throws -> ProviderVisit {
        let purpose = try await purpose(of: errand, in: organisation)
        guard let provider = try await identityProvider(of: organisation, as: .job(.signIn)) else {
            throw Self.noProvider
        }
        let (now, randomness) = (clock.now(), randomness)
        return try await database.installation(as: .job(.signIn)).read { view in
            try ProviderVisit(
                to: provider, of: organisation, for: purpose, at: now, randomness: randomness, in: view)
        }
    }

    private func purpose(
        of errand: ProviderErrand, in organisation: Identifier<Organisation>
    ) async throws -> ProviderVisit.Purpose {
        switch errand {
        case .signIn: return .signIn
        case .join(let invitation, let name, let email):
            guard try await self.invitation(invitation).tenant.id == organisation else { throw Self.noProvider }
            let name = try OneLine.checked(name, field: "name", longest: 100)
            try await demandUnknown(try Account.normalised(email: email))
            return .join(
                invitation: invitation.text, name: name, email: email.trimmingCharacters(in: .whitespacesAndNewlines))
        case .link(let signedIn):
            try demandFresh(signedIn)
            return .link(signedIn.account.id, signedIn.session.id)
        case .confirm(let signedIn):
            guard try await mayConfirmAtProvider(signedIn.account.id) else { throw Self.confirmsElsewhere }
            return .confirm(signedIn.account.id, signedIn.session.id)
        }
    }

    private static let confirmsElsewhere = Problem(
        .forbidden, code: "session.confirm-own", "This must be confirmed with a means of your own.",
        hint: "Give your password, a passkey or a code of your app.")

    /// An address belongs to one account, and whoever names it has not shown that it is theirs.
    ///
    /// - Throws: `Problem` `identity.email-taken`.
    func demandUnknown(_ address: String) async throws {
        let isTaken = try await database.installation(as: .job(.signIn)).read { view in
            try Self.account(address, in: view) != nil
        }
        guard !isTaken else {
            throw Problem(
                .conflict, code: "identity.email-taken", "There is an account with this e-mail address already.",
                hint: "Sign in to it first, and open the link again; or give another address.",
                place: Problem.Place(field: "email"))
        }
    }

    // MARK: - Coming back

    /// The visit that a browser comes back from.
    ///
    /// - Throws: `Problem` `identity-provider.visit` if it is not one of ours, is over, or the provider was changed meanwhile.
    public func visit(_ cookie: SecretToken) async throws -> ProviderVisit {
        let now = clock.now()
        let scope = database.installation(as: .job(.signIn))
        let opened = try await scope.read { try ProviderVisit.opened(cookie, at: now, in: $0) }
        guard let provider = try await identityProvider(of: opened.organisation, as: .job(.signIn)) else {
            throw ProviderVisit.refusal
        }
        return try await scope.read { try opened.visit(provider, $0) }
    }

    /// An attempt to end a visit, counted against whoever makes many that fail: each lets this server ask the provider.
    public struct VisitAttempt: Sendable {
        fileprivate let attempt: SignInThrottle.Attempt
    }

    /// Ends a visit, so that it ends only once.
    ///
    /// - Throws: `Problem` `identity-provider.visit` if it was ended already; `tooMuch` after many failures.
    public func end(_ visit: ProviderVisit, network: String) async throws -> VisitAttempt {
        let attempt = try await throttle.begin(
            "provider visits to \(visit.organisation) from \(network)", from: .network(network), isReal: false)
        let now = clock.now()
        let isFirst = try await database.installation(as: .job(.signIn)).touch { touch in
            try touch.execute(
                ProviderVisit.spent, "DELETE FROM provider_visit WHERE organisation = ? AND until <= ?",
                [.integer(now.milliseconds)])
            return try touch.execute(
                ProviderVisit.spent,
                "INSERT INTO provider_visit (organisation, visit, until) VALUES (?, ?, ?) "
                    + "ON CONFLICT (organisation, visit) DO NOTHING",
                [.blob(visit.mark), .integer((visit.begunAt + ProviderVisit.lifetime).milliseconds)]) == 1
        }
        guard isFirst else { throw ProviderVisit.refusal }
        return VisitAttempt(attempt: attempt)
    }

    /// Does what the visit was for, now that the provider has said who it is.
    ///
    /// - Throws: `Problem` `identity-provider.not-linked` where nobody has linked this identity.
    public func finish(
        _ visit: ProviderVisit, as identity: VerifiedIdentity, _ attempt: VisitAttempt
    ) async throws -> ProviderOutcome {
        try await throttle.succeeded(attempt.attempt)
        // The provider took its time to answer, and may have been removed meanwhile.
        guard try await identityProvider(of: visit.organisation, as: .job(.signIn))?.id == visit.provider.id else {
            throw ProviderVisit.refusal
        }
        switch visit.purpose {
        case .signIn: return .signIn(try await signIn(visit, as: identity))
        case .join(let invitation, let name, let email):
            let token = SecretToken(presented: invitation)
            return .signIn(try await join(visit, as: identity, with: token, name: name, email: email))
        case .link(let person, let session):
            try await link(visit, identity, to: person, session)
            return .linked
        case .confirm(let person, let session):
            return .confirmed(try await confirm(visit, identity, person, session))
        }
    }

    private func signIn(_ visit: ProviderVisit, as identity: VerifiedIdentity) async throws -> SignInStep {
        let organisation = visit.organisation
        let linked = try await database.installation(as: .job(.signIn)).read { view in
            try LinkedIdentity.find(identity, in: organisation, view)?.record
        }
        // Who has left is told no more than who never came.
        guard let linked, try await role(of: linked.person, in: organisation) != nil else {
            throw Problem(
                .unauthenticated, code: "identity-provider.not-linked",
                "Nobody here is linked to this account of \(visit.provider.name).",
                hint: "Sign in another way and link it on your account page, or ask for an invitation.")
        }
        return try await goOn(linked, visit, identity)
    }

    private func goOn(
        _ linked: LinkedIdentity, _ visit: ProviderVisit, _ identity: VerifiedIdentity
    ) async throws -> SignInStep {
        let person = linked.person
        try await database.installation(as: .person(person)).change("identity.used", on: "person:\(person)") { change in
            let stored = try change.view.require(LinkedIdentity.self, linked.id)
            var used = stored.record
            used.lastUsedAt = change.now
            try change.update(stored, to: used)
        }
        // RFC 8176: only this one value says that there were several factors.
        let isTrusted = visit.provider.trustsSecondFactor && identity.methods.contains("mfa")
        let shown: Set<Means> = isTrusted ? [.identityProvider, .identityProviderSecondFactor] : [.identityProvider]
        let hasSecondFactor = try await ownFactors(of: person).hasSecondFactor
        guard hasSecondFactor, !isTrusted else {
            return .done(token: try await enterConfined(person, in: visit.organisation, by: shown))
        }
        return .needsSecondFactor(
            try await awaitSecondFactor(
                of: person, after: shown, vouchedBy: [visit.organisation], to: visit.organisation))
    }

    // MARK: - Joining

    private func join(
        _ visit: ProviderVisit, as identity: VerifiedIdentity, with token: SecretToken, name: String, email: String
    ) async throws -> SignInStep {
        let organisation = visit.organisation
        guard try await invitation(token).tenant.id == organisation else { throw ProviderVisit.refusal }
        let known = try await database.installation(as: .job(.signIn)).read { view in
            try LinkedIdentity.find(identity, in: organisation, view)?.record
        }
        if let known {
            // Somebody who comes back, or was interrupted while they joined.
            try await take(token, as: known.person)
            return try await goOn(known, visit, identity)
        }
        let address = try Account.normalised(email: email)
        try await demandUnknown(address)
        let person = Identifier<Person>(at: clock.now(), randomness: randomness)
        let scope = database.installation(as: .person(person))
        let linked = try await scope.change("person.joined", on: "person:\(person)") { change in
            try change.insert(
                Account(
                    id: person, name: name, email: email, createdAt: change.now,
                    emailIndex: change.view.blindIndex(Account.table, "email", of: address)))
            return try Self.insert(identity, visit, of: person, in: change)
        }
        do {
            try await take(token, as: person)
        } catch {
            // Somebody else was faster with the same link; an account that belongs nowhere would only hold the address.
            try await removeAccount(person)
            throw error
        }
        return try await goOn(linked, visit, identity)
    }

    private static func insert(
        _ identity: VerifiedIdentity, _ visit: ProviderVisit, of person: Identifier<Person>, in change: Change
    ) throws -> LinkedIdentity {
        try change.insert(
            LinkedIdentity(
                id: change.newIdentifier(), person: person, organisation: visit.organisation, issuer: identity.issuer,
                subject: identity.subject, name: visit.provider.name, linkedAt: change.now, lastUsedAt: nil,
                identityIndex: LinkedIdentity.index(of: identity, in: visit.organisation, change.view))
        ).record
    }

    // MARK: - Linking

    /// The session that a visit was begun from, if it still holds, and has not been confirmed since: with its new token whoever
    /// held the old one has lost it, and what they began.
    private static func session(
        _ id: Identifier<Session>, of person: Identifier<Person>, in visit: ProviderVisit, _ change: Change
    ) throws -> Stored<Session> {
        guard let stored = try change.view.find(Session.self, id), stored.record.person == person,
            stored.record.organisation == visit.organisation, change.now < stored.record.expiresAt,
            stored.record.confirmedAt <= visit.begunAt
        else { throw ProviderVisit.refusal }
        return stored
    }

    private func link(
        _ visit: ProviderVisit, _ identity: VerifiedIdentity, to person: Identifier<Person>,
        _ session: Identifier<Session>
    ) async throws {
        guard try await role(of: person, in: visit.organisation) != nil else { throw ProviderVisit.refusal }
        try await database.installation(as: .person(person)).change("identity.linked", on: "person:\(person)") {
            change in
            _ = try Self.session(session, of: person, in: visit, change)
            guard try LinkedIdentity.find(identity, in: visit.organisation, change.view) == nil else {
                throw Problem(
                    .conflict, code: "identity-provider.linked",
                    "This account of \(visit.provider.name) is linked already, to you or to somebody else.",
                    hint: "Your account page lists what is linked to you.")
            }
            _ = try Self.insert(identity, visit, of: person, in: change)
            try Self.notify(
                person, "You were linked to an identity provider: who signs in there as you is let in here.",
                in: change)
        }
    }

    /// The provider of the organisation that a person is signed in to; `nil` if it has none.
    public func identityProvider(for signedIn: SignedIn) async throws -> IdentityProvider? {
        try await identityProvider(of: signedIn.tenant.id, as: .person(signedIn.account.id))
    }

    /// The providers at which a person is known, oldest first. Whoever came by one organisation's provider sees that one's.
    public func ownIdentities(of signedIn: SignedIn) async throws -> [OwnIdentity] {
        let ofPerson = Query("person = ?", [.blob(signedIn.account.id.bytes)])
        return try await own(signedIn).read { try $0.list(LinkedIdentity.self, ofPerson).map(\.record) }
            .filter { signedIn.session.vouchedBy.holds(in: $0.organisation) }
            .sorted { $0.linkedAt < $1.linkedAt }
            .map {
                OwnIdentity(
                    id: $0.id.description, name: $0.name, issuer: $0.issuer, organisation: $0.organisation,
                    linkedAt: $0.linkedAt, lastUsedAt: $0.lastUsedAt)
            }
    }

    /// Ends a link, and the sessions that were begun by it.
    ///
    /// - Throws: `Problem` `account.last-means` if the person could then not come back.
    public func unlink(_ id: String, of signedIn: SignedIn) async throws {
        try demandFresh(signedIn)
        let person = signedIn.account.id
        try await own(signedIn).change("identity.unlinked", on: Self.subject(signedIn)) { change in
            guard let id = Identifier<LinkedIdentity>(id), let stored = try change.view.find(LinkedIdentity.self, id),
                stored.record.person == person, signedIn.session.vouchedBy.holds(in: stored.record.organisation)
            else { throw Problem(.notFound, code: "identity.not-found", "There is no such link of yours.") }
            try change.delete(stored)
            try Self.demandWayIn(of: person, in: change.view)
            try PendingSignIn.endAll(of: person, in: change)
            let ofPerson = Query("person = ?", [.blob(person.bytes)])
            for session in try change.view.list(Session.self, ofPerson)
            where session.record.isConfined && session.record.organisation == stored.record.organisation
                && session.record.id != signedIn.session.id
            {
                try change.delete(session)
            }
            try Self.notify(person, "You are no longer linked to an identity provider.", in: change)
        }
    }

    // MARK: - Confirming

    private func confirm(
        _ visit: ProviderVisit, _ identity: VerifiedIdentity, _ person: Identifier<Person>,
        _ session: Identifier<Session>
    ) async throws -> SecretToken {
        guard try await mayConfirmAtProvider(person) else { throw Self.confirmsElsewhere }
        return try await database.installation(as: .person(person)).change("session.confirmed", on: "person:\(person)")
        {
            change in
            let stored = try Self.session(session, of: person, in: visit, change)
            guard let linked = try LinkedIdentity.find(identity, in: visit.organisation, change.view)?.record,
                linked.person == person
            else {
                throw Problem(
                    .unauthenticated, code: "session.confirm-wrong", "The provider knows you as somebody else.",
                    hint: "Sign in there as the person whom you are here.")
            }
            return try Self.confirm(stored, in: change)
        }
    }
}

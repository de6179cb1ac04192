import Foundation
import Kernel
import Store

extension IdentityDesk {
    /// A link by which the first person becomes owner of `organisation`; earlier links stop working.
    ///
    /// - Throws: `Problem` of kind `conflict` once the organisation has an owner.
    public func makeSetUpLink(for organisation: Identifier<Organisation>, as principal: Principal) async throws
        -> SecretToken
    {
        let token = SecretToken(for: organisation, randomness: randomness)
        try await database.scope(organisation, as: principal).change(
            "invitation.made", on: "organisation:\(organisation)"
        ) { change in
            guard try change.view.count(Membership.self) == 0 else {
                throw Problem(.conflict, code: "identity.set-up-done", "This organisation has its owner already.")
            }
            for old in try change.view.list(Invitation.self) where old.record.role == Role.owner.name {
                try change.delete(old)
            }
            try change.insert(
                Invitation(
                    to: .owner, email: nil, with: token, by: principal, at: change.now, id: change.newIdentifier()))
        }
        return token
    }

    /// Uses an invitation: makes the account and the membership, and signs the person in.
    ///
    /// Who has an account already, because they belong to another organisation here or were interrupted while they joined,
    /// gives its address and password and keeps it; with a second factor they sign in first, so that an invitation is no way
    /// around it.
    ///
    /// - Parameter network: Where the attempt comes from, for throttling only.
    /// - Throws: `Problem` that names the field that will not do; the invitation stays good then.
    public func join(
        with token: SecretToken, name: String, email: String, password: String, network: String
    ) async throws -> (SecretToken, SignedIn) {
        try await hasher.admitting(HashingThreads.Applicant(network: network)) {
            try await use(token, name: name, email: email, password: password, network: network)
        }
    }

    private func use(
        _ token: SecretToken, name: String, email: String, password: String, network: String
    ) async throws -> (SecretToken, SignedIn) {
        let tenant = try await invitation(token).tenant
        let name = try OneLine.checked(name, field: "name", longest: 100)
        let address = try Account.normalised(email: email)
        let email = email.trimmingCharacters(in: .whitespacesAndNewlines)
        let person: Identifier<Person>
        var verified: Credential?
        if let known = try await known(address) {
            person = known.account.id
            let attempt = try await throttle.begin(address, from: .network(network))
            guard try await isRight(PasswordRule.composed(password), for: known.credential, isKnown: false) else {
                throw Problem(
                    .conflict, code: "identity.email-taken", "There is an account with this e-mail address already.",
                    hint: "Give the password of that account, or another address.", place: Problem.Place(field: "email")
                )
            }
            try await throttle.succeeded(attempt)
            // The link is no second factor: with it and the password alone one would be in, and could change over.
            guard try await !ownFactors(of: person).hasSecondFactor else {
                throw Problem(
                    .conflict, code: "identity.sign-in-first", "This account asks for a second factor.",
                    hint: "Sign in first, then open the link once more.", place: Problem.Place(field: "email"))
            }
            verified = known.credential
        } else {
            try await demandUnknown(address)
            let plain = try newPassword(password, address: address, name: name, in: tenant)
            person = try await makeAccount(name: name, email: email, address: address, password: plain)
        }
        return try await admit(person, by: token, to: tenant, verified: verified)
    }

    /// Makes somebody a member by an invitation, and begins their session.
    ///
    /// - Parameter verified: The password that they gave; `nil` if the account was made for this invitation.
    func admit(
        _ person: Identifier<Person>, by token: SecretToken, to tenant: Tenant, verified: Credential?
    ) async throws -> (SecretToken, SignedIn) {
        if let verified {
            // Asked again where the session begins; here so that the invitation stays good.
            try await database.installation(as: .person(person)).read { try verified.demandUnchanged(in: $0) }
        }
        do {
            try await take(token, as: person)
        } catch {
            // Somebody else was faster with the same link; an account that belongs nowhere would only hold the address.
            if verified == nil { try await removeAccount(person) }
            throw error
        }
        let vouchedBy = try await vouch(for: person, who: verified?.vouchedBy ?? nil, in: tenant.id)
        return try await begin(person, in: tenant, by: [.password], vouchedBy: vouchedBy, verified: verified)
    }

    private func makeAccount(
        name: String, email: String, address: String, password: [UInt8]
    ) async throws -> Identifier<Person> {
        let encoded = try await hashed(password)
        let person = Identifier<Person>(at: clock.now(), randomness: randomness)
        try await database.installation(as: .person(person)).change("person.joined", on: "person:\(person)") { change in
            try change.insert(
                Account(
                    id: person, name: name, email: email, createdAt: change.now,
                    emailIndex: change.view.blindIndex(Account.table, "email", of: address)))
            try change.insert(
                Credential(id: person.retyped(), encoded: encoded, setAt: change.now, vouchedBy: nil))
        }
        return person
    }

    func removeAccount(_ person: Identifier<Person>) async throws {
        try await database.installation(as: .person(person)).change("person.not-joined", on: "person:\(person)") {
            change in
            if let credential = try change.view.find(Credential.self, person.retyped()) {
                try change.delete(credential)
            }
            let identities = Query("person = ?", [.blob(person.bytes)])
            for identity in try change.view.list(LinkedIdentity.self, identities) { try change.delete(identity) }
            if let account = try change.view.find(Account.self, person) { try change.delete(account) }
            try change.erase(person.retyped())
        }
    }
}

import Flows
import Kernel
import Passkeys
import Store

@testable import App
@testable import Identity

/// How people come into a world: written as rows, without the doors, which have tests of their own.
enum Arrival {
    static func join(
        _ name: String, role: Role, of tenant: Tenant, in installation: Installation
    ) async throws -> Account {
        let database = installation.database
        let address = "\(name)@example.org"
        let person = Identifier<Person>(at: installation.clock.now(), randomness: installation.randomness)
        let account = try await database.installation(as: .operator).change("person.joined") { change in
            try change.insert(
                Account(
                    id: person, name: name, email: address, createdAt: change.now,
                    emailIndex: change.view.blindIndex(Account.table, "email", of: address))
            ).record
        }
        try await belong(person, to: tenant, as: role, in: installation)
        return account
    }

    static func belong(
        _ person: Identifier<Person>, to tenant: Tenant, as role: Role, in installation: Installation
    ) async throws {
        try await installation.database.scope(tenant.id, as: .operator).change("membership.began") { change in
            try change.insert(
                Membership(
                    id: change.newIdentifier(), person: person, role: role.name, joinedAt: change.now,
                    grantedAt: change.now, grantedBy: Principal.operator.actor))
        }
    }

    /// Gives people the world's password. Hashed once: what it costs is no part of these tests.
    static func givePassword(to people: [Identifier<Person>], in installation: Installation) async throws {
        let encoded = try await installation.rooms.identity.hashed(PasswordRule.composed(World.password))
        try await installation.database.installation(as: .operator).change("password.set") { change in
            for person in people {
                try change.insert(Credential(id: person.retyped(), encoded: encoded, setAt: change.now, vouchedBy: nil))
            }
        }
    }

    /// A session of `person`; `lasting` says for how long from now.
    static func session(
        of person: Identifier<Person>, in tenant: Tenant, lasting: Period = .hours(12), _ installation: Installation
    ) async throws -> (id: String, token: String, formToken: String) {
        let token = SecretToken(randomness: installation.randomness)
        let formToken = installation.randomness.bytes(32).hex
        let session = try await installation.database.installation(as: .person(person)).change("session.began") {
            change in
            try change.insert(
                Session(
                    id: change.newIdentifier(), person: person, organisation: tenant.id, beganAt: change.now,
                    expiresAt: change.now + lasting, formToken: formToken, means: [.password],
                    confirmedAt: change.now, tokenHash: token.hash, vouchedBy: nil)
            ).record
        }
        return (session.id.description, token.text, formToken)
    }

    /// A sign-in of `person` that waits for its second step.
    static func pendingSignIn(
        of person: Identifier<Person>, lasting: Period, _ installation: Installation
    ) async throws {
        let token = SecretToken(randomness: installation.randomness)
        try await installation.database.installation(as: .person(person)).change("sign-in.began") { change in
            try change.insert(
                PendingSignIn(
                    id: change.newIdentifier(), person: person, shown: [.password], organisation: nil,
                    expiresAt: change.now + lasting, tokenHash: token.hash, failures: 0, vouchedBy: nil,
                    recovery: nil))
        }
    }

    /// A passkey of `person`, by the name that routes have for it.
    static func passkey(
        of person: Identifier<Person>, called name: String, _ installation: Installation
    ) async throws -> String {
        let credential = installation.randomness.bytes(16)
        return try await installation.database.installation(as: .person(person)).change("passkey.added") { change in
            try change.insert(
                OwnPasskey(
                    id: change.newIdentifier(), person: person, name: name, addedAt: change.now,
                    relyingParty: "localhost",
                    passkey: Passkey(
                        credentialID: credential, publicKey: [], algorithm: .es256, counter: 0,
                        isBackupEligible: false, isBackedUp: false, transports: []), lastUsedAt: nil,
                    credentialIndex: change.view.blindIndex(OwnPasskey.table, "credential_index", of: credential.hex),
                    vouchedBy: nil)
            ).record.id.description
        }
    }
}

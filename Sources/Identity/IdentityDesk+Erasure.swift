import Kernel
import Store

extension IdentityDesk {
    /// The person with this e-mail address or identifier.
    ///
    /// - Throws: `Problem` `person.not-found`.
    public func person(_ name: String, as principal: Principal) async throws -> Identifier<Person> {
        let address = try? Account.normalised(email: name)
        let found = try await database.installation(as: principal).read { view -> Identifier<Person>? in
            if let id = Identifier<Person>(name) { return try view.find(Account.self, id)?.record.id }
            guard let address else { return nil }
            return try Self.account(address, in: view)?.id
        }
        guard let found else {
            throw Problem(
                .notFound, code: "person.not-found", "There is no such person here.",
                hint: "Give the e-mail address they sign in with, or their identifier.")
        }
        return found
    }

    private static let erasure = "person.erased"

    private static func subject(of person: Identifier<Person>) -> String { "person:\(person)" }

    /// Erases a person: ends their memberships and sessions, removes account and credential with their salts, and destroys
    /// the key that sealed what was about them. The ledgers tell that it was done, and every proof still verifies.
    ///
    /// Interrupted, it may be repeated with the identifier.
    ///
    /// - Parameter organisations: Every organisation there is.
    /// - Returns: Whether the database's own files are rid of it too; otherwise a reader still needs what was there, and a
    ///   running server overwrites it soon afterwards.
    @discardableResult
    public func erase(
        _ person: Identifier<Person>, from organisations: [Identifier<Organisation>], as principal: Principal
    ) async throws -> Bool {
        let account = try await database.installation(as: principal).read { try $0.find(Account.self, person)?.record }
        let address = account.flatMap { try? Account.normalised(email: $0.email) }
        for organisation in organisations {
            let scope = database.scope(organisation, as: principal)
            let ofPerson = Query("person = ?", [.blob(person.bytes)])
            let isKnown = try await scope.read { view in
                try view.count(Membership.self, ofPerson) + view.count(Departure.self, ofPerson)
                    + view.count(Recovery.self, ofPerson) > 0 || !Self.invitations(to: address, in: view).isEmpty
            }
            guard isKnown else { continue }
            try await scope.change("membership.erased", on: Self.subject(of: person)) { change in
                for membership in try change.view.list(Membership.self, ofPerson) { try change.delete(membership) }
                for recovery in try change.view.list(Recovery.self, ofPerson) { try change.delete(recovery) }
                for departure in try change.view.list(Departure.self, ofPerson) { try change.delete(departure) }
                for invitation in try Self.invitations(to: address, in: change.view) { try change.delete(invitation) }
                try change.erase(person.retyped())
            }
            try await memberUses.forget([person.bytes], in: scope)
        }
        if let address { try await throttle.forget(address) }
        try await throttle.forget(Self.secondStep(of: person))
        // Last, because it is by the account that the person is found.
        try await database.installation(as: principal).change(Self.erasure, on: Self.subject(of: person)) { change in
            let sessions = try change.view.list(Session.self, Query("person = ?", [.blob(person.bytes)]))
            for session in sessions { try change.delete(session) }
            let tokens = try change.view.list(AccessToken.self, Query("holder = ?", [.blob(person.bytes)]))
            for token in tokens { try change.delete(token) }
            if let credential = try change.view.find(Credential.self, person.retyped()) {
                try change.delete(credential)
            }
            if let factors = try change.view.find(Factors.self, person.retyped()) { try change.delete(factors) }
            let ofPerson = Query("person = ?", [.blob(person.bytes)])
            for passkey in try change.view.list(OwnPasskey.self, ofPerson) { try change.delete(passkey) }
            for pending in try change.view.list(PendingSignIn.self, ofPerson) { try change.delete(pending) }
            for identity in try change.view.list(LinkedIdentity.self, ofPerson) { try change.delete(identity) }
            for notice in try change.view.list(AccountNotice.self, ofPerson) { try change.delete(notice) }
            if let account = try change.view.find(Account.self, person) { try change.delete(account) }
            try change.erase(person.retyped())
        }
        return try await database.scrub()
    }

    /// The person with this identifier, if the ledger tells that they were erased already.
    public func erasedPerson(_ name: String) async throws -> Identifier<Person>? {
        guard let person = Identifier<Person>(name) else { return nil }
        let wasErased = try await database.ledger(of: .installation).tells(Self.erasure, of: Self.subject(of: person))
        return wasErased ? person : nil
    }

    /// Overwrites once more what erased persons have left in the database's own files.
    ///
    /// - Returns: As ``erase(_:from:as:)``.
    public func overwriteErased() async throws -> Bool { try await database.scrub() }
}

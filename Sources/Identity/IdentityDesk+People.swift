import Foundation
import Kernel
import Store

extension IdentityDesk {
    // MARK: - Inviting

    /// Invites somebody by a link that is told once and works for seven days. One that was made for the same address before
    /// stops working: nobody is left with a link that everyone believes to be replaced.
    ///
    /// - Parameters:
    ///   - email: The address it is meant for; whoever joins may sign in with another.
    ///   - role: The name of a built-in role, or the identifier of one of the organisation's own.
    /// - Throws: `Problem` that names the field; of kind `conflict` for whoever belongs to the organisation already.
    public func invite(
        _ email: String, as role: String, by caller: Caller
    ) async throws -> (token: SecretToken, invitation: Invitation) {
        let address = try Account.normalised(email: email)
        let email = email.trimmingCharacters(in: .whitespacesAndNewlines)
        let organisation = caller.tenant.id
        let token = SecretToken(for: organisation, randomness: randomness)
        let known = try await database.installation(as: caller.principal).read { try Self.account(address, in: $0)?.id }
        let scope = database.scope(organisation, as: caller.principal)
        let invitation = try await scope.change("invitation.made", on: "organisation:\(organisation)") { change in
            let authority = try Authority(of: caller, in: change.view)
            try authority.demand(.changePeople)
            let role = try Self.requireRole(role, in: change.view)
            try authority.demandGrant(of: role)
            if let known, try Self.membership(of: known, in: change.view) != nil { throw Self.memberAlready }
            let ended = Query("expires_at <= ?", [.integer(change.now.milliseconds)])
            for old in try change.view.list(Invitation.self, ended) { try change.delete(old) }
            for old in try Self.invitations(to: address, in: change.view) {
                try authority.demandOwners(old.record.role)
                try change.delete(old)
            }
            return try change.insert(
                Invitation(
                    to: role, email: email, with: token, by: caller.principal, at: change.now,
                    id: change.newIdentifier())
            ).record
        }
        return (token, invitation)
    }

    private static let memberAlready = Problem(
        .conflict, code: "people.member-already", "Whoever has this address belongs to the organisation already.",
        hint: "Change the role on their own page. A link for them would outlast their leaving.",
        place: Problem.Place(field: "email"))

    /// The invitations that still work, newest first.
    public func invitations(
        of organisation: Identifier<Organisation>, as principal: Principal
    ) async throws -> [Invitation] {
        let now = clock.now()
        return try await database.scope(organisation, as: principal).read { view in
            try view.list(
                Invitation.self,
                Query("expires_at > ?", [.integer(now.milliseconds)], order: "expires_at DESC")
            ).map(\.record)
        }
    }

    /// Makes an invitation's link worthless.
    @discardableResult
    public func revoke(_ invitation: Identifier<Invitation>, by caller: Caller) async throws -> Invitation {
        let scope = database.scope(caller.tenant.id, as: caller.principal)
        return try await scope.change("invitation.revoked", on: "invitation:\(invitation)") { change in
            let authority = try Authority(of: caller, in: change.view)
            try authority.demand(.changePeople)
            let stored = try change.view.require(Invitation.self, invitation)
            try authority.demandOwners(stored.record.role)
            try change.delete(stored)
            return stored.record
        }
    }

    // MARK: - Roles of people

    /// Gives a person another role. It holds from their next request on.
    ///
    /// - Throws: `Problem` that names the field `role`; nobody gives more than they have, and the last owner stays one.
    public func give(_ role: String, to person: Identifier<Person>, by caller: Caller) async throws {
        let scope = database.scope(caller.tenant.id, as: caller.principal)
        try await scope.change("membership.role-changed", on: "person:\(person)") { change in
            let authority = try Authority(of: caller, in: change.view)
            try authority.demand(.changePeople)
            guard let stored = try Self.membership(of: person, in: change.view) else { throw Self.noMember }
            let role = try Self.requireRole(role, in: change.view)
            guard role.name != stored.record.role else {
                throw Problem(
                    .invalid, code: "people.same-role", "They have the role \(role.title) already.",
                    hint: "Choose another one.", place: Problem.Place(field: "role"))
            }
            try authority.demandOwners(stored.record.role)
            try authority.demandGrant(of: role)
            try Self.demandAnotherOwner(besides: stored.record, in: change.view)
            let old = stored.record
            try change.update(
                stored,
                to: Membership(
                    id: old.id, person: person, role: role.name, joinedAt: old.joinedAt, grantedAt: change.now,
                    grantedBy: caller.principal.actor))
        }
    }

    /// An organisation without an owner could never make one again.
    static func demandAnotherOwner(besides membership: Membership, in view: ReadView) throws {
        guard membership.role == Role.owner.name else { return }
        let owners = try view.list(Membership.self).count { $0.record.role == Role.owner.name }
        guard owners > 1 else {
            throw Problem(
                .conflict, code: "people.last-owner", "This is the only owner.",
                hint: "Make somebody else an owner first.", place: Problem.Place(field: "role"))
        }
    }

    // MARK: - Several organisations

    /// The organisations that a person belongs to, oldest first.
    public func organisations(of person: Identifier<Person>) async throws -> [Tenant] {
        var own: [Tenant] = []
        for tenant in try await tenants(as: .person(person)) {
            let scope = database.scope(tenant.id, as: .person(person))
            let ofPerson = Query("person = ?", [.blob(person.bytes)])
            if try await scope.read({ try $0.count(Membership.self, ofPerson) }) > 0 { own.append(tenant) }
        }
        return own
    }

    /// The oldest organisation that a person belongs to and that is opened by what they have shown.
    func firstOrganisation(of person: Identifier<Person>, vouchedBy: Vouching) async throws -> Tenant? {
        for tenant in try await tenants(as: .person(person)) where vouchedBy.holds(in: tenant.id) {
            if try await role(of: person, in: tenant.id) != nil { return tenant }
        }
        return nil
    }

    /// Those of a person's organisations that a session opens: what was shown for it need not hold in all.
    public func organisations(of signedIn: SignedIn) async throws -> [Tenant] {
        try await organisations(of: signedIn.account.id).filter { signedIn.session.vouchedBy.holds(in: $0.id) }
    }

    /// Begins a new session in another organisation of the person's, and ends the one they have: nothing is taken along.
    ///
    /// - Throws: `Problem` of kind `notFound` if they do not belong to it, whether it exists or not.
    public func changeOver(
        _ signedIn: SignedIn, to organisation: Identifier<Organisation>
    ) async throws -> (SecretToken, SignedIn) {
        try demandUnconfined(signedIn)
        let person = signedIn.account.id
        guard let tenant = try await organisations(of: signedIn).first(where: { $0.id == organisation }) else {
            throw Problem(
                .notFound, code: "organisation.not-found", "You belong to no such organisation here.",
                hint: "The page of your organisations lists them.")
        }
        return try await begin(
            person, in: tenant, by: signedIn.session.means, vouchedBy: signedIn.session.vouchedBy,
            confirmedAt: signedIn.session.confirmedAt, replacing: signedIn.session)
    }
}

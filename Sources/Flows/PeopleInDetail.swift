import Identity
import Kernel
import Store
import Wire

extension Rooms {
    /// Everyone in the organisation, by name.
    public func peopleList(
        of organisation: Identifier<Organisation>, as principal: Principal
    ) async throws -> [PersonEntry] {
        let members = try await identity.members(of: organisation, as: principal)
        let helpers = members.compactMap(\.recovery?.recovery).flatMap { [$0.startedBy, $0.confirmedBy] }
        let names = try await actors(members.map(\.membership.grantedBy) + helpers, as: principal)
        return members.map { member in
            let membership = member.membership
            return PersonEntry(
                id: member.account.id.description, name: member.account.name, email: member.account.email,
                role: membership.role, roleTitle: member.role?.title ?? "no role", joinedAt: membership.joinedAt,
                grantedAt: membership.grantedAt, grantedBy: names.name(of: membership.grantedBy),
                lastUsedAt: member.lastUsedAt, secondFactors: member.secondFactors.map(\.rawValue),
                recovery: member.recovery.map { RecoveryEntry($0, names, readBy: principal) },
                isRecoveredElsewhere: member.isRecoveredElsewhere)
        }
    }

    /// One person of the organisation.
    ///
    /// - Throws: `Problem` of kind `notFound`, also for persons of other organisations.
    public func person(
        _ id: String, of organisation: Identifier<Organisation>, as principal: Principal
    ) async throws -> PersonEntry {
        guard let entry = try await peopleList(of: organisation, as: principal).first(where: { $0.id == id }) else {
            throw IdentityDesk.noMember
        }
        return entry
    }

    /// The invitations that still work, newest first.
    public func invitationList(
        of organisation: Identifier<Organisation>, as principal: Principal
    ) async throws -> [InvitationEntry] {
        try await entries(
            of: try await identity.invitations(of: organisation, as: principal), in: organisation, as: principal)
    }

    /// Invites somebody.
    public func invite(_ email: String, as role: String, by caller: Caller) async throws -> InvitationMade {
        let (token, invitation) = try await identity.invite(email, as: role, by: caller)
        let entries = try await entries(of: [invitation], in: caller.tenant.id, as: caller.principal)
        return InvitationMade(invitation: entries[0], path: "/join/\(token.text)")
    }

    private func entries(
        of invitations: [Invitation], in organisation: Identifier<Organisation>, as principal: Principal
    ) async throws -> [InvitationEntry] {
        let names = try await actors(invitations.map(\.invitedBy), as: principal)
        let titles = try await roleTitles(in: organisation, as: principal)
        return invitations.map { invitation in
            InvitationEntry(
                id: invitation.id.description, email: invitation.email, role: invitation.role,
                roleTitle: titles[invitation.role] ?? "no role", invitedBy: names.name(of: invitation.invitedBy),
                invitedAt: invitation.invitedAt, expiresAt: invitation.expiresAt)
        }
    }

    private func roleTitles(
        in organisation: Identifier<Organisation>, as principal: Principal
    ) async throws -> [String: String] {
        let roles = try await identity.roles(of: organisation, as: principal)
        return Dictionary(roles.map { ($0.name, $0.title) }) { first, _ in first }
    }

    /// Every role and what it holds.
    public func roleMatrix(
        of organisation: Identifier<Organisation>, as principal: Principal
    ) async throws -> RoleMatrix {
        let roles = try await identity.roles(of: organisation, as: principal)
        let holders = try await identity.members(of: organisation, as: principal).map(\.membership.role)
        let permissions = Permission.allCases.filter { !$0.isForEveryPerson }
        return RoleMatrix(
            permissions: permissions.map {
                PermissionEntry(id: $0.rawValue, title: $0.title, isChoice: CustomRole.choices.contains($0))
            },
            roles: roles.map { role in
                RoleEntry(
                    id: role.name, title: role.title, isBuiltIn: Role.named(role.name) != nil,
                    permissions: permissions.filter(role.permissions.contains).map(\.rawValue),
                    people: holders.count { $0 == role.name })
            })
    }

    /// The organisations between which a person can change over.
    public func organisationList(of signedIn: SignedIn) async throws -> [OrganisationEntry] {
        try await identity.organisations(of: signedIn).map {
            OrganisationEntry(slug: $0.slug, name: $0.name, isCurrent: $0.id == signedIn.tenant.id)
        }
    }

    /// The names behind what ledgers call actors.
    func actors(_ actors: [String?], as principal: Principal) async throws -> ActorNames {
        let people = actors.compactMap { $0.flatMap { Identifier<Person>(actor: $0) } }
        return ActorNames(people: try await identity.names(of: people, as: principal))
    }
}

/// Says who an actor of the ledger is.
struct ActorNames {
    let people: [Identifier<Person>: String]

    func name(of actor: String) -> String {
        if let person = Identifier<Person>(actor: actor) { return name(of: person) }
        if actor == Principal.operator.actor { return "the operator" }
        return actor.hasPrefix("token:") ? "a program" : "the server"
    }

    func name(of person: Identifier<Person>) -> String { people[person] ?? "somebody erased" }
}

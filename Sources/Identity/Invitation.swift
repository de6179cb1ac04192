import Kernel
import Store

/// That whoever holds a link may join an organisation, once, in a role: the only way in.
///
/// It lies with the organisation, so that its own ledger tells who invited whom.
public struct Invitation: Record, Codable, Hashable {
    /// Its identifier, unique within the organisation.
    public let id: Identifier<Invitation>
    /// The name of the role that it gives.
    public let role: String
    /// The address that it was meant for; `nil` for an owner's set-up link.
    public let email: String?
    /// Who invites, as the ledger names actors: `person:…`, or `operator`.
    public let invitedBy: String
    /// When it was made.
    public let invitedAt: Instant
    /// The first moment at which it no longer works.
    public let expiresAt: Instant
    let tokenHash: [UInt8]

    /// How long an invitation works.
    public static let lifetime = Period.days(7)

    init(
        to role: Role, email: String?, with token: SecretToken, by principal: Principal, at now: Instant,
        id: Identifier<Invitation>
    ) {
        self.id = id
        self.role = role.name
        self.email = email
        invitedBy = principal.actor
        invitedAt = now
        expiresAt = now + Self.lifetime
        tokenHash = token.hash
    }

    /// Where its rows lie.
    public static let table = RecordTable(
        "invitation", indexColumns: [.blob("token_hash"), .integer("expires_at")],
        indexes: [TableDefinition.Index("token_hash", isUnique: true)])

    /// The values of `table.indexColumns`, in that order.
    public var indexColumns: [SQLValue] { [.blob(tokenHash), .integer(expiresAt.milliseconds)] }
}

extension SecretToken {
    /// A token of an organisation: its identifier, then 256 random bits. The identifier is no secret; it tells where to look.
    init(for organisation: Identifier<Organisation>, randomness: Randomness) {
        self.init(presented: organisation.bytes.hex + randomness.bytes(32).hex)
    }

    /// The organisation that an invitation's token names, whether there is one or not.
    var organisation: Identifier<Organisation>? {
        guard text.utf8.count == 96, let bytes = [UInt8](hex: String(text.prefix(32))) else { return nil }
        return Identifier(bytes: bytes)
    }
}

extension IdentityDesk {
    /// What an invitation's link offers.
    ///
    /// - Throws: `Problem` of kind `notFound` if it is unknown, used, revoked or too old.
    public func invitation(_ token: SecretToken) async throws -> (tenant: Tenant, role: Role, email: String?) {
        let now = clock.now()
        let principal = Principal.job(.invitations)
        guard let organisation = token.organisation else { throw Self.noInvitation }
        // Whether there is such an organisation is not told apart from whether it invites.
        let tenant = try await database.installation(as: principal).read { try $0.find(Tenant.self, organisation) }
        guard let tenant = tenant?.record else { throw Self.noInvitation }
        return try await database.scope(organisation, as: principal).read { view in
            let found = try Self.invitation(token, in: view, at: now)
            return (tenant, found.role, found.stored.record.email)
        }
    }

    /// Makes `person` a member by an invitation, and uses it up: in one change, so that one link makes one member.
    func take(_ token: SecretToken, as person: Identifier<Person>) async throws {
        guard let organisation = token.organisation else { throw Self.noInvitation }
        let scope = database.scope(organisation, as: .person(person))
        try await scope.change("membership.began", on: "person:\(person)") { change in
            let (stored, role) = try Self.invitation(token, in: change.view, at: change.now)
            guard try Self.membership(of: person, in: change.view) == nil else {
                throw Problem(
                    .conflict, code: "identity.member-already", "This person belongs to the organisation already.",
                    hint: "Sign in instead. The invitation stays good for somebody else.",
                    place: Problem.Place(field: "email"))
            }
            try change.insert(
                Membership(
                    id: change.newIdentifier(), person: person, role: role.name, joinedAt: change.now,
                    grantedAt: change.now, grantedBy: stored.record.invitedBy))
            try change.delete(stored)
        }
    }

    /// Takes an invitation as somebody who is signed in already, in whichever organisation, and changes over to the new one.
    public func join(with token: SecretToken, as signedIn: SignedIn) async throws -> (SecretToken, SignedIn) {
        try demandUnconfined(signedIn)
        let tenant = try await invitation(token).tenant
        let (person, session) = (signedIn.account.id, signedIn.session)
        guard session.vouchedBy.holds(in: tenant.id) || session.means.contains(.password) else {
            throw Problem(
                .conflict, code: "identity.password-first", "This account was recovered in another organisation.",
                hint: "Sign in with its password, then open this link again.")
        }
        try await take(token, as: person)
        return try await begin(
            person, in: tenant, by: session.means,
            vouchedBy: try await vouch(for: person, who: session.vouchedBy, in: tenant.id),
            confirmedAt: session.confirmedAt, replacing: session)
    }

    /// The open invitation behind a token. It is worth what its inviter may still grant: it ends with their membership, and
    /// where their own role became less than it offers.
    private static func invitation(
        _ token: SecretToken, in view: ReadView, at now: Instant
    ) throws -> (stored: Stored<Invitation>, role: Role) {
        let query = Query(
            "token_hash = ? AND expires_at > ?", [.blob(token.hash), .integer(now.milliseconds)], limit: 1)
        guard let stored = try view.list(Invitation.self, query).first,
            let role = try role(stored.record.role, in: view)
        else { throw noInvitation }
        if let inviter = Identifier<Person>(actor: stored.record.invitedBy) {
            guard let membership = try membership(of: inviter, in: view),
                let own = try self.role(membership.record.role, in: view),
                role.permissions.isSubset(of: own.permissions)
            else { throw noInvitation }
        }
        return (stored, role)
    }

    private static let noInvitation = Problem(
        .notFound, code: "identity.invitation", "This link is not valid, or it has been used.",
        hint: "Ask whoever invited you for a new one. For the first owner, start the server again: it prints one.")
}

import Kernel

/// One person of an organisation, with what shows who may do what, since when and by whom.
public struct PersonEntry: Hashable, Sendable, Codable {
    /// The person's identifier, as addresses name it.
    public let id: String
    /// The name that others see.
    public let name: String
    /// The address they sign in with.
    public let email: String
    /// The role's stable name.
    public let role: String
    /// What the role is called.
    public let roleTitle: String
    /// When they became a member.
    public let joinedAt: Instant
    /// When they were given this role.
    public let grantedAt: Instant
    /// Who gave it, by name.
    public let grantedBy: String
    /// When they were last here, to the minute; `nil` if that was never noted.
    public let lastUsedAt: Instant?
    /// The kinds of second factors that they have: `passkey`, `authenticator app`.
    public let secondFactors: [String]
    /// The recovery of their account that is under way.
    public let recovery: RecoveryEntry?
    /// Whether their password was set in a recovery that was not made here, and so no longer opens this organisation.
    public let isRecoveredElsewhere: Bool

    /// An entry out of its parts.
    public init(
        id: String, name: String, email: String, role: String, roleTitle: String, joinedAt: Instant,
        grantedAt: Instant, grantedBy: String, lastUsedAt: Instant?, secondFactors: [String],
        recovery: RecoveryEntry? = nil, isRecoveredElsewhere: Bool = false
    ) {
        self.id = id
        self.name = name
        self.email = email
        self.role = role
        self.roleTitle = roleTitle
        self.joinedAt = joinedAt
        self.grantedAt = grantedAt
        self.grantedBy = grantedBy
        self.lastUsedAt = lastUsedAt
        self.secondFactors = secondFactors
        self.recovery = recovery
        self.isRecoveredElsewhere = isRecoveredElsewhere
    }
}

/// One organisation that a person belongs to.
public struct OrganisationEntry: Hashable, Sendable, Codable {
    /// Its name in addresses.
    public let slug: String
    /// Its name as people read it.
    public let name: String
    /// Whether the session is in it now.
    public let isCurrent: Bool

    /// An entry out of its parts.
    public init(slug: String, name: String, isCurrent: Bool) {
        self.slug = slug
        self.name = name
        self.isCurrent = isCurrent
    }
}

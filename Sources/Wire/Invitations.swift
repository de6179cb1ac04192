import Kernel

/// An invitation that still works. Its link is never told again.
public struct InvitationEntry: Hashable, Sendable, Codable {
    /// The invitation's identifier.
    public let id: String
    /// The address that it was meant for; `nil` for an owner's set-up link.
    public let email: String?
    /// The role's stable name.
    public let role: String
    /// What the role is called.
    public let roleTitle: String
    /// Who invites, by name.
    public let invitedBy: String
    /// When it was made.
    public let invitedAt: Instant
    /// The first moment at which it no longer works.
    public let expiresAt: Instant

    /// An entry out of its parts.
    public init(
        id: String, email: String?, role: String, roleTitle: String, invitedBy: String, invitedAt: Instant,
        expiresAt: Instant
    ) {
        self.id = id
        self.email = email
        self.role = role
        self.roleTitle = roleTitle
        self.invitedBy = invitedBy
        self.invitedAt = invitedAt
        self.expiresAt = expiresAt
    }
}

/// An invitation as it is told once, to whoever made it.
public struct InvitationMade: Hashable, Sendable, Codable {
    /// What others see of it.
    public let invitation: InvitationEntry
    /// The path of the link to hand over: `/join/…`. Whoever has it may join.
    public let path: String

    /// An answer out of its parts.
    public init(invitation: InvitationEntry, path: String) {
        self.invitation = invitation
        self.path = path
    }
}

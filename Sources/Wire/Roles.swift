/// One role that people can have.
public struct RoleEntry: Hashable, Sendable, Codable {
    /// The stable name: `owner`, or the identifier of a role of the organisation's own.
    public let id: String
    /// What people call it.
    public let title: String
    /// Whether every organisation has it, and nobody changes it.
    public let isBuiltIn: Bool
    /// The names of the permissions that it adds to what everyone may.
    public let permissions: [String]
    /// How many people have it.
    public let people: Int

    /// An entry out of its parts.
    public init(id: String, title: String, isBuiltIn: Bool, permissions: [String], people: Int) {
        self.id = id
        self.title = title
        self.isBuiltIn = isBuiltIn
        self.permissions = permissions
        self.people = people
    }
}

/// One permission as people choose it.
public struct PermissionEntry: Hashable, Sendable, Codable {
    /// Its stable name: `people.read`.
    public let id: String
    /// What it lets somebody do.
    public let title: String
    /// Whether a role of the organisation's own may hold it.
    public let isChoice: Bool

    /// An entry out of its parts.
    public init(id: String, title: String, isChoice: Bool) {
        self.id = id
        self.title = title
        self.isChoice = isChoice
    }
}

/// Roles and permissions, for a matrix of both.
public struct RoleMatrix: Hashable, Sendable, Codable {
    /// Every permission that not everyone has.
    public let permissions: [PermissionEntry]
    /// Every role: the built-in ones, then the organisation's own.
    public let roles: [RoleEntry]

    /// A matrix out of its parts.
    public init(permissions: [PermissionEntry], roles: [RoleEntry]) {
        self.permissions = permissions
        self.roles = roles
    }
}

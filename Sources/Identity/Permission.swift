/// What a person, a token or a job may do. Every route and every command names one.
public enum Permission: String, Sendable, Codable, CaseIterable {
    case readCommitments = "commitments.read"
    case readEvidence = "evidence.read"
    case requestException = "exceptions.request"
    case approveException = "exceptions.approve"
    case readHosts = "hosts.read"
    case readPolicies = "policies.read"
    case importPolicy = "policies.import"
    case readLedger = "ledger.read"
    case readSettings = "settings.read"
    /// Reading what is published; held by everyone, signed in or not.
    case readPublications = "publications.read"
    /// Signing in, out and setting up; held by everyone.
    case signIn = "session.begin"

    /// Whether it needs no account.
    public var isForAnyone: Bool { self == .readPublications || self == .signIn }
}

/// A named set of permissions. Built-in roles are listed here; roles of an organisation's own are rows with the same shape.
public struct Role: Hashable, Sendable, Codable {
    /// The stable name, as memberships keep it.
    public let name: String
    /// What whoever has the role may do.
    public let permissions: Set<Permission>

    /// May do everything.
    public static let owner = Role(name: "owner", permissions: Set(Permission.allCases))

    /// The roles that every organisation has.
    public static let builtIn = [owner]

    /// The role called `name`, if there is one.
    public static func named(_ name: String) -> Role? { builtIn.first { $0.name == name } }
}

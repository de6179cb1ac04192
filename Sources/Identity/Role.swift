/// A named set of permissions. Built-in roles are listed here; roles of an organisation's own are rows with the same shape.
public struct Role: Hashable, Sendable, Codable {
    /// The stable name, as memberships keep it.
    public let name: String
    /// What people call it.
    public let title: String
    /// What whoever has the role may do, beside what every person may.
    public let permissions: Set<Permission>

    /// A role out of its parts. What every person may do is always in it, and so is seeing what it may change.
    init(name: String, title: String? = nil, permissions: Set<Permission>) {
        self.name = name
        self.title = title ?? name
        self.permissions = permissions.union(permissions.compactMap(\.seeing))
            .union(Permission.allCases.filter(\.isForEveryPerson))
    }

    /// May do everything.
    public static let owner = Role(name: "owner", permissions: Set(Permission.allCases))
    /// May do everything but make owners, and set the provider that could let anybody in as one.
    public static let admin = Role(
        name: "admin", permissions: Set(Permission.allCases).subtracting([.changeOwners, .changeIdentityProvider]))
    /// Keeps the promises: reads everything, imports policies, decides exceptions, registers sites and logs, sees to alerts,
    /// and administers nobody.
    public static let security = Role(
        name: "security",
        permissions: reading.union([
            .requestException, .approveException, .importPolicy, .changeSites, .changeLogs, .sendLogs, .reviewLogs,
            .handleAlerts, .changeRules,
        ]))
    /// Sees what the organisation has promised, and may ask for exceptions.
    public static let member = Role(
        name: "member", permissions: [.readCommitments, .readPolicies, .requestException])
    /// Reads everything and changes nothing.
    public static let auditor = Role(name: "auditor", permissions: reading)

    private static let reading = Set(Permission.allCases.filter(\.isReading))

    /// The roles that every organisation has, from the most to the least.
    public static let builtIn = [owner, admin, security, member, auditor]

    /// The built-in role called `name`, if there is one.
    public static func named(_ name: String) -> Role? { builtIn.first { $0.name == name } }
}

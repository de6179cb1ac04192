/// What the reader of a page may do, by the names of permissions: nothing is offered that would be refused.
public struct Reach: Hashable, Sendable {
    /// `nil` for everything.
    private let permissions: Set<String>?

    /// A reader who may do everything.
    public static let everything = Reach(permissions: nil)

    /// A reader with these permissions.
    public init(_ permissions: some Sequence<String>) {
        self.init(permissions: Set(permissions))
    }

    private init(permissions: Set<String>?) {
        self.permissions = permissions
    }

    /// Whether it has `permission`.
    public func includes(_ permission: String) -> Bool { permissions?.contains(permission) ?? true }
}

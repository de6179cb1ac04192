import Kernel

/// That somebody left, and what remains to be taken back.
public struct DepartureEntry: Hashable, Sendable, Codable {
    /// One thing to take back.
    public struct Item: Hashable, Sendable, Codable {
        /// Its place in the list, from 1.
        public let number: Int
        /// What it is.
        public let text: String
        /// Who added it, by name.
        public let addedBy: String
        /// When it was ticked off; `nil` while it is open.
        public let doneAt: Instant?
        /// By whom, by name.
        public let doneBy: String?

        /// An item out of its parts.
        public init(number: Int, text: String, addedBy: String, doneAt: Instant?, doneBy: String?) {
            self.number = number
            self.text = text
            self.addedBy = addedBy
            self.doneAt = doneAt
            self.doneBy = doneBy
        }
    }

    /// The departure's identifier.
    public let id: String
    /// Who left, by identifier.
    public let person: String
    /// And by name.
    public let name: String
    /// What their role was called.
    public let role: String
    /// When their access ended.
    public let endedAt: Instant
    /// Who ended it, by name.
    public let endedBy: String
    /// What remains or remained.
    public let items: [Item]

    /// How many items are open.
    public var openCount: Int { items.count { $0.doneAt == nil } }

    /// An entry out of its parts.
    public init(
        id: String, person: String, name: String, role: String, endedAt: Instant, endedBy: String, items: [Item]
    ) {
        self.id = id
        self.person = person
        self.name = name
        self.role = role
        self.endedAt = endedAt
        self.endedBy = endedBy
        self.items = items
    }
}

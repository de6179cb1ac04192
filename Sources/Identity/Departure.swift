import Kernel
import Store

/// That a person left an organisation, and what remains to be taken back from them.
///
/// Their access ended in the change that wrote this. What remains lies outside: devices, keys, passwords they knew.
public struct Departure: Record, Codable, Hashable {
    /// One thing to take back.
    public struct Item: Codable, Hashable, Sendable {
        /// What it is, as somebody wrote it.
        public let text: String
        /// Who added it, as the ledger names actors.
        public let addedBy: String
        /// When it was ticked off; `nil` while it is open.
        public var doneAt: Instant?
        /// By whom.
        public var doneBy: String?
    }

    /// Its identifier, unique within the organisation.
    public let id: Identifier<Departure>
    /// Who left.
    public let person: Identifier<Person>
    /// What their role was called.
    public let role: String
    /// When their access ended.
    public let endedAt: Instant
    /// Who ended it.
    public let endedBy: String
    /// What remains, in the order in which it was added.
    public var items: [Item]

    /// How many things are still to be taken back.
    public var openCount: Int { items.count { $0.doneAt == nil } }

    /// The most things of one departure.
    static let mostItems = 100

    /// Where its rows lie.
    public static let table = RecordTable(
        "departure", indexColumns: [.blob("person"), .integer("ended_at"), .integer("open_items")],
        indexes: [TableDefinition.Index("person"), TableDefinition.Index("open_items")], subjectColumn: "person")

    /// The values of `table.indexColumns`, in that order.
    public var indexColumns: [SQLValue] {
        [.blob(person.bytes), .integer(endedAt.milliseconds), .integer(Int64(openCount))]
    }
}

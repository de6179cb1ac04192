import Kernel
import Store

/// What one day brought in each log source: what a person looks at, and signs.
public struct LogDigest: Record, Codable, Hashable {
    /// What one source brought.
    public struct Line: Codable, Hashable, Sendable {
        /// The source.
        public let source: Identifier<WatchedLog>
        /// Its name on that day.
        public let name: String
        /// How many events.
        public let events: Int
        /// How many records that are not in the form they should have, or were lost.
        public let faults: Int
        /// How many hours without a record, of those in which it was registered.
        public let silentHours: Int
        /// Alerts that were raised for it, by level.
        public let alerts: [String: Int]
    }

    /// That somebody looked.
    public struct Signature: Codable, Hashable, Sendable {
        /// Who, as the ledger names them.
        public let by: String
        /// When.
        public let at: Instant
        /// What was found.
        public let findings: String
        /// What was left out, and why; empty for nothing.
        public let exceptions: String
    }

    /// Its identifier, unique within the organisation.
    public let id: Identifier<LogDigest>
    /// When the day began, in UTC.
    public let start: Instant
    /// By when it must be signed.
    public let dueAt: Instant
    /// Each source.
    public let lines: [Line]
    /// That somebody looked; `nil` while nobody did.
    public internal(set) var signature: Signature?

    /// Where its rows lie. One day has one digest.
    public static let table = RecordTable(
        "log_digest", indexColumns: [.integer("start_at"), .integer("due_at"), .integer("signed_at").optional],
        indexes: [TableDefinition.Index("start_at", isUnique: true)])

    /// The values of `table.indexColumns`, in that order.
    public var indexColumns: [SQLValue] {
        [
            .integer(start.milliseconds), .integer(dueAt.milliseconds),
            signature.map { .integer($0.at.milliseconds) } ?? .null,
        ]
    }

    /// The day, as people write it.
    public var day: String { String(start.description.prefix(10)) }
}

extension Instant {
    /// The beginning of the day in UTC.
    var startOfDay: Instant {
        let day = Period.days(1).milliseconds
        return Instant(milliseconds: milliseconds - ((milliseconds % day) + day) % day)
    }
}

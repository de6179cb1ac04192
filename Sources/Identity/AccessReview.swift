import Kernel
import Store

/// One round in which somebody says of every person whether they still need their access.
public struct AccessReview: Record, Codable, Hashable {
    /// What can be decided.
    public enum Decision: String, Codable, Sendable, CaseIterable { case keep, remove }

    /// One person in the round. Pseudonymous, so that the round outlives an erasure.
    public struct Line: Codable, Hashable, Sendable {
        /// Whose access it is.
        public let person: Identifier<Person>
        /// What their role was called when the round began.
        public let role: String
        /// What was decided; `nil` while nothing is.
        public var decision: Decision?
        /// By whom, as the ledger names actors.
        public var decidedBy: String?
        /// When.
        public var decidedAt: Instant?
    }

    /// Its identifier, unique within the organisation.
    public let id: Identifier<AccessReview>
    /// When it began.
    public let startedAt: Instant
    /// When it must be completed.
    public let dueAt: Instant
    /// Who began it.
    public let startedBy: String
    /// Everyone who had access when it began.
    public var lines: [Line]
    /// When it was completed; `nil` while it is open.
    public var completedAt: Instant?
    /// By whom.
    public var completedBy: String?

    /// Where its rows lie.
    public static let table = RecordTable(
        "access_review", indexColumns: [.integer("started_at"), .integer("completed_at").optional])

    /// The values of `table.indexColumns`, in that order.
    public var indexColumns: [SQLValue] {
        [.integer(startedAt.milliseconds), completedAt.map { .integer($0.milliseconds) } ?? .null]
    }
}

/// How often an organisation reviews access.
public struct ReviewRhythm: Record, Codable, Hashable {
    /// Its identifier, unique within the organisation.
    public let id: Identifier<ReviewRhythm>
    /// The longest time from one completed review to the next, in days.
    public let days: Int

    /// A quarter.
    public static let standard = 92
    /// What may be chosen.
    public static let range = 30...366
    /// How many days before it is due a review begins.
    public static let notice = 14

    /// Where its rows lie.
    public static let table = RecordTable("access_review_rhythm")

    /// The values of `table.indexColumns`, in that order.
    public var indexColumns: [SQLValue] { [] }
}

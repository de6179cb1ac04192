import Kernel
import Store

/// That a rule matched: what matched, what the events have in common, and how somebody saw to it. What matches again for
/// the same group while the alert is not closed, within a day, is counted on it.
public struct Alert: Record, Codable, Hashable {
    /// How far it is seen to.
    public enum State: String, Codable, Sendable, CaseIterable {
        /// Nobody has looked yet.
        case open
        /// Somebody is at it.
        case acknowledged
        /// It is over.
        case closed
    }

    /// What came of it.
    public enum Outcome: String, Codable, Sendable, CaseIterable {
        /// Something bad happened.
        case real
        /// It happened, and was meant to.
        case harmless
        /// The rule should not have matched.
        case mistaken
    }

    /// A matched event.
    public struct Event: Codable, Hashable, Sendable {
        /// When it happened.
        public let at: Instant
        /// The source.
        public let source: Identifier<WatchedLog>
        /// The event as rules see it: one JSON object, cut where it is long.
        public let json: String
    }

    /// What somebody did about it.
    public struct Step: Codable, Hashable, Sendable {
        /// When.
        public let at: Instant
        /// Who, as the ledger names them.
        public let by: String
        /// What.
        public let what: String
        /// What they wrote.
        public let note: String
    }

    /// What the rule says about itself; it stays readable when the rule is gone.
    public struct RuleWords: Codable, Hashable, Sendable {
        /// What the rule looks for.
        public let description: String?
        /// Who wrote it.
        public let author: String?
        /// Its licence.
        public let license: String?
        /// Where to read more.
        public let references: [String]
        /// What else matches it.
        public let falsePositives: [String]
        /// Its tags.
        public let tags: [String]
    }

    /// Its identifier, unique within the organisation.
    public let id: Identifier<Alert>
    /// The rule's identity: its id, else its name or title.
    public let rule: String
    /// The rule's title.
    public let title: String
    /// How much it matters.
    public let level: Severity
    /// What the rule says about itself.
    public let words: RuleWords
    /// What the events have in common, by field.
    public let group: [String: String]
    /// When it was raised.
    public let raisedAt: Instant
    /// By when it must be acknowledged; `nil` for levels without a time.
    public let dueAt: Instant?
    /// How far it is seen to.
    public internal(set) var state: State = .open
    /// The sources whose events matched.
    public internal(set) var sources: [Identifier<WatchedLog>]
    /// How many events matched, or how often a correlation became true.
    public internal(set) var count: Int
    /// When the first happened.
    public internal(set) var firstAt: Instant
    /// When the last happened.
    public internal(set) var lastAt: Instant
    /// The first events, and the last.
    public internal(set) var events: [Event]
    /// What was done about it.
    public internal(set) var steps: [Step] = []
    /// When somebody acknowledged it.
    public internal(set) var acknowledgedAt: Instant?
    /// When it was closed.
    public internal(set) var closedAt: Instant?
    /// What came of it.
    public internal(set) var outcome: Outcome?
    /// By what it is found again: a keyed hash of rule, group and source.
    let key: [UInt8]
    /// A keyed hash of the rule, to count by.
    let ruleKey: [UInt8]

    /// Where its rows lie.
    public static let table = RecordTable(
        "alert",
        indexColumns: [
            .text("state"), .text("level"), .integer("raised_at"), .integer("last_at"), .integer("due_at").optional,
            .integer("acknowledged_at").optional, .integer("count"), .blob("key"), .blob("rule_key"),
            .text("outcome").optional,
        ],
        indexes: [
            TableDefinition.Index("key", "last_at"), TableDefinition.Index("state", "raised_at"),
            TableDefinition.Index("rule_key", "raised_at"),
        ])

    /// The values of `table.indexColumns`, in that order.
    public var indexColumns: [SQLValue] {
        [
            .text(state.rawValue), .text(level.rawValue), .integer(raisedAt.milliseconds),
            .integer(lastAt.milliseconds), dueAt.map { .integer($0.milliseconds) } ?? .null,
            acknowledgedAt.map { .integer($0.milliseconds) } ?? .null, .integer(Int64(count)), .blob(key),
            .blob(ruleKey), outcome.map { .text($0.rawValue) } ?? .null,
        ]
    }

    /// Whether nobody acknowledged it in time.
    public func isOverdue(at now: Instant) -> Bool {
        guard let dueAt else { return false }
        return (acknowledgedAt ?? now) > dueAt
    }

}

extension Alert {
    /// The most first events, and last ones, that are kept with it; all of them stay in the archive.
    static let shownEvents = 5

    /// Counts what matched again.
    mutating func add(_ arrival: AlertArrival) {
        count += arrival.count
        firstAt = min(firstAt, arrival.firstAt)
        lastAt = max(lastAt, arrival.lastAt)
        if !sources.contains(arrival.source), sources.count < 50 { sources.append(arrival.source) }
        let room = max(0, Self.shownEvents - events.count)
        events += arrival.events.prefix(room)
        let rest = arrival.events.dropFirst(room)
        guard !rest.isEmpty else { return }
        events =
            Array(events.prefix(Self.shownEvents))
            + (events.dropFirst(Self.shownEvents) + rest).suffix(Self.shownEvents)
    }

    /// Somebody is at it.
    ///
    /// - Throws: `Problem` `alert.closed` if it is over.
    mutating func acknowledge(note: String, by actor: String, at now: Instant) throws(Problem) {
        guard state != .closed else {
            throw Problem(.conflict, code: "alert.closed", "This alert is closed already.")
        }
        guard state == .open else {
            throw Problem(.conflict, code: "alert.acknowledged", "Somebody is at this alert already.")
        }
        state = .acknowledged
        acknowledgedAt = now
        steps.append(Step(at: now, by: actor, what: "acknowledged", note: note))
    }

    /// It is over.
    ///
    /// - Throws: `Problem` `alert.closed` if it was over already.
    mutating func close(as outcome: Outcome, note: String, by actor: String, at now: Instant) throws(Problem) {
        guard state != .closed else {
            throw Problem(.conflict, code: "alert.closed", "This alert is closed already.")
        }
        state = .closed
        self.outcome = outcome
        closedAt = now
        acknowledgedAt = acknowledgedAt ?? now
        steps.append(Step(at: now, by: actor, what: "closed as \(outcome.rawValue)", note: note))
    }
}

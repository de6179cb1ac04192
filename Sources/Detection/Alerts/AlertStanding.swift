import Kernel
import Store

/// How an alert stands, as far as that can be told without opening it.
public struct AlertStanding: Sendable, Hashable {
    /// Its identifier.
    public let id: Identifier<Alert>
    /// How far it is seen to.
    public let state: Alert.State
    /// How much it matters.
    public let level: Severity
    /// When it was raised.
    public let raisedAt: Instant
    /// By when it must be acknowledged; `nil` for levels without a time.
    public let dueAt: Instant?
    /// When somebody acknowledged it.
    public let acknowledgedAt: Instant?
    /// How many events matched.
    public let count: Int
    /// What came of it, once closed.
    public let outcome: Alert.Outcome?
    /// A keyed hash of its rule.
    public let ruleKey: [UInt8]

    /// Whether nobody acknowledged it in time.
    public func isOverdue(at now: Instant) -> Bool {
        guard let dueAt else { return false }
        return (acknowledgedAt ?? now) > dueAt
    }

    /// Whether somebody did something about it, other than to say that the rule should not have matched.
    public var isActedOn: Bool { acknowledgedAt != nil && outcome != .mistaken }

    /// Out of the columns `id`, `state`, `level`, `raised_at`, `due_at`, `acknowledged_at`, `count`, `rule_key` and `outcome`.
    init?(_ row: any SQLRow) {
        guard let id = Identifier<Alert>(bytes: row.blob(0)), let state = Alert.State(rawValue: row.text(1)),
            let level = Severity(rawValue: row.text(2))
        else { return nil }
        self.id = id
        self.state = state
        self.level = level
        raisedAt = Instant(milliseconds: row.integer(3))
        dueAt = Self.instant(row.value(4))
        acknowledgedAt = Self.instant(row.value(5))
        count = Int(row.integer(6))
        ruleKey = row.blob(7)
        if case .text(let text) = row.value(8) { outcome = Alert.Outcome(rawValue: text) } else { outcome = nil }
    }

    private static func instant(_ value: SQLValue) -> Instant? {
        if case .integer(let milliseconds) = value { Instant(milliseconds: milliseconds) } else { nil }
    }
}

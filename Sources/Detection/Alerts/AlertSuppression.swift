import Kernel
import Store

/// That a rule raises no alerts until a moment: what matches is counted and nothing else.
public struct AlertSuppression: Record, Codable, Hashable {
    /// Its identifier, unique within the organisation.
    public let id: Identifier<AlertSuppression>
    /// The rule's identity.
    public let rule: String
    /// The rule's title.
    public let title: String
    /// Why.
    public let reason: String
    /// Who decided it, as the ledger names them.
    public let by: String
    /// Since when.
    public let since: Instant
    /// Until when.
    public internal(set) var until: Instant
    /// How many matches it kept quiet.
    public internal(set) var suppressed = 0

    /// Where its rows lie.
    public static let table = RecordTable("alert_suppression", indexColumns: [.integer("until_at")])

    /// The values of `table.indexColumns`, in that order.
    public var indexColumns: [SQLValue] { [.integer(until.milliseconds)] }

    /// The most days that one may last.
    public static let longestDays = 90
}

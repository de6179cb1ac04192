/// A correlation that became true.
public struct CorrelationMatch: Sendable, Equatable {
    /// Its place among ``RuleSet/correlations``.
    public let correlation: Int
    /// For each field that it groups by, the value; `nil` where events had none.
    public let group: [String?]
    /// The number of the event that completed it.
    public let event: Int
    /// The numbers of the events that count, the last of them, at most ``CorrelationLimits/shownEvents``.
    public let events: [Int]
    /// When it became true, in seconds since 1970: the end of the window.
    public let time: Double
}

/// How much correlations may remember. Whatever is forgotten for lack of room is counted.
public struct CorrelationLimits: Sendable {
    /// The most matches that one group keeps, unless the condition needs more.
    public var entriesPerGroup = 8192
    /// The same for correlations that look at what happened together or in order.
    public var temporalEntries = 512
    /// The most groups of one correlation.
    public var groups = 100_000
    /// The most matches of one correlation.
    public var entries = 1_000_000
    /// The most events that a match names.
    public var shownEvents = 100
    /// The most bytes of a value that is compared.
    public var valueBytes = 1024

    /// The usual limits: some hundred megabytes in the worst case.
    public init() {}
}

/// A match of a rule, as correlations take it.
public struct CorrelationArrival: Sendable {
    /// The rules that matched the event, in their order.
    public let rules: [Int]
    /// The values of the fields that correlations ask for.
    public let values: [String: [UInt8]]
    /// When the event happened, in seconds since 1970.
    public let time: Double
    /// The event's number.
    public let event: Int

    /// An arrival.
    public init(rules: [Int], values: [String: [UInt8]], time: Double, event: Int) {
        self.rules = rules
        self.values = values
        self.time = time
        self.event = event
    }
}

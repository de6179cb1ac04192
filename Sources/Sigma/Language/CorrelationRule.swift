/// A rule over the matches of others within a span of time.
///
/// Source: Sigma correlation rules specification 2.1.0. Windows slide, in event time: what counts at time t happened after
/// t − timespan and not after t.
public struct CorrelationRule: Sendable {
    /// What is counted.
    public enum Kind: String, Sendable, CaseIterable {
        /// Events.
        case eventCount = "event_count"
        /// Different values of a field.
        case valueCount = "value_count"
        /// Different rules that matched.
        case temporal
        /// Rules that matched in the order in which they are named.
        case temporalOrdered = "temporal_ordered"
        /// The sum of a field's values.
        case valueSum = "value_sum"
        /// The mean of a field's values.
        case valueAverage = "value_avg"
        /// A percentile of a field's values.
        case valuePercentile = "value_percentile"
        /// The median of a field's values.
        case valueMedian = "value_median"
    }

    /// What must be so.
    public enum Condition: Sendable, Hashable {
        /// The count, or the statistic, compares like each of these.
        case compares([Bound], fields: [String], percentile: Double)
        /// The named rules have matched, combined like this.
        case rules(Combination)
    }

    /// A bound of a count.
    public struct Bound: Sendable, Hashable {
        /// How it compares.
        public let comparison: Comparison
        /// With what.
        public let value: Double
    }

    /// Rules that must have matched.
    public indirect enum Combination: Sendable, Hashable {
        /// The rule at this place of ``CorrelationRule/rules``.
        case rule(Int)
        /// All of these.
        case all([Combination])
        /// At least one of these.
        case any([Combination])
        /// Not this.
        case not(Combination)
    }

    /// What every kind of rule says about itself.
    public let about: RuleDescription
    /// What is counted.
    public let kind: Kind
    /// The rules whose matches are looked at, by id or name.
    public let rules: [String]
    /// The fields by which matches are kept apart, or aliases of such.
    public let groupBy: [String]
    /// The length of the window, in seconds.
    public let seconds: Double
    /// What must be so.
    public let condition: Condition
    /// For an alias and a rule's reference, the field that it stands for.
    public let aliases: [String: [String: String]]
    /// The rules that are looked at also speak for themselves.
    public let generates: Bool
}

/// Tuning that many rules share: each rule it names matches only where the filter's condition holds as well.
///
/// Source: Sigma filters specification 2.1.0.
public struct FilterRule: Sendable {
    /// Which rules a filter is added to.
    public enum Target: Sendable, Hashable {
        /// Every rule for its log source.
        case any
        /// These, by id or name.
        case rules([String])
    }

    /// What every kind of rule says about itself.
    public let about: RuleDescription
    /// Only rules for these logs.
    public let logSource: LogSource
    /// Which rules it is added to.
    public let target: Target
    /// What must hold as well.
    public let expression: RuleExpression
}

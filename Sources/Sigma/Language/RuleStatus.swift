/// How far a rule has come, as Sigma words it.
public enum RuleStatus: String, Sendable, CaseIterable {
    /// May be used without care.
    case stable
    /// Few false alarms are known.
    case test
    /// May give false alarms.
    case experimental
    /// Replaced by another rule.
    case deprecated
    /// Cannot be used.
    case unsupported
}

/// How much a match matters, as Sigma words it.
public enum RuleLevel: String, Sendable, CaseIterable, Comparable {
    /// Worth knowing, never an alert by itself.
    case informational
    /// Seldom malicious.
    case low
    /// Should be looked at.
    case medium
    /// Should be looked at soon.
    case high
    /// Should be looked at now.
    case critical

    /// Less before more.
    public static func < (left: RuleLevel, right: RuleLevel) -> Bool { left.rank < right.rank }

    private var rank: Int {
        switch self {
        case .informational: 0
        case .low: 1
        case .medium: 2
        case .high: 3
        case .critical: 4
        }
    }
}

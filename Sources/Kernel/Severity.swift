/// How bad something is that a scanner found, from a remark to what must be mended at once.
public enum Severity: String, Sendable, Codable, CaseIterable {
    case informational, low, medium, high, critical
}

extension Severity: Comparable {
    /// Less severe comes first.
    public static func < (left: Severity, right: Severity) -> Bool { left.rank < right.rank }

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

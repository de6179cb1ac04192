/// The word that stands beside a commitment. Always computed from observations and the clock; nobody can set one.
public enum Verdict: String, Sendable, Codable, CaseIterable {
    /// Every check passes on its whole population, and every result is fresh.
    case kept
    /// At least one check fails on more of its population than its threshold allows.
    case broken
    /// It was proven once, but the evidence has run out.
    case stale
    /// Evidence is missing: never observed, unknown, or the means to observe are not there.
    case unproven
    /// No evidence could ever show it as it is worded.
    case unprovable
    /// The company no longer promises it.
    case withdrawn
}

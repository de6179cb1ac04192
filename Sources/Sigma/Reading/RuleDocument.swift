import Kernel

/// What one document of a rule file is.
public enum RuleDocument: Sendable {
    /// A rule that looks at one event at a time.
    case rule(SigmaRule)
    /// A rule over the matches of others.
    case correlation(CorrelationRule)
    /// Tuning that many rules share.
    case filter(FilterRule)
}

/// A document that cannot be used, and why.
public struct RejectedRule: Sendable, Hashable {
    /// The rule's id, name or title, as far as it has one.
    public let identity: String?
    /// The rule's title, if it has one.
    public let title: String?
    /// Where it was read.
    public let place: RulePlace
    /// Why it cannot be used, with the place.
    public let problem: Problem
}

extension RejectedRule {
    /// Something of a file that is no rule that could be named.
    init(_ problem: Problem, in file: String) {
        self.init(
            identity: nil, title: nil, place: RulePlace(file: file, line: problem.place?.line ?? 1),
            problem: problem.located(in: file))
    }
}

import Kernel

/// What a commitment asks of one check.
public struct Demand: Hashable, Sendable {
    /// The check that must pass.
    public let check: CheckID
    /// The check's short heading, as reasons name it: "Disk encryption".
    public let title: String
    /// The kind of subject it must hold for.
    public let population: Subject.Kind
    /// How much of the population must pass.
    public let threshold: Threshold
    /// Evidence older than this does not count as fresh, whatever its own expiry says.
    public let freshness: Period
    /// What this installation lacks to run the check, to follow "needs": "the people register"; `nil` if it can run.
    ///
    /// It explains a verdict and never makes one: what was seen before it went missing still counts.
    public let missing: String?

    /// - Parameter title: `nil` for a check that has no heading here; its identifier takes the place.
    public init(
        check: CheckID, title: String? = nil, population: Subject.Kind, threshold: Threshold = .all, freshness: Period,
        missing: String? = nil
    ) {
        self.check = check
        self.title = title ?? check.rawValue
        self.population = population
        self.threshold = threshold
        self.freshness = freshness
        self.missing = missing
    }
}

/// A commitment as the verdicts see it: what it asks for, and from when to when it is promised.
public struct Promise: Hashable, Sendable {
    /// What must hold, all of it.
    public let demands: [Demand]
    /// When the policy that makes it was imported; time before does not count.
    public let startsAt: Instant
    /// From when on the company no longer promises it.
    public let withdrawnAt: Instant?
    /// Why nothing could show it as it is worded, as a sentence; `nil` for all others.
    public let unprovable: String?

    /// A promise out of its parts.
    public init(demands: [Demand], startsAt: Instant, withdrawnAt: Instant? = nil, unprovable: String? = nil) {
        self.demands = demands
        self.startsAt = startsAt
        self.withdrawnAt = withdrawnAt
        self.unprovable = unprovable
    }
}

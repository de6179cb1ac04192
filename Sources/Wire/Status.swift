import Kernel
import Verdicts

/// How many commitments stand at each verdict; the six always add up to all of them.
public struct VerdictCounts: Hashable, Sendable, Codable {
    /// Fresh evidence shows that they are held to.
    public var kept = 0
    /// The newest evidence shows that they are not held to.
    public var broken = 0
    /// Kept once; the evidence ran out.
    public var stale = 0
    /// Nothing has shown yet whether they are held to.
    public var unproven = 0
    /// Nothing could show them as they are worded.
    public var unprovable = 0
    /// No longer promised.
    public var withdrawn = 0

    /// No commitments at all.
    public init() {}

    /// Counts the verdicts in `verdicts`.
    public init(of verdicts: some Sequence<Verdict>) {
        for verdict in verdicts { self[verdict] += 1 }
    }

    /// All commitments.
    public var total: Int { Verdict.allCases.reduce(0) { $0 + self[$1] } }

    /// How many stand at `verdict`.
    public subscript(verdict: Verdict) -> Int {
        get {
            switch verdict {
            case .kept: kept
            case .broken: broken
            case .stale: stale
            case .unproven: unproven
            case .unprovable: unprovable
            case .withdrawn: withdrawn
            }
        }
        set {
            switch verdict {
            case .kept: kept = newValue
            case .broken: broken = newValue
            case .stale: stale = newValue
            case .unproven: unproven = newValue
            case .unprovable: unprovable = newValue
            case .withdrawn: withdrawn = newValue
            }
        }
    }
}

/// An accepted exception: shown beside a verdict, never instead of it.
public struct ExceptionNotice: Hashable, Sendable, Codable {
    /// The exception's identifier.
    public let id: String
    /// Why it was accepted.
    public let reason: String
    /// Who asked; left out of everything public.
    public let requestedBy: String?
    /// Who approved; left out of everything public, and `nil` while it waits.
    public let approvedBy: String?
    /// When it was approved; while it waits, when it was asked for.
    public let grantedAt: Instant
    /// The first moment at which it no longer stands.
    public let until: Instant

    /// A notice out of its parts.
    public init(
        id: String, reason: String, requestedBy: String?, approvedBy: String?, grantedAt: Instant, until: Instant
    ) {
        self.id = id
        self.reason = reason
        self.requestedBy = requestedBy
        self.approvedBy = approvedBy
        self.grantedAt = grantedAt
        self.until = until
    }
}

/// One commitment and how it stands.
public struct CommitmentStatus: Hashable, Sendable, Codable {
    /// The policy's id, as its pack names it.
    public let policy: String
    /// The commitment's id within the policy, as the pack names it.
    public let id: String
    /// The heading of the policy under which it stands.
    public let section: String
    /// The promise in our own words.
    public let summary: String
    /// The role that must act when it is broken.
    public let owner: String
    /// How it stands.
    public let verdict: Verdict
    /// Since when the verdict has been this one.
    public let since: Instant?
    /// When the newest observation behind it was made.
    public let observedAt: Instant?
    /// Until when the verdict holds without new evidence.
    public let validUntil: Instant?
    /// Why, in one sentence that names counts and never subjects.
    public let reason: String
    /// The exception that stands beside the verdict, if one was accepted.
    public let exception: ExceptionNotice?

    /// A status out of its parts.
    public init(
        policy: String, id: String, section: String, summary: String, owner: String, verdict: Verdict, since: Instant?,
        observedAt: Instant?, validUntil: Instant?, reason: String, exception: ExceptionNotice?
    ) {
        self.policy = policy
        self.id = id
        self.section = section
        self.summary = summary
        self.owner = owner
        self.verdict = verdict
        self.since = since
        self.observedAt = observedAt
        self.validUntil = validUntil
        self.reason = reason
        self.exception = exception
    }
}

extension CommitmentStatus {
    private enum CodingKeys: String, CodingKey {
        case policy, id, section, summary, owner, verdict, since, observedAt, validUntil, reason, exception
    }

    /// Writes every member, so that scripts find a null rather than nothing.
    public func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(policy, forKey: .policy)
        try container.encode(id, forKey: .id)
        try container.encode(section, forKey: .section)
        try container.encode(summary, forKey: .summary)
        try container.encode(owner, forKey: .owner)
        try container.encode(verdict, forKey: .verdict)
        try container.encode(since, forKey: .since)
        try container.encode(observedAt, forKey: .observedAt)
        try container.encode(validUntil, forKey: .validUntil)
        try container.encode(reason, forKey: .reason)
        try container.encode(exception, forKey: .exception)
    }
}

/// All commitments of an organisation as they stand, or stood, at one moment.
public struct StatusReport: Hashable, Sendable, Codable {
    /// The moment that the report is about.
    public let asOf: Instant
    /// The verdicts of all commitments, counted.
    public let counts: VerdictCounts
    /// Every commitment that is counted, in the order of the policies' texts; withdrawn ones last.
    public let commitments: [CommitmentStatus]

    /// A report on `commitments`, which it counts.
    public init(asOf: Instant, commitments: [CommitmentStatus]) {
        self.asOf = asOf
        self.counts = VerdictCounts(of: commitments.lazy.map(\.verdict))
        self.commitments = commitments
    }
}

import Kernel
import Verdicts

/// How many commitments stand at each verdict; the six always add up to all of them.
public struct VerdictCounts: Hashable, Sendable, Codable {
    public var kept = 0
    public var broken = 0
    public var stale = 0
    public var unproven = 0
    public var unprovable = 0
    public var withdrawn = 0

    public init() {}

    /// Counts the verdicts in `verdicts`.
    public init(of verdicts: some Sequence<Verdict>) {
        for verdict in verdicts { self[verdict] += 1 }
    }

    /// All commitments.
    public var total: Int { Verdict.allCases.reduce(0) { $0 + self[$1] } }

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
    public let id: String
    /// Why it was accepted.
    public let reason: String
    /// Who asked and who approved; left out of everything public.
    public let requestedBy: String?
    public let approvedBy: String?
    public let grantedAt: Instant
    public let until: Instant

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
    /// The policy's id and the commitment's id within it, as the pack names them.
    public let policy: String
    public let id: String
    /// The heading of the policy under which it stands.
    public let section: String
    /// The promise in our own words.
    public let summary: String
    /// The role that must act when it is broken.
    public let owner: String
    public let verdict: Verdict
    /// Since when the verdict has been this one.
    public let since: Instant?
    /// When the newest observation behind it was made.
    public let observedAt: Instant?
    /// Until when the verdict holds without new evidence.
    public let validUntil: Instant?
    /// Why, in one sentence that names counts and never subjects.
    public let reason: String
    public let exception: ExceptionNotice?

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
    public let asOf: Instant
    public let counts: VerdictCounts
    public let commitments: [CommitmentStatus]

    public init(asOf: Instant, commitments: [CommitmentStatus]) {
        self.asOf = asOf
        self.counts = VerdictCounts(of: commitments.lazy.map(\.verdict))
        self.commitments = commitments
    }
}

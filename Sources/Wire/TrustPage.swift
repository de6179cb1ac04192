import Kernel
import Verdicts

/// What the public sees of an organisation: written by a change, read without an account, and free of names, places and values.
public struct TrustPage: Hashable, Sendable, Codable {
    public let organisation: String
    public let slug: String
    public let publishedAt: Instant
    public let origin: String
    public let verificationKey: String
    public let policies: [PublishedPolicy]

    public init(
        organisation: String, slug: String, publishedAt: Instant, origin: String, verificationKey: String,
        policies: [PublishedPolicy]
    ) {
        self.organisation = organisation
        self.slug = slug
        self.publishedAt = publishedAt
        self.origin = origin
        self.verificationKey = verificationKey
        self.policies = policies
    }

    /// The page as it must be read at `now`: what ran out since it was published is stale, whoever stopped publishing.
    public func asRead(at now: Instant) -> TrustPage {
        TrustPage(
            organisation: organisation, slug: slug, publishedAt: publishedAt, origin: origin,
            verificationKey: verificationKey, policies: policies.map { $0.asRead(at: now) })
    }

    /// The verdicts of all policies, counted.
    public var counts: VerdictCounts {
        VerdictCounts(of: policies.lazy.flatMap { $0.commitments.lazy.map(\.verdict) })
    }
}

/// One policy on the trust page.
public struct PublishedPolicy: Hashable, Sendable, Codable {
    public let id: String
    public let title: String
    public let version: String
    public let sha256: String
    public let commitments: [PublishedCommitment]

    public init(id: String, title: String, version: String, sha256: String, commitments: [PublishedCommitment]) {
        self.id = id
        self.title = title
        self.version = version
        self.sha256 = sha256
        self.commitments = commitments
    }

    func asRead(at now: Instant) -> PublishedPolicy {
        PublishedPolicy(
            id: id, title: title, version: version, sha256: sha256, commitments: commitments.map { $0.asRead(at: now) })
    }
}

/// One commitment on the trust page.
public struct PublishedCommitment: Hashable, Sendable, Codable {
    public let id: String
    public let section: String
    public let summary: String
    public let verdict: Verdict
    public let since: Instant?
    public let observedAt: Instant?
    public let validUntil: Instant?
    public let reason: String
    /// Until when an accepted exception is shown beside the verdict, and the reason given.
    public let exceptionUntil: Instant?
    public let exceptionReason: String?
    /// `kept` for this share of the last 90 days, 0…1; `nil` where nothing was ever observed.
    public let keptShare: Double?

    public init(
        id: String, section: String, summary: String, verdict: Verdict, since: Instant?, observedAt: Instant?,
        validUntil: Instant?, reason: String, exceptionUntil: Instant?, exceptionReason: String?, keptShare: Double?
    ) {
        self.id = id
        self.section = section
        self.summary = summary
        self.verdict = verdict
        self.since = since
        self.observedAt = observedAt
        self.validUntil = validUntil
        self.reason = reason
        self.exceptionUntil = exceptionUntil
        self.exceptionReason = exceptionReason
        self.keptShare = keptShare
    }

    func asRead(at now: Instant) -> PublishedCommitment {
        let exceptionRuns = exceptionUntil.map { now < $0 } ?? false
        var verdict = verdict
        var since = since
        var reason = reason
        if verdict == .kept, let validUntil, validUntil <= now {
            verdict = .stale
            since = validUntil
            reason = "The evidence ran out; no newer evidence has been published."
        }
        return PublishedCommitment(
            id: id, section: section, summary: summary, verdict: verdict, since: since, observedAt: observedAt,
            validUntil: validUntil, reason: reason, exceptionUntil: exceptionRuns ? exceptionUntil : nil,
            exceptionReason: exceptionRuns ? exceptionReason : nil, keptShare: keptShare)
    }
}

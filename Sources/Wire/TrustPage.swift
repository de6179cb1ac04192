import Kernel
import Verdicts

/// What the public sees of an organisation: written by a change, read without an account, and free of names, places and values.
public struct TrustPage: Hashable, Sendable, Codable {
    /// The organisation's name.
    public let organisation: String
    /// The organisation's name in addresses: `/trust/SLUG`.
    public let slug: String
    /// When the page was last written.
    public let publishedAt: Instant
    /// The unique name of the organisation's ledger.
    public let origin: String
    /// The key that verifies the ledger's checkpoints, as a C2SP `vkey`.
    public let verificationKey: String
    /// The policies with at least one published commitment.
    public let policies: [PublishedPolicy]
    /// Who outside holds the ledger's history; `nil` where that is not known.
    public let outsiders: Outsiders?

    /// A page out of its parts.
    public init(
        organisation: String, slug: String, publishedAt: Instant, origin: String, verificationKey: String,
        policies: [PublishedPolicy], outsiders: Outsiders? = nil
    ) {
        self.organisation = organisation
        self.slug = slug
        self.publishedAt = publishedAt
        self.origin = origin
        self.verificationKey = verificationKey
        self.policies = policies
        self.outsiders = outsiders
    }

    /// The page as it must be read at `now`: what ran out since it was published is stale, whoever stopped publishing.
    public func asRead(at now: Instant) -> TrustPage {
        TrustPage(
            organisation: organisation, slug: slug, publishedAt: publishedAt, origin: origin,
            verificationKey: verificationKey, policies: policies.map { $0.asRead(at: now) },
            outsiders: outsiders)
    }

    /// The verdicts of all policies, counted.
    public var counts: VerdictCounts {
        VerdictCounts(of: policies.lazy.flatMap { $0.commitments.lazy.map(\.verdict) })
    }
}

/// One policy on the trust page.
public struct PublishedPolicy: Hashable, Sendable, Codable {
    /// The policy's id, as its pack names it.
    public let id: String
    /// Its title, as published.
    public let title: String
    /// The version, as its issuer counts.
    public let version: String
    /// The SHA-256 of its exact text, in hexadecimal digits.
    public let sha256: String
    /// The published commitments of this policy.
    public let commitments: [PublishedCommitment]

    /// A policy out of its parts.
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
    /// The commitment's id within the policy.
    public let id: String
    /// The heading of the policy under which it stands.
    public let section: String
    /// The promise in our own words.
    public let summary: String
    /// The verdict that was stated.
    public let verdict: Verdict
    /// Since when the verdict has been this one.
    public let since: Instant?
    /// When the newest observation behind it was made; `nil` if nothing was observed.
    public let observedAt: Instant?
    /// Until when the statement may be relied on.
    public let validUntil: Instant?
    /// Why, in one sentence that names counts and never subjects.
    public let reason: String
    /// Until when an accepted exception is shown beside the verdict.
    public let exceptionUntil: Instant?
    /// `kept` for this share of the last 90 days, 0…1; `nil` where nothing was ever observed.
    public let keptShare: Double?

    /// A commitment out of its parts.
    public init(
        id: String, section: String, summary: String, verdict: Verdict, since: Instant?, observedAt: Instant?,
        validUntil: Instant?, reason: String, exceptionUntil: Instant?, keptShare: Double?
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
            keptShare: keptShare)
    }
}

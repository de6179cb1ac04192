import Kernel
import Verdicts

/// One commitment with everything behind its verdict.
public struct CommitmentDetail: Hashable, Sendable, Codable {
    /// How it stands now.
    public let status: CommitmentStatus
    /// The title of the policy that promises it, as published.
    public let policyTitle: String
    /// The sentences of the policy that make this promise, if its text was imported.
    public let wording: [String]
    /// What is wrong with the wording, if something is.
    public let defect: String?
    /// Framework → the controls it serves, such as `ISO/IEC 27001:2022` → `A.8.24`.
    public let controls: [ControlList]
    /// The checks that must pass for it to be kept.
    public let checks: [CheckDetail]
    /// Newest first.
    public let history: [VerdictChange]
    /// How the last 7, 30 and 90 days divide; a window without any promised time is left out.
    public let shares: [ShareOfTime]
    /// Exceptions that ran out included.
    public let exceptions: [ExceptionNotice]
    /// Where its newest published statement stands in the ledger; `nil` if none was published.
    public let proof: ProofSummary?

    /// A detail out of its parts.
    public init(
        status: CommitmentStatus, policyTitle: String, wording: [String], defect: String?, controls: [ControlList],
        checks: [CheckDetail], history: [VerdictChange], shares: [ShareOfTime], exceptions: [ExceptionNotice],
        proof: ProofSummary?
    ) {
        self.status = status
        self.policyTitle = policyTitle
        self.wording = wording
        self.defect = defect
        self.controls = controls
        self.checks = checks
        self.history = history
        self.shares = shares
        self.exceptions = exceptions
        self.proof = proof
    }
}

/// The requirements of one framework that a commitment serves.
public struct ControlList: Hashable, Sendable, Codable {
    /// The framework's title, such as `ISO/IEC 27001:2022`.
    public let framework: String
    /// The requirements within it, such as `A.8.24`.
    public let references: [String]

    /// A list out of its parts.
    public init(framework: String, references: [String]) {
        self.framework = framework
        self.references = references
    }
}

/// One check of a commitment, with the latest observation of every subject.
public struct CheckDetail: Hashable, Sendable, Codable {
    /// The check's stable name: `endpoint.disk-encryption`.
    public let id: String
    /// A short heading: "Disk encryption".
    public let title: String
    /// One sentence: what is measured and when it passes.
    public let measures: String
    /// The kind of subject, in the plural: `hosts`.
    public let population: String
    /// How much of the population must pass: `all`, `95 %`.
    public let threshold: String
    /// Evidence older than this does not count as fresh.
    public let freshness: Period
    /// The verdict on this check alone.
    public let verdict: Verdict
    /// What this installation lacks to run it; `nil` if it runs.
    public let missing: String?
    /// Everything in the population now.
    public let subjects: [SubjectStanding]

    /// A detail out of its parts.
    public init(
        id: String, title: String, measures: String, population: String, threshold: String, freshness: Period,
        verdict: Verdict, missing: String?, subjects: [SubjectStanding]
    ) {
        self.id = id
        self.title = title
        self.measures = measures
        self.population = population
        self.threshold = threshold
        self.freshness = freshness
        self.verdict = verdict
        self.missing = missing
        self.subjects = subjects
    }
}

/// One subject and the observation that counts for it now.
public struct SubjectStanding: Hashable, Sendable, Codable {
    /// The subject's pseudonymous identifier.
    public let subject: String
    /// The name that people know it by.
    public let name: String
    /// The kind of subject: `host`.
    public let kind: String
    /// `nil` if it was never observed.
    public let result: CheckResult?
    /// Whether the result still counts as fresh.
    public let isFresh: Bool
    /// What was seen, in a few words; `nil` if it was never observed.
    public let value: String?
    /// When it was looked at; `nil` if it was never observed.
    public let observedAt: Instant?
    /// When the result stops being fresh; `nil` if it was never observed.
    public let expiresAt: Instant?
    /// What was read to find out.
    public let evidence: [Evidence]
    /// What a person can do to make it pass; `nil` if it passes or does not apply.
    public let fix: String?

    /// A standing out of its parts.
    public init(
        subject: String, name: String, kind: String, result: CheckResult?, isFresh: Bool, value: String?,
        observedAt: Instant?, expiresAt: Instant?, evidence: [Evidence], fix: String?
    ) {
        self.subject = subject
        self.name = name
        self.kind = kind
        self.result = result
        self.isFresh = isFresh
        self.value = value
        self.observedAt = observedAt
        self.expiresAt = expiresAt
        self.evidence = evidence
        self.fix = fix
    }
}

/// A moment at which the verdict became another one.
public struct VerdictChange: Hashable, Sendable, Codable {
    /// When the verdict became this one.
    public let at: Instant
    /// The verdict from then on.
    public let verdict: Verdict
    /// Why, in one sentence that names counts and never subjects.
    public let reason: String
    /// The check whose observation, or whose observation's expiry, brought it; `nil` where none did.
    public let check: String?
    /// The name of the subject whose observation, or whose observation's expiry, brought it; `nil` where none did.
    public let subject: String?

    /// A change out of its parts.
    public init(at: Instant, verdict: Verdict, reason: String, check: String?, subject: String?) {
        self.at = at
        self.verdict = verdict
        self.reason = reason
        self.check = check
        self.subject = subject
    }
}

/// How the time of a window divides among the verdicts; each share is 0…1 and they add up to 1.
public struct ShareOfTime: Hashable, Sendable, Codable {
    /// The window's length in days, ending now.
    public let days: Int
    /// The share of the time in which it was kept.
    public let kept: Double
    /// The share of the time in which it was broken.
    public let broken: Double
    /// The share of the time in which the evidence had run out.
    public let stale: Double
    /// The share of the time in which evidence was missing.
    public let unproven: Double

    /// Shares out of their parts, each 0…1.
    public init(days: Int, kept: Double, broken: Double, stale: Double, unproven: Double) {
        self.days = days
        self.kept = kept
        self.broken = broken
        self.stale = stale
        self.unproven = unproven
    }
}

/// Where the newest published statement about a commitment stands in the ledger.
public struct ProofSummary: Hashable, Sendable, Codable {
    /// The index of the ledger entry that carries it, from 0.
    public let entry: Int
    /// The verdict that was stated.
    public let verdict: Verdict
    /// The moment that the statement speaks of.
    public let asOf: Instant
    /// Until when the statement may be relied on.
    public let validUntil: Instant

    /// A summary out of its parts.
    public init(entry: Int, verdict: Verdict, asOf: Instant, validUntil: Instant) {
        self.entry = entry
        self.verdict = verdict
        self.asOf = asOf
        self.validUntil = validUntil
    }
}

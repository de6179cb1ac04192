import Kernel
import Verdicts

/// One commitment with everything behind its verdict.
public struct CommitmentDetail: Hashable, Sendable, Codable {
    public let status: CommitmentStatus
    public let policyTitle: String
    /// The sentences of the policy that make this promise, if its text was imported.
    public let wording: [String]
    /// What is wrong with the wording, if something is.
    public let defect: String?
    /// Framework → the controls it serves, such as `ISO/IEC 27001:2022` → `A.8.24`.
    public let controls: [ControlList]
    public let checks: [CheckDetail]
    /// Newest first.
    public let history: [VerdictChange]
    public let shares: [ShareOfTime]
    /// Exceptions that ran out included.
    public let exceptions: [ExceptionNotice]
    public let proof: ProofSummary?

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
    public let framework: String
    public let references: [String]

    public init(framework: String, references: [String]) {
        self.framework = framework
        self.references = references
    }
}

/// One check of a commitment, with the latest observation of every subject.
public struct CheckDetail: Hashable, Sendable, Codable {
    public let id: String
    public let title: String
    public let measures: String
    /// The kind of subject, in the plural: `hosts`.
    public let population: String
    /// How much of the population must pass: `all`, `95 %`.
    public let threshold: String
    public let freshness: Period
    public let verdict: Verdict
    /// What this installation lacks to run it; `nil` if it runs.
    public let missing: String?
    public let subjects: [SubjectStanding]

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
    public let subject: String
    public let name: String
    /// The kind of subject: `host`.
    public let kind: String
    /// `nil` if it was never observed.
    public let result: CheckResult?
    public let isFresh: Bool
    public let value: String?
    public let observedAt: Instant?
    public let expiresAt: Instant?
    public let evidence: [Evidence]
    public let fix: String?

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
    public let at: Instant
    public let verdict: Verdict
    public let reason: String
    /// The check and the subject whose observation, or whose observation's expiry, brought the change; `nil` where neither did.
    public let check: String?
    public let subject: String?

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
    public let kept, broken, stale, unproven: Double

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
    public let entry: Int
    public let verdict: Verdict
    public let asOf: Instant
    public let validUntil: Instant

    public init(entry: Int, verdict: Verdict, asOf: Instant, validUntil: Instant) {
        self.entry = entry
        self.verdict = verdict
        self.asOf = asOf
        self.validUntil = validUntil
    }
}

/// What a check found on one subject. *Unknown* is never a pass, and needing more rights is unknown, not a failure.
public enum CheckResult: String, Sendable, Codable, CaseIterable {
    case pass
    case fail
    /// It could not be told: rights, data or a tool are missing.
    case unknown
    /// The question does not arise here: Wi-Fi on a machine without a radio.
    case notApplicable = "not-applicable"
    /// The check itself failed.
    case error
}

/// One thing that was read, and from where, so that a person can follow the judgement.
public struct Evidence: Hashable, Sendable, Codable {
    /// Where it was read: a path, a command line, an address.
    public let source: String
    /// What stood there, shortened to what the judgement used.
    public let content: String

    /// Evidence out of its parts.
    public init(source: String, content: String) {
        self.source = source
        self.content = content
    }
}

/// What one run of a check on one subject gave, before it is known when and for whom it counts.
///
/// The measured value is kept apart from the judgement: another threshold can judge the same value again.
public struct Measurement: Hashable, Sendable, Codable {
    /// The judgement.
    public let result: CheckResult
    /// What was measured, in words and numbers: `2 of 2 volumes encrypted (aes-xts-plain64)`.
    public let value: String
    /// What was read to find out.
    public let evidence: [Evidence]
    /// What a person can do to make it pass; `nil` if it passes or does not apply.
    public let fix: String?

    /// A measurement out of its parts.
    public init(_ result: CheckResult, value: String, evidence: [Evidence] = [], fix: String? = nil) {
        self.result = result
        self.value = value
        self.evidence = evidence
        self.fix = fix
    }
}

/// One result about one subject, with the times that decide when it counts. Append-only: never changed, never taken back.
public struct Observation: Hashable, Sendable, Codable {
    /// Which check looked.
    public let check: CheckID
    /// What was looked at.
    public let subject: Subject
    /// What was found.
    public let measurement: Measurement
    /// When the subject was looked at; shares of time are counted by it.
    public let observedAt: Instant
    /// When the server took it in; "as it stood at T" is told by it.
    public let receivedAt: Instant
    /// When it stops being fresh.
    public let expiresAt: Instant

    /// An observation out of its parts.
    public init(
        check: CheckID, subject: Subject, measurement: Measurement, observedAt: Instant, receivedAt: Instant,
        expiresAt: Instant
    ) {
        self.check = check
        self.subject = subject
        self.measurement = measurement
        self.observedAt = observedAt
        self.receivedAt = receivedAt
        self.expiresAt = expiresAt
    }
}

/// How a room hands over what it saw, in the same change that stored the source: the one protocol by which evidence enters.
///
/// `Change` is the store's open transaction; Kernel does not know it, so that neither rooms nor collectors depend on who keeps the evidence.
public protocol EvidenceIntake<Change>: Sendable {
    associatedtype Change

    /// Takes in observations; each must be about a subject that has joined.
    func receive(_ observations: [Observation], in change: Change) throws

    /// From `moment` on, `subject` counts in the population of its kind.
    func join(_ subject: Subject, at moment: Instant, in change: Change) throws

    /// From `moment` on, `subject` no longer counts.
    func leave(_ subject: Subject, at moment: Instant, in change: Change) throws
}

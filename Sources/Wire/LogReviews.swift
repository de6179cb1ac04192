import Kernel

/// What one source brought on one day.
public struct DigestLine: Hashable, Sendable, Codable {
    /// The source's identifier.
    public let source: String
    /// Its name.
    public let name: String
    /// How many events.
    public let events: Int
    /// How many records that are not in the form they should have, or were lost.
    public let faults: Int
    /// How many hours without a single record.
    public let silentHours: Int
    /// Alerts by level.
    public let alerts: [String: Int]

    /// A line out of its parts.
    public init(source: String, name: String, events: Int, faults: Int, silentHours: Int, alerts: [String: Int]) {
        self.source = source
        self.name = name
        self.events = events
        self.faults = faults
        self.silentHours = silentHours
        self.alerts = alerts
    }
}

/// What one day brought: what a review looks at.
public struct DigestSummary: Hashable, Sendable, Codable {
    /// The digest's identifier, as addresses name it.
    public let id: String
    /// The day in UTC, such as `2026-11-21`.
    public let day: String
    /// By when somebody must have signed it.
    public let dueAt: Instant
    /// Each source.
    public let lines: [DigestLine]
    /// Who signed it, by name; `nil` while nobody did.
    public let signedBy: String?
    /// When.
    public let signedAt: Instant?
    /// What was found.
    public let findings: String?
    /// What was left out, and why.
    public let exceptions: String?

    /// A digest out of its parts.
    public init(
        id: String, day: String, dueAt: Instant, lines: [DigestLine], signedBy: String?, signedAt: Instant?,
        findings: String?, exceptions: String?
    ) {
        self.id = id
        self.day = day
        self.dueAt = dueAt
        self.lines = lines
        self.signedBy = signedBy
        self.signedAt = signedAt
        self.findings = findings
        self.exceptions = exceptions
    }
}

/// The reviews of logs: what waits, and what was signed.
public struct LogReviewOverview: Hashable, Sendable, Codable {
    /// Days that nobody signed yet, oldest first.
    public let waiting: [DigestSummary]
    /// Days that were signed, newest first, at most 60.
    public let signed: [DigestSummary]

    /// An overview out of its parts.
    public init(waiting: [DigestSummary], signed: [DigestSummary]) {
        self.waiting = waiting
        self.signed = signed
    }
}

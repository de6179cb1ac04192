import Kernel

/// One log source in a list.
public struct LogSourceSummary: Hashable, Sendable, Codable {
    /// The source's identifier, as addresses name it.
    public let id: String
    /// What people call it.
    public let name: String
    /// The form of its records, such as `syslog`.
    public let format: String
    /// How its records come here, in words: `syslog from 10.0.0.0/8`.
    public let way: String
    /// From when on it counts in the population.
    public let registeredAt: Instant
    /// When its last record came; `nil` if none ever did.
    public let lastSeen: Instant?
    /// Whether it has been quiet for longer than ``silenceAfter``.
    public let isSilent: Bool
    /// After how long without a record it counts as silent.
    public let silenceAfter: Period
    /// Events a second, over the last five minutes.
    public let rate: Double
    /// Events of the last 24 hours.
    public let events: Int
    /// Records of the last 24 hours that are not in the form they should have.
    public let faults: Int
    /// Records of the last 24 hours that were dropped or refused.
    public let lost: Int
    /// How many rules are for logs of its kind.
    public let applicable: Int
    /// How many of these could match with the fields that its events really have.
    public let canFire: Int

    /// A summary out of its parts.
    public init(
        id: String, name: String, format: String, way: String, registeredAt: Instant, lastSeen: Instant?,
        isSilent: Bool, silenceAfter: Period, rate: Double, events: Int, faults: Int, lost: Int, applicable: Int,
        canFire: Int
    ) {
        self.id = id
        self.name = name
        self.format = format
        self.way = way
        self.registeredAt = registeredAt
        self.lastSeen = lastSeen
        self.isSilent = isSilent
        self.silenceAfter = silenceAfter
        self.rate = rate
        self.events = events
        self.faults = faults
        self.lost = lost
        self.applicable = applicable
        self.canFire = canFire
    }
}

/// What came from a source within an hour.
public struct LogHour: Hashable, Sendable, Codable {
    /// When the hour began.
    public let start: Instant
    /// How many events.
    public let events: Int
    /// How many records were not in the form they should have.
    public let faults: Int
    /// How many matches of rules.
    public let matches: Int

    /// An hour out of its parts.
    public init(start: Instant, events: Int, faults: Int, matches: Int) {
        self.start = start
        self.events = events
        self.faults = faults
        self.matches = matches
    }
}

/// Why records of a source could not be read or were not kept.
public struct LogFaultCount: Hashable, Sendable, Codable {
    /// The reason, in words.
    public let reason: String
    /// How many since the server started.
    public let count: Int
    /// Beginnings of some of them; only for those who may see what logs hold.
    public let samples: [String]

    /// A count out of its parts.
    public init(reason: String, count: Int, samples: [String]) {
        self.reason = reason
        self.count = count
        self.samples = samples
    }
}

/// A rule that is for a source's kind of logs and cannot match there, because fields are missing.
public struct BlindRule: Hashable, Sendable, Codable {
    /// The rule's identity.
    public let rule: String
    /// Its title.
    public let title: String
    /// The fields that it asks for and the source's events do not have.
    public let missing: [String]

    /// A rule out of its parts.
    public init(rule: String, title: String, missing: [String]) {
        self.rule = rule
        self.title = title
        self.missing = missing
    }
}

/// How many rules look for one ATT&CK tactic, and what came of it.
public struct TacticCoverage: Hashable, Sendable, Codable {
    /// The tactic, such as `credential-access`.
    public let tactic: String
    /// Rules for it.
    public let rules: Int
    /// Rules that are for some registered source's kind of logs.
    public let applicable: Int
    /// Rules that can match with the fields that sources really have.
    public let canFire: Int
    /// Alerts of the last 30 days.
    public let alerts: Int

    /// A row out of its parts.
    public init(tactic: String, rules: Int, applicable: Int, canFire: Int, alerts: Int) {
        self.tactic = tactic
        self.rules = rules
        self.applicable = applicable
        self.canFire = canFire
        self.alerts = alerts
    }
}

/// One log source in detail.
public struct LogSourceDetail: Hashable, Sendable, Codable {
    /// The source itself.
    public let source: LogSourceSummary
    /// The last 48 hours, oldest first, those without a record too.
    public let hours: [LogHour]
    /// What could not be read or kept.
    public let faults: [LogFaultCount]
    /// The fields that its events have, as far as looked at.
    public let fields: [String]
    /// Rules that cannot match here, at most 100 of them.
    public let blind: [BlindRule]
    /// How many rules cannot match here.
    public let blindCount: Int
    /// What the checks say about it.
    public let checks: [SubjectCheck]

    /// A detail out of its parts.
    public init(
        source: LogSourceSummary, hours: [LogHour], faults: [LogFaultCount], fields: [String], blind: [BlindRule],
        blindCount: Int, checks: [SubjectCheck]
    ) {
        self.source = source
        self.hours = hours
        self.faults = faults
        self.fields = fields
        self.blind = blind
        self.blindCount = blindCount
        self.checks = checks
    }
}

/// Every log source, and what else came here.
public struct LogSourceOverview: Hashable, Sendable, Codable {
    /// The registered sources.
    public let sources: [LogSourceSummary]
    /// Whether anything collects on this server: not while it runs without jobs.
    public let isCollecting: Bool
    /// For how many days records are kept.
    public let retentionDays: Int
    /// How many bytes the archive takes.
    public let archivedBytes: Int
    /// How many records it holds.
    public let archivedRecords: Int

    /// An overview out of its parts.
    public init(
        sources: [LogSourceSummary], isCollecting: Bool, retentionDays: Int, archivedBytes: Int, archivedRecords: Int
    ) {
        self.sources = sources
        self.isCollecting = isCollecting
        self.retentionDays = retentionDays
        self.archivedBytes = archivedBytes
        self.archivedRecords = archivedRecords
    }
}

/// A record that was found in the archive.
public struct LogRecordFound: Hashable, Sendable, Codable {
    /// The source's identifier.
    public let source: String
    /// The source's name.
    public let name: String
    /// When it was received.
    public let receivedAt: Instant
    /// The record as it came; what is no UTF-8 is replaced.
    public let text: String

    /// A record out of its parts.
    public init(source: String, name: String, receivedAt: Instant, text: String) {
        self.source = source
        self.name = name
        self.receivedAt = receivedAt
        self.text = text
    }
}

/// What a search of the archive found.
public struct LogSearchResult: Hashable, Sendable, Codable {
    /// The records, newest first.
    public let records: [LogRecordFound]
    /// Whether there are more.
    public let hasMore: Bool
    /// What could not be looked at, and why.
    public let remarks: [String]

    /// A result out of its parts.
    public init(records: [LogRecordFound], hasMore: Bool, remarks: [String]) {
        self.records = records
        self.hasMore = hasMore
        self.remarks = remarks
    }
}

import Kernel

/// One alert in a list.
public struct AlertSummary: Hashable, Sendable, Codable {
    /// The alert's identifier, as addresses name it.
    public let id: String
    /// The title of the rule that matched.
    public let title: String
    /// The rule's identity.
    public let rule: String
    /// How much it matters.
    public let level: Severity
    /// How far it is seen to: `open`, `acknowledged` or `closed`.
    public let state: String
    /// The names of the sources whose events matched.
    public let sources: [String]
    /// What the matched events have in common, by field: the account, the address.
    public let group: [String: String]
    /// How many events matched, or how often a correlation became true.
    public let count: Int
    /// When the first of them happened.
    public let firstAt: Instant
    /// When the last of them happened.
    public let lastAt: Instant
    /// By when somebody should have acknowledged it; `nil` for levels without a time.
    public let dueAt: Instant?
    /// When somebody did.
    public let acknowledgedAt: Instant?
    /// What came of it, once closed: `real`, `harmless` or `mistaken`.
    public let outcome: String?

    /// A summary out of its parts.
    public init(
        id: String, title: String, rule: String, level: Severity, state: String, sources: [String],
        group: [String: String], count: Int, firstAt: Instant, lastAt: Instant, dueAt: Instant?,
        acknowledgedAt: Instant?, outcome: String?
    ) {
        self.id = id
        self.title = title
        self.rule = rule
        self.level = level
        self.state = state
        self.sources = sources
        self.group = group
        self.count = count
        self.firstAt = firstAt
        self.lastAt = lastAt
        self.dueAt = dueAt
        self.acknowledgedAt = acknowledgedAt
        self.outcome = outcome
    }
}

/// A matched event.
public struct AlertEvent: Hashable, Sendable, Codable {
    /// When it happened.
    public let at: Instant
    /// The name of its source.
    public let source: String
    /// Its fields, in the event's order; values that are no text as JSON.
    public let fields: [Field]

    /// A field of an event.
    public struct Field: Hashable, Sendable, Codable {
        /// Its name, as rules name it.
        public let name: String
        /// Its value.
        public let value: String

        /// A field out of its parts.
        public init(name: String, value: String) {
            self.name = name
            self.value = value
        }
    }

    /// An event out of its parts.
    public init(at: Instant, source: String, fields: [Field]) {
        self.at = at
        self.source = source
        self.fields = fields
    }
}

/// What somebody did about an alert.
public struct AlertStep: Hashable, Sendable, Codable {
    /// When.
    public let at: Instant
    /// Who, by name.
    public let who: String
    /// What: `acknowledged`, `closed as harmless`.
    public let what: String
    /// What they wrote about it.
    public let note: String

    /// A step out of its parts.
    public init(at: Instant, who: String, what: String, note: String) {
        self.at = at
        self.who = who
        self.what = what
        self.note = note
    }
}

/// One alert with what matched, and what the rule says about itself.
public struct AlertDetail: Hashable, Sendable, Codable {
    /// The alert itself.
    public let alert: AlertSummary
    /// The first matched events, and the last.
    public let events: [AlertEvent]
    /// What the rule looks for.
    public let description: String?
    /// Who wrote the rule.
    public let author: String?
    /// The licence that it is under.
    public let license: String?
    /// Where to read more.
    public let references: [String]
    /// What else matches it.
    public let falsePositives: [String]
    /// Its tags, such as `attack.t1110`.
    public let tags: [String]
    /// What was done about it, oldest first.
    public let steps: [AlertStep]
    /// Fields of the events by which the rule can be tuned in one step.
    public let tunable: [AlertEvent.Field]

    /// A detail out of its parts.
    public init(
        alert: AlertSummary, events: [AlertEvent], description: String?, author: String?, license: String?,
        references: [String], falsePositives: [String], tags: [String], steps: [AlertStep],
        tunable: [AlertEvent.Field]
    ) {
        self.alert = alert
        self.events = events
        self.description = description
        self.author = author
        self.license = license
        self.references = references
        self.falsePositives = falsePositives
        self.tags = tags
        self.steps = steps
        self.tunable = tunable
    }
}

/// How alerts stand.
public struct AlertOverview: Hashable, Sendable, Codable {
    /// The alerts that were asked for: those that nobody saw to first, then the newest.
    public let alerts: [AlertSummary]
    /// How many are open, by level.
    public let open: [String: Int]
    /// How many open ones nobody acknowledged in time.
    public let overdue: Int
    /// Changes with every new or changed alert.
    public let edition: Int

    /// An overview out of its parts.
    public init(alerts: [AlertSummary], open: [String: Int], overdue: Int, edition: Int) {
        self.alerts = alerts
        self.open = open
        self.overdue = overdue
        self.edition = edition
    }
}

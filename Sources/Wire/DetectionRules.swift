import Kernel

/// The rules that run, and what came of them.
public struct RuleOverview: Hashable, Sendable, Codable {
    /// What the rule set is called: the file or folder that it came from.
    public let name: String
    /// When it was installed; `nil` for the one that comes with this program.
    public let installedAt: Instant?
    /// How many rules look at single events.
    public let rules: Int
    /// How many look at what others match.
    public let correlations: Int
    /// What cannot be used, and why; at most 100.
    public let rejected: [String]
    /// How many cannot be used.
    public let rejectedCount: Int
    /// The heat map.
    public let tactics: [TacticCoverage]
    /// The rules with the most alerts of the last 30 days, at most 20.
    public let noise: [RuleNoise]
    /// Rules that are kept quiet for a while.
    public let suppressions: [SuppressionSummary]
    /// Filters that tune rules.
    public let tunings: [TuningSummary]

    /// An overview out of its parts.
    public init(
        name: String, installedAt: Instant?, rules: Int, correlations: Int, rejected: [String], rejectedCount: Int,
        tactics: [TacticCoverage], noise: [RuleNoise], suppressions: [SuppressionSummary], tunings: [TuningSummary]
    ) {
        self.name = name
        self.installedAt = installedAt
        self.rules = rules
        self.correlations = correlations
        self.rejected = rejected
        self.rejectedCount = rejectedCount
        self.tactics = tactics
        self.noise = noise
        self.suppressions = suppressions
        self.tunings = tunings
    }
}

/// How much one rule is heard, and how often somebody acted on it.
public struct RuleNoise: Hashable, Sendable, Codable {
    /// The rule's identity.
    public let rule: String
    /// Its title.
    public let title: String
    /// Alerts of the last 30 days.
    public let alerts: Int
    /// The events behind them.
    public let events: Int
    /// How many of the alerts somebody acknowledged, or closed as real.
    public let acted: Int

    /// A row out of its parts.
    public init(rule: String, title: String, alerts: Int, events: Int, acted: Int) {
        self.rule = rule
        self.title = title
        self.alerts = alerts
        self.events = events
        self.acted = acted
    }
}

/// That a rule raises no alerts for a while.
public struct SuppressionSummary: Hashable, Sendable, Codable {
    /// Its identifier, as addresses name it.
    public let id: String
    /// The rule's identity.
    public let rule: String
    /// The rule's title.
    public let title: String
    /// Why.
    public let reason: String
    /// Who decided it.
    public let by: String
    /// Since when.
    public let since: Instant
    /// Until when.
    public let until: Instant
    /// How many matches it kept quiet.
    public let suppressed: Int

    /// A suppression out of its parts.
    public init(
        id: String, rule: String, title: String, reason: String, by: String, since: Instant, until: Instant,
        suppressed: Int
    ) {
        self.id = id
        self.rule = rule
        self.title = title
        self.reason = reason
        self.by = by
        self.since = since
        self.until = until
        self.suppressed = suppressed
    }
}

/// A filter that was made from an alert, and stays when rules are updated.
public struct TuningSummary: Hashable, Sendable, Codable {
    /// Its identifier, as addresses name it.
    public let id: String
    /// The rule's identity.
    public let rule: String
    /// The rule's title.
    public let title: String
    /// The field.
    public let field: String
    /// Events with this value no longer match.
    public let value: String
    /// Why.
    public let reason: String
    /// Who made it.
    public let by: String
    /// When.
    public let since: Instant
    /// Whether the rule that it tunes is still there.
    public let isInForce: Bool
    /// The filter as Sigma writes it.
    public let yaml: String

    /// A tuning out of its parts.
    public init(
        id: String, rule: String, title: String, field: String, value: String, reason: String, by: String,
        since: Instant, isInForce: Bool, yaml: String
    ) {
        self.id = id
        self.rule = rule
        self.title = title
        self.field = field
        self.value = value
        self.reason = reason
        self.by = by
        self.since = since
        self.isInForce = isInForce
        self.yaml = yaml
    }
}

/// What an update of the rules changed.
public struct RuleChanges: Hashable, Sendable, Codable {
    /// Titles of rules that are new.
    public let added: [String]
    /// Titles of rules that are gone.
    public let removed: [String]
    /// Titles of rules that say something else now.
    public let changed: [String]
    /// How many stayed as they were.
    public let unchanged: Int
    /// What cannot be used, and why.
    public let rejected: [String]
    /// Titles of rules that are gone although a tuning is for them.
    public let orphaned: [String]

    /// Changes out of their parts.
    public init(
        added: [String], removed: [String], changed: [String], unchanged: Int, rejected: [String], orphaned: [String]
    ) {
        self.added = added
        self.removed = removed
        self.changed = changed
        self.unchanged = unchanged
        self.rejected = rejected
        self.orphaned = orphaned
    }
}

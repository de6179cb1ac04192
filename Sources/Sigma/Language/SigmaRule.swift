/// A rule that looks at one event at a time.
public struct SigmaRule: Sendable {
    /// What every kind of rule says about itself.
    public let about: RuleDescription
    /// Which logs it is for.
    public let logSource: LogSource
    /// The search identifiers with what they stand for, in the order of the file; `explain` shows them one by one.
    public let selections: [(name: String, expression: RuleExpression)]
    /// The condition as it is written; several are alternatives.
    public let conditions: [String]
    /// When it matches.
    public internal(set) var expression: RuleExpression
    /// The filters that were added to it, by title.
    public internal(set) var filters: [String] = []
}

/// What a rule says about itself.
public struct RuleDescription: Sendable, Hashable {
    /// Its title.
    public let title: String
    /// Its id, usually a UUID.
    public let id: String?
    /// The name by which correlations refer to it.
    public let name: String?
    /// How far it has come.
    public let status: RuleStatus?
    /// How much a match matters.
    public let level: RuleLevel?
    /// What it finds, and why that matters.
    public let description: String?
    /// Who wrote it; the Detection Rule License asks that matches name them.
    public let author: String?
    /// The licence it is under.
    public let license: String?
    /// Where to read more.
    public let references: [String]
    /// Tags such as `attack.t1110`.
    public let tags: [String]
    /// What else matches.
    public let falsePositives: [String]
    /// The file it was read from, and the line on which it starts.
    public let place: RulePlace

    /// How a match names it: the id, else the name, else the title.
    public var identity: String { id ?? name ?? title }
}

/// Where a rule was read.
public struct RulePlace: Sendable, Hashable {
    /// The file's name.
    public let file: String
    /// The line on which the rule's document starts, from 1.
    public let line: Int
}

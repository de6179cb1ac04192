import Kernel

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

extension SigmaRule {
    /// Every field of events that the rule asks for.
    public var fields: Set<String> { expression.fields }
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
    public let level: Severity?
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

    /// The ATT&CK tactics that its tags name, such as `credential-access`.
    public var tactics: [String] {
        tags.compactMap { tag in
            guard tag.hasPrefix("attack."), let first = tag.dropFirst(7).unicodeScalars.first else { return nil }
            let name = tag.dropFirst(7)
            // Techniques are t1110, groups g0001, software s0001.
            let isNumbered = ["t", "g", "s"].contains(first) && name.dropFirst().first?.isNumber == true
            return isNumbered ? nil : String(name).replacing("_", with: "-")
        }
    }

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

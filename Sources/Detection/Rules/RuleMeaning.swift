import Sigma

/// What a rule says, apart from where it stands and how it is written: for telling what an update changed.
struct RuleMeaning {
    let about: RuleDescription
    private let logSource: LogSource?
    private let conditions: [String]
    private let selections: [String: RuleExpression]
    private let correlation: String

    private init(_ rule: SigmaRule) {
        about = rule.about
        logSource = rule.logSource
        conditions = rule.conditions
        selections = Dictionary(rule.selections.map { ($0.name, $0.expression) }) { first, _ in first }
        correlation = ""
    }

    private init(_ rule: CorrelationRule) {
        about = rule.about
        logSource = nil
        conditions = []
        selections = [:]
        correlation =
            "\(rule.kind) \(rule.rules) \(rule.groupBy) \(rule.aliases.map { "\($0) \($1.sorted { $0.key < $1.key })" }.sorted()) \(rule.seconds) \(rule.condition) \(rule.generates)"
    }

    /// Whether another one says the same.
    func says(the other: RuleMeaning) -> Bool {
        about.title == other.about.title && about.level == other.about.level && about.status == other.about.status
            && about.description == other.about.description && about.tags.sorted() == other.about.tags.sorted()
            && logSource == other.logSource && conditions == other.conditions && selections == other.selections
            && correlation == other.correlation
    }

    /// What every rule and correlation of a set says, by its identity.
    static func all(of rules: ReadyRules) -> [String: RuleMeaning] {
        var all: [String: RuleMeaning] = [:]
        for rule in rules.ruleSet.rules { all[rule.about.identity] = RuleMeaning(rule) }
        for correlation in rules.ruleSet.correlations {
            all[correlation.rule.about.identity] = RuleMeaning(correlation.rule)
        }
        return all
    }
}

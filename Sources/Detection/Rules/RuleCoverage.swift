import Kernel
import Sigma

/// Which rules can see anything in a log source, told from the fields that its events really have.
public struct RuleCoverage: Sendable {
    /// A rule that is for this kind of log and cannot match there.
    public struct Blind: Sendable {
        /// What the rule says about itself.
        public let rule: RuleDescription
        /// The fields that it asks for and events do not have.
        public let missing: [String]
    }

    /// The places of the rules, in the set, that are for this kind of log.
    public let applicable: [Int]
    /// Those of them that could match.
    public let canFire: Set<Int>
    /// The others.
    public let blind: [Blind]

    /// - Parameter profile: What is known of the source's events; with nothing known, nothing can fire.
    public init(_ rules: ReadyRules, profile: LogProfile?) {
        let kinds = profile?.logSources ?? []
        let fields = profile?.fields ?? []
        var applicable: [Int] = []
        var canFire: Set<Int> = []
        var blind: [Blind] = []
        for (index, rule) in rules.ruleSet.rules.enumerated() {
            guard kinds.contains(where: { rule.logSource.selects($0) }) else { continue }
            applicable.append(index)
            if rule.canMatch(where: fields.contains) {
                canFire.insert(index)
            } else {
                blind.append(Blind(rule: rule.about, missing: rule.fields.subtracting(fields).sorted()))
            }
        }
        self.applicable = applicable
        self.canFire = canFire
        self.blind = blind
    }
}

import Kernel
import Sigma

/// A set of rules made ready for matching: read and compiled once, used by every thread.
public final class ReadyRules: Sendable {
    /// The rules as they were read, tunings added.
    public let ruleSet: RuleSet
    let compiled: CompiledRules
    /// For each rule, whether it only serves correlations.
    let isSilent: [Bool]
    /// For each rule, whether a correlation looks at its matches.
    let listens: [Bool]
    /// The fields that correlations ask for.
    let fields: [String]

    /// - Parameters:
    ///   - files: Files of Sigma rules.
    ///   - tunings: Filters that are added to them.
    init(_ files: [InstalledRules.File], tunings: [RuleTuning]) {
        let reader = RuleReader()
        let readings =
            files.map { reader.read(Array($0.text.utf8), file: $0.path) }
            + tunings.map { reader.read(Array($0.yaml.utf8), file: "tuning \($0.id)") }
        ruleSet = RuleSet(readings)
        fields = ruleSet.correlationFields
        compiled = CompiledRules(ruleSet.rules, fields: fields)
        let silent = ruleSet.silentRules
        isSilent = ruleSet.rules.indices.map(silent.contains)
        let engine = CorrelationEngine(ruleSet)
        listens = ruleSet.rules.indices.map(engine.listens)
    }

    /// Everything that may raise an alert, by its identity.
    public var descriptions: [RuleDescription] {
        ruleSet.rules.map(\.about) + ruleSet.correlations.map(\.rule.about)
    }
}

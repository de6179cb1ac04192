import Kernel
import Sigma

/// A set of rules made ready for matching: read and compiled once, used by every thread.
public final class ReadyRules: Sendable {
    /// The rules as they were read, tunings added.
    public let ruleSet: RuleSet
    /// What people call the set; `nil` for the one that comes with this program.
    public let name: String?
    /// When it was installed.
    public let installedAt: Instant?
    /// The filters that tunings have become, as Sigma writes them; those whose rule is gone are missing.
    public let filters: [Identifier<RuleTuning>: String]
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
    ///   - name: What people call the set; `nil` for the one that comes with this program.
    ///   - installedAt: When it was installed.
    init(
        _ files: [InstalledRules.File], tunings: [RuleTuning], name: String? = nil, installedAt: Instant? = nil
    ) {
        self.name = name
        self.installedAt = installedAt
        let reader = RuleReader()
        let readings = files.map { reader.read(Array($0.text.utf8), file: $0.path) }
        let untuned = RuleSet(readings)
        var filters: [Identifier<RuleTuning>: String] = [:]
        for tuning in tunings {
            let documents = tuning.documents(for: untuned)
            if !documents.isEmpty { filters[tuning.id] = documents }
        }
        self.filters = filters
        ruleSet =
            filters.isEmpty
            ? untuned
            : RuleSet(
                readings
                    + tunings.compactMap { tuning in
                        filters[tuning.id].map { reader.read(Array($0.utf8), file: "tuning \(tuning.id)") }
                    })
        fields = ruleSet.correlationFields
        compiled = CompiledRules(ruleSet.rules, fields: fields)
        let silent = ruleSet.silentRules
        isSilent = ruleSet.rules.indices.map(silent.contains)
        let engine = CorrelationEngine(ruleSet)
        listens = ruleSet.rules.indices.map(engine.listens)
    }

    /// The places of the rules whose matches a correlation looks at, through other correlations too.
    public func rules(of correlation: RuleSet.ResolvedCorrelation) -> [Int] { ruleSet.rules(of: correlation) }

    /// Everything that may raise an alert, by its identity.
    public var descriptions: [RuleDescription] {
        ruleSet.rules.map(\.about) + ruleSet.correlations.map(\.rule.about)
    }
}

extension RuleSet {
    /// The places of the rules whose matches a correlation looks at, through other correlations too.
    func rules(of correlation: ResolvedCorrelation) -> [Int] {
        var found: Set<Int> = []
        var waiting = correlation.sources
        while let next = waiting.popLast() {
            switch next {
            case .rule(let index): found.insert(index)
            case .correlation(let index): waiting += correlations[index].sources
            }
        }
        return found.sorted()
    }
}

import Kernel

/// Rules that belong together: filters added, references resolved, and what cannot be used named with its reason.
public struct RuleSet: Sendable {
    /// The rules that look at one event at a time, in the order in which they were read.
    public private(set) var rules: [SigmaRule] = []
    /// The rules over matches of others; what one refers to stands before it.
    public private(set) var correlations: [ResolvedCorrelation] = []
    /// The filters.
    public private(set) var filters: [FilterRule] = []
    /// What cannot be used.
    public private(set) var rejected: [RejectedRule] = []

    /// A correlation that knows whose matches it looks at.
    public struct ResolvedCorrelation: Sendable {
        /// The correlation.
        public let rule: CorrelationRule
        /// For each of its references, whose matches are meant.
        public let sources: [MatchSource]
        /// For an alias and the place of a reference, the field that it stands for.
        public let aliases: [String: [Int: String]]
    }

    /// Who matched: a rule or a correlation, by its place in the set.
    public enum MatchSource: Sendable, Hashable {
        /// A rule of ``RuleSet/rules``.
        case rule(Int)
        /// A correlation of ``RuleSet/correlations``.
        case correlation(Int)
    }

    /// Puts documents together.
    ///
    /// - Parameters:
    ///   - readings: What was read, in the order of the files.
    public init(_ readings: [RuleReader.Reading]) {
        var correlations: [CorrelationRule] = []
        var places: [String: RulePlace] = [:]
        for reading in readings {
            rejected += reading.rejected
            for document in reading.documents {
                let about = document.about
                if let id = about.id {
                    if let taken = places[id] {
                        reject(
                            about, "duplicate", "The id \(id.prefix(60)) is taken by \(taken.file):\(taken.line).",
                            hint: "Give each rule an id of its own.")
                        continue
                    }
                    places[id] = about.place
                }
                switch document {
                case .rule(let rule): rules.append(rule)
                case .correlation(let rule): correlations.append(rule)
                case .filter(let filter): filters.append(filter)
                }
            }
        }
        addFilters()
        resolve(correlations)
    }

    /// Which rules only serve correlations, which did not ask for them to speak for themselves.
    public var silentRules: Set<Int> {
        var silent: Set<Int> = []
        for correlation in correlations where !correlation.rule.generates {
            for case .rule(let index) in correlation.sources { silent.insert(index) }
        }
        return silent
    }

    /// Which correlations only serve others.
    public var silentCorrelations: Set<Int> {
        var silent: Set<Int> = []
        for correlation in correlations where !correlation.rule.generates {
            for case .correlation(let index) in correlation.sources { silent.insert(index) }
        }
        return silent
    }

    private mutating func reject(_ about: RuleDescription, _ code: String, _ message: String, hint: String? = nil) {
        rejected.append(
            RejectedRule(
                identity: about.identity, title: about.title, place: about.place,
                problem: Problem(
                    .invalid, code: "rule.\(code)", message, hint: hint,
                    place: Problem.Place(file: about.place.file, line: about.place.line))))
    }

    private mutating func addFilters() {
        for filter in filters {
            var isUsed = false
            for index in rules.indices where filter.concerns(rules[index]) {
                isUsed = true
                rules[index].expression = .all([rules[index].expression, filter.expression])
                rules[index].filters.append(filter.about.title)
            }
            if !isUsed {
                reject(
                    filter.about, "filter", "The filter concerns no rule.",
                    hint: "It names rules by id or name, and only those for its log source count.")
            }
        }
    }

    /// Adds a correlation whose references are known. Its aliases may name the same rules by other words than it does.
    private mutating func add(
        _ correlation: CorrelationRule, _ sources: [MatchSource], _ known: inout [String: MatchSource]
    ) {
        var aliases: [String: [Int: String]] = [:]
        for (alias, fields) in correlation.aliases {
            for (name, field) in fields {
                let places = sources.indices.filter { sources[$0] == known[name] }
                guard !places.isEmpty else {
                    return reject(
                        correlation.about, "alias", "The alias \(alias) names \(name), which is none of the rules.",
                        hint: "Name them by id or name.")
                }
                for place in places { aliases[alias, default: [:]][place] = field }
            }
        }
        for name in correlation.about.names where known[name] == nil {
            known[name] = .correlation(correlations.count)
        }
        correlations.append(ResolvedCorrelation(rule: correlation, sources: sources, aliases: aliases))
    }

    /// Puts each correlation behind those that it refers to, and rejects what refers to nothing or to itself.
    private mutating func resolve(_ waiting: [CorrelationRule]) {
        var known: [String: MatchSource] = [:]
        for (index, rule) in rules.enumerated() {
            for name in rule.about.names where known[name] == nil { known[name] = .rule(index) }
        }
        var waiting = waiting
        while true {
            var left: [CorrelationRule] = []
            for correlation in waiting {
                let sources = correlation.rules.map { known[$0] }
                guard !sources.contains(nil) else {
                    left.append(correlation)
                    continue
                }
                add(correlation, sources.compactMap { $0 }, &known)
            }
            if left.count == waiting.count { break }
            waiting = left
        }
        let names = Set(waiting.flatMap { $0.about.names })
        for correlation in waiting {
            let missing = correlation.rules.filter { known[$0] == nil }
            let circle = missing.allSatisfy(names.contains)
            reject(
                correlation.about, "reference",
                circle
                    ? "The correlation waits for itself: \(missing.joined(separator: ", "))."
                    : "There is no rule \(missing.filter { !names.contains($0) }.joined(separator: ", ")).",
                hint: circle ? nil : "Refer to rules by id or name; a rule that was rejected counts as missing.")
        }
    }
}

extension RuleDocument {
    /// What the document says about itself.
    public var about: RuleDescription {
        switch self {
        case .rule(let rule): rule.about
        case .correlation(let rule): rule.about
        case .filter(let filter): filter.about
        }
    }
}

extension RuleDescription {
    /// The words by which others may refer to the rule.
    var names: [String] { [id, name].compactMap { $0 } }
}

extension FilterRule {
    /// Tells whether the filter is added to a rule: it is named, and for a log source that the filter's is part of.
    func concerns(_ rule: SigmaRule) -> Bool {
        guard logSource.selects(rule.logSource) else { return false }
        switch target {
        case .any: return true
        case .rules(let names): return rule.about.names.contains(where: names.contains)
        }
    }
}

import Kernel
import YAMLReading

/// Reads what stands under `correlation`.
struct CorrelationReader {
    let about: RuleDescription

    func read(_ node: YAMLNode) throws(Problem) -> CorrelationRule {
        guard case .mapping(let pairs) = node.content else {
            throw ruleProblem("type", "`correlation` is a mapping.", at: node, field: "correlation")
        }
        // A misspelt key would change what the rule means without a word.
        for (key, _) in pairs where !Self.keys.contains(key.scalar?.text ?? "") {
            throw ruleProblem(
                "value", "A correlation has no `\(key.scalar?.text.prefix(40) ?? "")`.",
                hint: "Known: \(Self.keys.sorted().joined(separator: ", ")).", at: key, field: "correlation")
        }
        let generates = node["generate"].map(RuleScalar.init)
        if let generates, generates != .bool(true), generates != .bool(false) {
            throw ruleProblem(
                "value", "`generate` is true or false.", at: node["generate"], field: "correlation.generate")
        }
        guard let word = node["type"]?.scalar?.text else { throw missing("type", node) }
        guard let kind = CorrelationRule.Kind(rawValue: word) else {
            throw ruleProblem(
                "value", "There is no correlation of type `\(word.prefix(40))`.",
                hint: "Known: \(CorrelationRule.Kind.allCases.map(\.rawValue).joined(separator: ", ")).",
                at: node["type"], field: "correlation.type")
        }
        var rules = try texts(node, "rules")
        guard let timespan = node["timespan"] else { throw missing("timespan", node) }
        guard let text = timespan.scalar?.text, let seconds = Self.seconds(text) else {
            throw ruleProblem(
                "value", "A timespan is a number and one of s, m, h, d, w, M and y, such as 15m.", at: timespan,
                field: "correlation.timespan")
        }
        let condition = try condition(node["condition"], kind, &rules, node)
        guard !rules.isEmpty else { throw missing("rules", node) }
        return CorrelationRule(
            about: about, kind: kind, rules: rules,
            groupBy: try texts(node, "group-by").map { $0.replacing(" ", with: "") },
            seconds: seconds, condition: condition, aliases: try aliases(node["aliases"]),
            generates: generates == .bool(true))
    }

    private static let keys: Set = ["type", "rules", "group-by", "timespan", "condition", "aliases", "generate"]
    /// The most matches that a condition may want to see at once.
    private static let countLimit = 1_000_000.0

    private func condition(
        _ node: YAMLNode?, _ kind: CorrelationRule.Kind, _ rules: inout [String], _ parent: YAMLNode
    ) throws(Problem) -> CorrelationRule.Condition {
        let isTemporal = kind == .temporal || kind == .temporalOrdered
        guard let node else {
            guard isTemporal else { throw missing("condition", parent) }
            return .compares(
                [CorrelationRule.Bound(comparison: .gte, value: Double(rules.count))], fields: [], percentile: 0)
        }
        if let text = node.scalar?.text {
            guard isTemporal else {
                throw ruleProblem(
                    "type", "Only temporal correlations combine rules; this type takes a mapping such as `gte: 10`.",
                    at: node, field: "correlation.condition")
            }
            return .rules(try combination(text, &rules, at: node))
        }
        guard case .mapping(let pairs) = node.content else {
            throw ruleProblem(
                "type", "A condition is a mapping such as `gte: 10`.", at: node, field: "correlation.condition")
        }
        var bounds: [CorrelationRule.Bound] = []
        var fields: [String] = []
        var percentile: Double?
        for (key, value) in pairs {
            let name = key.scalar?.text ?? ""
            if name == "field" {
                fields = try value.texts(field: "correlation.condition.field").map { $0.replacing(" ", with: "") }
                continue
            }
            guard case .number(_, let number)? = RuleScalar(value) else {
                throw ruleProblem(
                    "value", "`\(name.prefix(40))` takes a number.", at: value, field: "correlation.condition.\(name)")
            }
            if name == "percentile" {
                percentile = number
            } else if let comparison = Comparison(rawValue: name) {
                bounds.append(CorrelationRule.Bound(comparison: comparison, value: number))
            } else {
                throw ruleProblem(
                    "value", "A condition has no `\(name.prefix(40))`.",
                    hint: "Known: gt, gte, lt, lte, eq, neq, field, percentile.", at: key,
                    field: "correlation.condition")
            }
        }
        guard !bounds.isEmpty else {
            throw ruleProblem(
                "missing", "The condition compares with nothing.", hint: "Write `gte: 10`.", at: node,
                field: "correlation.condition")
        }
        if kind == .eventCount || kind == .valueCount || isTemporal,
            let bound = bounds.first(where: { !(0...Self.countLimit).contains($0.value) })
        {
            throw ruleProblem(
                "value", "Nothing is ever counted to \(bound.value).", hint: "At most 1,000,000 matches are counted.",
                at: node, field: "correlation.condition")
        }
        if kind != .eventCount, !isTemporal, fields.isEmpty {
            throw ruleProblem(
                "missing", "\(kind.rawValue) must say which field.", hint: "Write `field: NAME` beside the number.",
                at: node, field: "correlation.condition.field")
        }
        if kind == .valuePercentile {
            guard let percentile, (0...100).contains(percentile) else {
                throw ruleProblem(
                    "missing", "value_percentile must say which percentile, from 0 to 100.", at: node,
                    field: "correlation.condition.percentile")
            }
        }
        return .compares(bounds, fields: fields, percentile: percentile ?? 0)
    }

    /// The rules of a boolean condition; without a list of rules, those that it names are meant.
    private func combination(
        _ text: String, _ rules: inout [String], at node: YAMLNode
    ) throws(Problem) -> CorrelationRule.Combination {
        if rules.isEmpty {
            for word in text.split(whereSeparator: { $0.isWhitespace || $0 == "(" || $0 == ")" })
            where !["and", "or", "not"].contains(word.lowercased()) && !rules.contains(String(word)) {
                rules.append(String(word))
            }
        }
        // The places of the rules stand in for tests, so that one reader knows how conditions are written.
        let stand = rules.enumerated().map { place, name in
            (name: name, expression: RuleExpression.test(FieldTest(field: "\(place)", matchers: [])))
        }
        do throws(ConditionReader.Fault) {
            return Self.combination(try ConditionReader.read(text, stand))
        } catch {
            throw ruleProblem(
                "condition", "\(error.message) (character \(error.column) of the condition)", hint: error.hint,
                at: node, field: "correlation.condition")
        }
    }

    private static func combination(_ expression: RuleExpression) -> CorrelationRule.Combination {
        switch expression {
        case .test(let test): .rule(test.field.flatMap(Int.init) ?? 0)
        case .all(let parts): .all(parts.map(combination))
        case .any(let parts), .atLeast(_, let parts): .any(parts.map(combination))
        case .not(let part): .not(combination(part))
        }
    }

    private func aliases(_ node: YAMLNode?) throws(Problem) -> [String: [String: String]] {
        guard let node else { return [:] }
        var aliases: [String: [String: String]] = [:]
        guard case .mapping(let pairs) = node.content else {
            throw ruleProblem("type", "`aliases` is a mapping.", at: node, field: "correlation.aliases")
        }
        for (alias, fields) in pairs {
            guard let name = alias.scalar?.text, case .mapping(let rules) = fields.content else {
                throw ruleProblem(
                    "type", "An alias names a field for each rule.", at: alias, field: "correlation.aliases")
            }
            for (rule, field) in rules {
                guard let rule = rule.scalar?.text, let field = field.scalar?.text else {
                    throw ruleProblem(
                        "type", "An alias names a field for each rule.", at: rule, field: "correlation.aliases.\(name)")
                }
                aliases[name.replacing(" ", with: ""), default: [:]][rule] = field.replacing(" ", with: "")
            }
        }
        return aliases
    }

    private func texts(_ node: YAMLNode, _ field: String) throws(Problem) -> [String] {
        try node[field]?.texts(field: "correlation.\(field)").filter { !$0.isEmpty } ?? []
    }

    private func missing(_ field: String, _ node: YAMLNode) -> Problem {
        ruleProblem("missing", "A correlation must have `\(field)`.", at: node, field: "correlation.\(field)")
    }

    private static func seconds(_ text: String) -> Double? {
        guard let unit = text.last, let count = Int(text.dropLast()), count > 0, text.first?.isNumber == true else {
            return nil
        }
        let length: Double? =
            switch unit {
            case "s": 1
            case "m": 60
            case "h": 3600
            case "d": 86400
            case "w": 7 * 86400
            // A month and a year have the mean length of the Gregorian calendar's.
            case "M": 2_629_746
            case "y": 31_556_952
            default: nil
            }
        return length.map { $0 * Double(count) }
    }
}

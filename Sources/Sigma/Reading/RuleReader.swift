import Kernel
import YAMLReading

/// Reads files of Sigma documents: rules, correlations and filters. One bad document stops none of the others.
public struct RuleReader: Sendable {
    private let placeholders: Placeholders
    private static let yaml = YAMLReader(
        YAMLKind(code: "rule", name: "rule", bytes: 16 << 20, depth: 24, emptyHint: nil))

    /// A reader that knows what placeholders stand for.
    public init(placeholders: Placeholders = Placeholders()) {
        self.placeholders = placeholders
    }

    /// What a file holds.
    public struct Reading: Sendable {
        /// What can be used, in the order of the file.
        public var documents: [RuleDocument] = []
        /// What cannot.
        public var rejected: [RejectedRule] = []

        /// A reading of nothing yet.
        public init() {}

        /// A reading of a file that could not be read at all.
        public init(unreadable problem: Problem, file: String) {
            rejected = [RejectedRule(problem, in: file)]
        }
    }

    /// Reads the bytes of a file.
    ///
    /// - Parameters:
    ///   - bytes: The file's content, UTF-8, at most 16 MiB.
    ///   - file: The file's name, for places.
    public func read(_ bytes: [UInt8], file: String) -> Reading {
        var reading = Reading()
        for part in Self.yaml.documents(bytes) {
            switch part {
            case .failure(let problem):
                reading.rejected.append(RejectedRule(problem, in: file))
            case .success(let node):
                // `---` at the end of a file begins a document that holds nothing.
                if case .scalar("", true) = node.content { continue }
                do throws(Problem) {
                    reading.documents.append(try document(node, file: file))
                } catch {
                    reading.rejected.append(
                        RejectedRule(
                            identity: ["id", "name", "title"].lazy.compactMap { node[$0]?.scalar?.text }.first,
                            title: node["title"]?.scalar?.text, place: RulePlace(file: file, line: node.line),
                            problem: error.located(in: file)))
                }
            }
        }
        return reading
    }

    private func document(_ node: YAMLNode, file: String) throws(Problem) -> RuleDocument {
        guard case .mapping = node.content else {
            throw ruleProblem("type", "A rule is a mapping of fields such as `title` and `detection`.", at: node)
        }
        if let action = node["action"] {
            throw ruleProblem(
                "action", "Documents with an action are Sigma 1 and are not read.",
                hint: "Write each rule out in a document of its own.", at: action, field: "action")
        }
        let about = try description(node, file: file)
        if let correlation = node["correlation"] {
            return .correlation(try CorrelationReader(about: about).read(correlation))
        }
        if let filter = node["filter"] {
            return .filter(try self.filter(filter, about, try logSource(node)))
        }
        guard let detection = node["detection"] else {
            throw ruleProblem("missing", "There is no `detection`.", at: node, field: "detection")
        }
        return .rule(try rule(detection, about, try logSource(node)))
    }

    // MARK: Detection

    private func rule(
        _ detection: YAMLNode, _ about: RuleDescription, _ source: LogSource
    ) throws(Problem) -> SigmaRule {
        let (selections, conditions) = try selections(of: detection, in: "detection", besides: ["timeframe"])
        guard !conditions.isEmpty else {
            throw ruleProblem("missing", "There is no condition.", at: detection, field: "detection.condition")
        }
        var alternatives: [RuleExpression] = []
        for condition in conditions { alternatives.append(try expression(condition, selections, in: "detection")) }
        return SigmaRule(
            about: about, logSource: source, selections: selections, conditions: conditions.map(\.text),
            expression: alternatives.count == 1 ? alternatives[0] : .any(alternatives))
    }

    private func filter(
        _ node: YAMLNode, _ about: RuleDescription, _ source: LogSource
    ) throws(Problem) -> FilterRule {
        guard let rules = node["rules"] else {
            throw ruleProblem(
                "missing", "A filter must say which rules it is for.", hint: "Write `rules: any`, or list their ids.",
                at: node, field: "filter.rules")
        }
        let target: FilterRule.Target
        let names = try rules.texts(field: "filter.rules").filter { !$0.isEmpty }
        let isAny = names.isEmpty || (rules.scalar != nil && ["any", "all"].contains(names[0].lowercased()))
        target = isAny ? .any : .rules(names)
        let (selections, conditions) = try selections(of: node, in: "filter", besides: ["rules"])
        guard let condition = conditions.first, conditions.count == 1 else {
            throw ruleProblem("missing", "A filter has exactly one condition.", at: node, field: "filter.condition")
        }
        return FilterRule(
            about: about, logSource: source, target: target,
            expression: try expression(condition, selections, in: "filter"))
    }

    private func selections(
        of node: YAMLNode, in path: String, besides others: Set<String>
    ) throws(Problem) -> ([(name: String, expression: RuleExpression)], [(text: String, node: YAMLNode)]) {
        guard case .mapping(let pairs) = node.content else {
            throw ruleProblem("type", "`\(path)` must be a mapping of search identifiers.", at: node, field: path)
        }
        let detections = DetectionReader(placeholders: placeholders)
        var selections: [(name: String, expression: RuleExpression)] = []
        var conditions: [(text: String, node: YAMLNode)] = []
        for (key, value) in pairs {
            guard let name = key.scalar?.text else {
                throw ruleProblem("type", "A search identifier must be text.", at: key, field: path)
            }
            if name == "condition" {
                for text in value.elements {
                    guard let condition = text.scalar?.text else {
                        throw ruleProblem("type", "A condition is text.", at: text, field: "\(path).condition")
                    }
                    conditions.append((condition, text))
                }
            } else if !others.contains(name) {
                selections.append((name, try detections.expression(value, path: "\(path).\(name)")))
            }
        }
        return (selections, conditions)
    }

    private func expression(
        _ condition: (text: String, node: YAMLNode), _ selections: [(name: String, expression: RuleExpression)],
        in path: String
    ) throws(Problem) -> RuleExpression {
        do throws(ConditionReader.Fault) {
            return try ConditionReader.read(condition.text, selections)
        } catch {
            throw ruleProblem(
                "condition", "\(error.message) (character \(error.column) of the condition)", hint: error.hint,
                at: condition.node, field: "\(path).condition")
        }
    }

    // MARK: What every document says

    private func description(_ node: YAMLNode, file: String) throws(Problem) -> RuleDescription {
        guard let title = node["title"]?.scalar?.text, !title.isEmpty else {
            throw ruleProblem("missing", "There is no title.", at: node, field: "title")
        }
        func text(_ field: String) -> String? { node[field]?.scalar?.text.nonEmpty }
        return RuleDescription(
            title: title, id: text("id"), name: text("name"),
            status: try word(node, "status"), level: try word(node, "level"),
            description: text("description"), author: text("author"), license: text("license"),
            references: plainTexts(node["references"]),
            tags: plainTexts(node["tags"]), falsePositives: plainTexts(node["falsepositives"]),
            place: RulePlace(file: file, line: node.line))
    }

    private func word<Word: RawRepresentable<String> & CaseIterable>(
        _ node: YAMLNode, _ field: String
    ) throws(Problem) -> Word? {
        guard let value = node[field], value.scalar?.text != "" else { return nil }
        guard let text = value.scalar?.text else {
            throw ruleProblem("type", "`\(field)` is a word.", at: value, field: field)
        }
        guard let word = Word(rawValue: text.lowercased()) else {
            throw ruleProblem(
                "value", "There is no \(field) `\(text.prefix(40))`.",
                hint: "Known: \(Word.allCases.map(\.rawValue).joined(separator: ", ")).", at: value, field: field)
        }
        return word
    }

    private func logSource(_ node: YAMLNode) throws(Problem) -> LogSource {
        guard let source = node["logsource"] else {
            throw ruleProblem("missing", "There is no `logsource`.", at: node, field: "logsource")
        }
        guard case .mapping = source.content else {
            throw ruleProblem(
                "type", "`logsource` is a mapping of `product`, `category` and `service`.", at: source,
                field: "logsource")
        }
        func part(_ name: String) -> String? { source[name]?.scalar?.text.nonEmpty }
        return LogSource(
            product: part("product"), categories: [part("category")].compactMap { $0 },
            services: [part("service")].compactMap { $0 })
    }

    private func plainTexts(_ node: YAMLNode?) -> [String] {
        guard let node else { return [] }
        switch node.content {
        case .scalar("", _): return []
        case .scalar(let text, _): return [text]
        case .list(let items): return items.compactMap { $0.scalar?.text }
        case .mapping: return []
        }
    }
}

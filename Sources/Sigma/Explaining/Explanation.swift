/// Why a rule matches an event, or why it does not: what it asks, part by part, and what the event holds.
///
/// Each part is compiled as a rule of its own and matched by ``RuleMatcher``, so that what is explained is what happens.
public struct Explanation: Sendable {
    /// A part of a rule.
    public struct Part: Sendable {
        /// What is asked, in words.
        public let question: String
        /// The event passes.
        public let holds: Bool
        /// The field that is asked; `nil` for a combination, and for a search of the whole event.
        public let field: String?
        /// What the event holds there; empty where it holds nothing.
        public let values: [String]
        /// The parts of a combination.
        public let parts: [Part]
    }

    /// The rule matches the event, its log source aside.
    public let matches: Bool
    /// Each condition, as it is written, and whether it holds.
    public let conditions: [(text: String, holds: Bool)]
    /// The search identifiers in the order of the file, each with its parts.
    public let selections: [(name: String, part: Part)]
    /// The condition of the filters that were added, if there are any.
    public let filters: Part?

    /// Explains a rule for one event.
    ///
    /// - Parameter event: A JSON object.
    /// - Throws: Why the event cannot be read.
    public init(_ rule: SigmaRule, event: [UInt8]) throws(EventFault) {
        var bench = ExplanationBench(rule)
        let whole = bench.add(rule.expression)
        let conditions = rule.conditions.map { text in
            (text: text, number: (try? ConditionReader.read(text, rule.selections)).map { bench.add($0) })
        }
        let selections = rule.selections.map { (name: $0.name, sketch: bench.sketch($0.expression)) }
        var filter: ExplanationBench.Sketch?
        if !rule.filters.isEmpty, case .all(let parts) = rule.expression, let last = parts.last {
            filter = bench.sketch(last)
        }
        let answers = try bench.answers(to: event)
        matches = answers.holds(whole)
        self.conditions = conditions.map { ($0.text, $0.number.map(answers.holds) ?? false) }
        self.selections = selections.map { ($0.name, answers.part($0.sketch)) }
        filters = filter.map(answers.part)
    }
}

/// Collects what must be answered for an explanation, and answers it in one pass.
struct ExplanationBench {
    /// A part whose answer is not known yet.
    indirect enum Sketch {
        case part(question: String, number: Int, field: String?, [Sketch])
    }

    private let rule: SigmaRule
    private var expressions: [RuleExpression] = []

    init(_ rule: SigmaRule) {
        self.rule = rule
    }

    /// The number under which an expression is answered.
    mutating func add(_ expression: RuleExpression) -> Int {
        expressions.append(expression)
        return expressions.count - 1
    }

    mutating func sketch(_ expression: RuleExpression) -> Sketch {
        let number = add(expression)
        switch expression {
        case .test(let test):
            guard test.matchers.count > 1 else {
                return .part(question: RuleWords.words(test), number: number, field: test.field, [])
            }
            let parts = test.matchers.map { matcher in
                let single = FieldTest(field: test.field, matchers: [matcher])
                return Sketch.part(
                    question: RuleWords.words(matcher), number: add(.test(single)), field: nil, [])
            }
            return .part(
                question: "\(RuleWords.subject(test)) fits any of \(parts.count) values", number: number,
                field: test.field, parts)
        case .all(let inner):
            let parts = inner.map { sketch($0) }
            return .part(question: "all of", number: number, field: nil, parts)
        case .any(let inner):
            let parts = inner.map { sketch($0) }
            return .part(question: "any of", number: number, field: nil, parts)
        case .atLeast(let count, let inner):
            let parts = inner.map { sketch($0) }
            return .part(question: "at least \(count) of", number: number, field: nil, parts)
        case .not(let inner):
            let part = sketch(inner)
            return .part(question: "not", number: number, field: nil, [part])
        }
    }

    struct Answers {
        fileprivate let held: Set<UInt32>
        fileprivate let values: [String: [String]]

        func holds(_ number: Int) -> Bool { held.contains(UInt32(number)) }

        func part(_ sketch: Sketch) -> Explanation.Part {
            switch sketch {
            case .part(let question, let number, let field, let parts):
                Explanation.Part(
                    question: question, holds: holds(number), field: field, values: field.flatMap { values[$0] } ?? [],
                    parts: parts.map(part))
            }
        }
    }

    func answers(to event: [UInt8]) throws(EventFault) -> Answers {
        let compiled = CompiledRules(
            expressions.map { expression in
                SigmaRule(
                    about: rule.about, logSource: LogSource(), selections: [], conditions: [], expression: expression)
            })
        let matcher = RuleMatcher(compiled, routing: .none(except: nil))
        if let fault = event.withUnsafeBufferPointer(matcher.match) { throw fault }
        var values: [String: [String]] = [:]
        for field in rule.expression.fields {
            values[field] = matcher.texts(of: field).map { String(decoding: $0, as: UTF8.self) }
        }
        return Answers(held: Set(matcher.matches), values: values)
    }
}

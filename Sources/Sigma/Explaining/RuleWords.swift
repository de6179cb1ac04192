/// What a rule asks, in words.
enum RuleWords {
    static func words(_ test: FieldTest) -> String {
        test.matchers.count == 1 ? "\(subject(test)) \(words(test.matchers[0]))" : subject(test)
    }

    static func subject(_ test: FieldTest) -> String { test.field ?? "any value" }

    static func words(_ matcher: ValueMatcher) -> String {
        switch matcher {
        case .text(let pattern, let isCased):
            words(pattern) + (isCased ? " (upper and lower case as written)" : "")
        case .null: "is absent or null"
        case .exists(let isThere): isThere ? "is there" : "is not there"
        case .expression(let expression): "matches the expression \(expression.pattern)"
        case .network(let range): "is an address of \(range.text)"
        case .number(let comparison, let number): "\(words(comparison)) \(text(number))"
        case .datePart(let part, let comparison, let number):
            "has a date whose \(part.rawValue) \(words(comparison)) \(text(number))"
        case .field(let other, let relation, _):
            switch relation {
            case .equal: "is what \(other) holds"
            case .prefix: "begins with what \(other) holds"
            case .suffix: "ends with what \(other) holds"
            case .contained: "contains what \(other) holds"
            }
        }
    }

    private static func words(_ pattern: TextPattern) -> String {
        let (shape, literal) = CompiledPattern.shape(of: pattern)
        let text = String(decoding: literal, as: UTF8.self)
        return switch shape {
        case .exact: literal.isEmpty ? "is empty" : "is \(text)"
        case .prefix: "begins with \(text)"
        case .suffix: "ends with \(text)"
        case .contained: "contains \(text)"
        case .glob: pattern.parts == [.any] ? "holds anything" : "fits \(pattern.text)"
        }
    }

    private static func words(_ comparison: Comparison) -> String {
        switch comparison {
        case .lt: "is less than"
        case .lte: "is at most"
        case .gt: "is more than"
        case .gte: "is at least"
        case .eq: "is"
        case .neq: "is not"
        }
    }

    private static func text(_ number: Double) -> String {
        Int(exactly: number).map { "\($0)" } ?? "\(number)"
    }
}

extension TextPattern {
    /// The pattern as a rule would write it; `[-/]` stands for any dash.
    var text: String {
        parts.map { part in
            switch part {
            case .literal(let bytes):
                String(decoding: bytes, as: UTF8.self).replacing("*", with: "\\*").replacing("?", with: "\\?")
            case .one: "?"
            case .any: "*"
            case .dash: "[-/]"
            }
        }.joined()
    }
}

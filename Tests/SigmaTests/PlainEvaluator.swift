import Foundation

@testable import Sigma

/// The meaning of rules in the plainest words, to compare the engine with: no index, no folding table, no tape.
enum PlainEvaluator {
    /// An event of text values; `nil` is null.
    typealias Event = [String: String?]

    static func holds(_ expression: RuleExpression, _ event: Event) -> Bool {
        switch expression {
        case .test(let test): test.matchers.contains { holds($0, test.field, event) }
        case .all(let parts): parts.allSatisfy { holds($0, event) }
        case .any(let parts): parts.contains { holds($0, event) }
        case .atLeast(let count, let parts): parts.count { holds($0, event) } >= count
        case .not(let part): !holds(part, event)
        }
    }

    private static func holds(_ matcher: ValueMatcher, _ field: String?, _ event: Event) -> Bool {
        let values: [String] = field.map { [event[$0] ?? nil].compactMap { $0 } } ?? event.values.compactMap { $0 }
        switch matcher {
        case .text(let pattern, let isCased): return values.contains { fits(pattern.parts[...], $0, isCased) }
        case .null: return values.isEmpty
        case .exists(let isThere): return field.map { event.keys.contains($0) == isThere } ?? false
        case .field(let other, let relation, let isCased):
            guard let value = values.first, let other = event[other] ?? nil else { return false }
            let (left, right) = isCased ? (value, other) : (value.lowercased(), other.lowercased())
            return switch relation {
            case .equal: left == right
            case .prefix: left.hasPrefix(right)
            case .suffix: left.hasSuffix(right)
            case .contained: right.isEmpty || left.contains(right)
            }
        case .number(let comparison, let number):
            return values.contains { Double($0).map { comparison.holds($0, number) } ?? false }
        case .expression, .network, .datePart: return false
        }
    }

    private static func fits(_ parts: ArraySlice<TextPattern.Part>, _ value: String, _ isCased: Bool) -> Bool {
        guard let part = parts.first else { return value.isEmpty }
        let rest = parts.dropFirst()
        switch part {
        case .literal(let bytes):
            let literal = String(decoding: bytes, as: UTF8.self)
            let (left, right) = isCased ? (value, literal) : (value.lowercased(), literal.lowercased())
            return left.hasPrefix(right) && fits(rest, String(value.dropFirst(literal.count)), isCased)
        case .one: return !value.isEmpty && fits(rest, String(value.dropFirst()), isCased)
        case .dash:
            return value.first.map { "-/–—―".contains($0) } == true && fits(rest, String(value.dropFirst()), isCased)
        case .any:
            return (0...value.count).contains { fits(rest, String(value.dropFirst($0)), isCased) }
        }
    }
}

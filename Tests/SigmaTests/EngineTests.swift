import Foundation
import TestSupport
import Testing

@testable import Sigma

@Suite("The engine and the plain meaning of rules")
struct EngineTests {
    private static let letters = ["a", "B", "b", "é", "É", "-", "/", "–", " ", "\\", ".", "1", "x", "exe"]

    private static func word(_ generator: inout SeededGenerator, upTo length: Int) -> String {
        (0..<Int.random(in: 0...length, using: &generator)).map { _ in letters.randomElement(using: &generator) ?? "" }
            .joined()
    }

    private static func test(_ generator: inout SeededGenerator) -> RuleExpression {
        let field: String? =
            Int.random(in: 0..<8, using: &generator) == 0 ? nil : ["f", "g", "h.i"].randomElement(using: &generator)
        var matchers: [ValueMatcher] = []
        for _ in 0..<Int.random(in: 1...4, using: &generator) {
            let kind = Int.random(in: 0..<12, using: &generator)
            if field != nil, kind == 0 {
                matchers.append(.null)
            } else if field != nil, kind == 1 {
                matchers.append(.exists(Bool.random(using: &generator)))
            } else if field != nil, kind == 2 {
                let relation: FieldRelation =
                    [FieldRelation.equal, .prefix, .suffix, .contained].randomElement(using: &generator) ?? .equal
                matchers.append(.field("g", relation, isCased: Bool.random(using: &generator)))
            } else if field != nil, kind == 3 {
                matchers.append(.number(.gte, 1))
            } else {
                var pattern = TextPattern(literal: word(&generator, upTo: 6))
                if kind == 4 {
                    pattern = TextPattern(rule: word(&generator, upTo: 2) + "*" + word(&generator, upTo: 3) + "?")
                }
                if kind == 5 { pattern = pattern.withAnyDash }
                let place = Int.random(in: 0..<4, using: &generator)
                if field == nil || place & 1 == 1 { pattern = pattern.afterAnything }
                if field == nil || place & 2 == 2 { pattern = pattern.beforeAnything }
                matchers.append(.text(pattern, isCased: Int.random(in: 0..<5, using: &generator) == 0))
            }
        }
        return .test(FieldTest(field: field, matchers: matchers))
    }

    private static func expression(_ generator: inout SeededGenerator, depth: Int) -> RuleExpression {
        let kind = depth == 0 ? 0 : Int.random(in: 0..<7, using: &generator)
        switch kind {
        case 0...2: return test(&generator)
        case 3: return .not(expression(&generator, depth: depth - 1))
        default:
            let parts = (0..<Int.random(in: 1...3, using: &generator)).map { _ in
                expression(&generator, depth: depth - 1)
            }
            if kind == 4 { return .all(parts) }
            if kind == 5 { return .any(parts) }
            return .atLeast(Int.random(in: 1...parts.count, using: &generator), parts)
        }
    }

    private static func event(_ generator: inout SeededGenerator) -> PlainEvaluator.Event {
        var event: PlainEvaluator.Event = [:]
        for field in ["f", "g", "h.i", "other"] where Int.random(in: 0..<4, using: &generator) > 0 {
            let value: String? = Int.random(in: 0..<8, using: &generator) == 0 ? nil : word(&generator, upTo: 8)
            event[field] = .some(value)
        }
        return event
    }

    @Test("agree on random rules and events, all rules in one engine")
    func agreement() throws {
        let rounds =
            ProcessInfo.processInfo.environment["VOUCHSAFE_FUZZ_ROUNDS"].flatMap(Int.init).map { $0 / 100 } ?? 60
        var generator = SeededGenerator(
            ProcessInfo.processInfo.environment["VOUCHSAFE_FUZZ_SEED"].flatMap(UInt64.init) ?? 11)
        let about = try Samples.detection("s: {a: 1}\ncondition: s").about
        var found = 0
        for _ in 0..<rounds {
            let rules = (0..<40).map { _ in
                SigmaRule(
                    about: about, logSource: LogSource(), selections: [], conditions: [],
                    expression: Self.expression(&generator, depth: 3))
            }
            let matcher = RuleMatcher(CompiledRules(rules), routing: .none(except: nil))
            for _ in 0..<40 {
                let event = Self.event(&generator)
                let bytes = try JSONSerialization.data(withJSONObject: event.mapValues { $0 as Any? ?? NSNull() })
                #expect([UInt8](bytes).withUnsafeBufferPointer(matcher.match) == nil)
                let matches = Set(matcher.matches)
                found += matches.count
                for (number, rule) in rules.enumerated()
                where matches.contains(UInt32(number)) != PlainEvaluator.holds(rule.expression, event) {
                    Issue.record("\(rule.expression)\n\(String(decoding: bytes, as: UTF8.self))")
                    return
                }
            }
        }
        #expect(found > rounds * 400)
    }
}

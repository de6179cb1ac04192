import Kernel
import Testing

@testable import Sigma

@Suite("Reading rules")
struct RuleReaderTests {
    private static func rule(_ detection: String, _ more: String = "") -> String {
        "title: T\n\(more)logsource: {product: x}\ndetection:\n  \(detection)\n"
    }

    @Test(
        "what cannot be used is named with its reason and line",
        arguments: [
            (rule("s: {a: 1}"), "rule.missing", 4),
            (rule("s: {a: 1}\n  condition: s and t"), "rule.condition", 5),
            (rule("s: {a: 1}\n  condition: s | count() > 5"), "rule.condition", 5),
            (rule("s: {a: 1}\n  condition: (s"), "rule.condition", 5),
            (rule("s: {a: 1}\n  condition: s and"), "rule.condition", 5),
            (rule("s: {a: 1}\n  condition: 1 of x*"), "rule.condition", 5),
            (rule("s: {a: 1}\n  condition: 3 of them"), "rule.condition", 5),
            (rule("s: {a|glob: 1}\n  condition: s"), "rule.modifier", 4),
            (rule("s: {a|i: x}\n  condition: s"), "rule.modifier", 4),
            (rule("s: {a|re|cidr: x}\n  condition: s"), "rule.modifier", 4),
            (rule("s: {a|contains|re: x}\n  condition: s"), "rule.modifier", 4),
            (rule("s: {a|cidr|contains: 10.0.0.0/8}\n  condition: s"), "rule.modifier", 4),
            (rule("s: {a|exists|cased: true}\n  condition: s"), "rule.modifier", 4),
            (rule("s: {a|cidr: 10.1.2.3/8}\n  condition: s"), "rule.value", 4),
            (rule("s: {a|cidr: 10.0.0.0/+8}\n  condition: s"), "rule.value", 4),
            (rule("s: {a|gt: -0x-8000000000000000}\n  condition: s"), "rule.value", 4),
            (rule("s: {a|re: '('}\n  condition: s"), "rule.expression", 4),
            (rule("s: {a|re: '(*LIMIT_MATCH=1000000000)x'}\n  condition: s"), "rule.expression", 4),
            (rule("s: {a|cidr: 10.0.0.0/33}\n  condition: s"), "rule.value", 4),
            (rule("s: {a|gt: x}\n  condition: s"), "rule.value", 4),
            (rule("s: {a|exists: x}\n  condition: s"), "rule.value", 4),
            (rule("s: {a|base64: 'x*'}\n  condition: s"), "rule.value", 4),
            (rule("s: {a|contains: null}\n  condition: s"), "rule.value", 4),
            (rule("s: {a: {b: 1}}\n  condition: s"), "rule.type", 4),
            (rule("s: []\n  condition: s"), "rule.empty", 4),
            (rule("s: null\n  condition: s"), "rule.keyword", 4),
            (rule("s: {a|expand: '%unknown%'}\n  condition: s"), "rule.placeholder", 4),
            (rule("s: {a: 1}\n  condition: s", "level: extreme\n"), "rule.value", 2),
            ("title: T\ndetection: {s: {a: 1}, condition: s}\n", "rule.missing", 1),
            ("logsource: {product: x}\ndetection: {s: {a: 1}, condition: s}\n", "rule.missing", 1),
            ("title: T\nlogsource: {product: x}\n", "rule.missing", 1),
            ("- x\n", "rule.type", 1),
            ("action: global\ntitle: T\n", "rule.action", 1),
            ("title: T\ntitle: U\n", "rule.duplicate-key", 1),
            ("title: &a [*a]\n", "rule.alias", 1),
            ("title: [\n", "rule.syntax", 2),
        ])
    func rejected(text: String, code: String, line: Int) throws {
        let reading = RuleReader().read(Array(text.utf8), file: "r.yml")
        let rejected = try #require(reading.rejected.first)
        #expect(reading.documents.isEmpty)
        #expect(rejected.problem.code == code)
        #expect(rejected.problem.place?.file == "r.yml")
        #expect(rejected.problem.place?.line == line, "\(rejected.problem)")
    }

    @Test("one bad document stops none of the others")
    func several() {
        let good = Self.rule("s: {a: 1}\n  condition: s")
        let reading = RuleReader().read(
            Array("\(good)---\ntitle: Bad\n---\n\(good)---\n".utf8), file: "r.yml")
        #expect(reading.documents.count == 2)
        #expect(reading.rejected.map(\.title) == ["Bad"])
    }

    @Test("what is wrong with one document stops no other, and the lines are those of the file")
    func documents() {
        let good = Self.rule("s: {a: 1}\n  condition: s")
        let text =
            "\u{FEFF}\(good)---\ntitle: *foo\n---\n\(good)--- # next\ntitle: [\n---\ntitle: A\ntitle: B\n---\n\(good)"
        let reading = RuleReader().read(Array(text.utf8), file: "r.yml")
        #expect(reading.documents.count == 3)
        #expect(reading.rejected.map(\.problem.code) == ["rule.alias", "rule.syntax", "rule.duplicate-key"])
        #expect(reading.rejected.compactMap(\.problem.place?.line) == [7, 16, 17])
        #expect(reading.documents.map(\.about.place.line) == [1, 9, 20])
    }

    @Test("a condition that names too much is refused")
    func large() {
        let values = (0..<5000).map { "'v\($0)'" }.joined(separator: ", ")
        let condition = Array(repeating: "s", count: 4000).joined(separator: " or ")
        let reading = RuleReader().read(
            Array(Self.rule("s: {a: [\(values)]}\n  condition: \(condition)").utf8), file: "r.yml")
        #expect(reading.rejected.map(\.problem.code) == ["rule.condition"])
    }

    @Test("an id stands once")
    func duplicate() {
        let one = Self.rule("s: {a: 1}\n  condition: s", "id: 7\n")
        let set = Samples.set("\(one)---\n\(one)")
        #expect(set.rules.count == 1)
        #expect(set.rejected.map(\.problem.code) == ["rule.duplicate"])
    }

    @Test("an id that is left blank is none")
    func blank() {
        let one = Self.rule("s: {a: 1}\n  condition: s", "id:\nlevel:\nname: ''\n")
        let set = Samples.set("\(one)---\n\(one)")
        #expect(set.rejected.isEmpty)
        #expect(set.rules.map(\.about.identity) == ["T", "T"])
    }

    @Test("placeholders stand for every value")
    func placeholders() throws {
        let reader = RuleReader(placeholders: Placeholders(["Admins": ["alice", "bob*"], "Site": ["x"]]))
        let reading = reader.read(
            Array(Self.rule("s: {a|expand: '%Site%\\%Admins%'}\n  condition: s").utf8), file: "r.yml")
        guard case .rule(let rule)? = reading.documents.first else {
            Issue.record("\(reading.rejected)")
            return
        }
        #expect(try Samples.matches(rule, #"{"a":"X\\Alice"}"#))
        #expect(try Samples.matches(rule, #"{"a":"x\\bobby"}"#))
        #expect(try !Samples.matches(rule, #"{"a":"x\\carol"}"#))
    }

    @Test("a per cent sign without a name is itself")
    func perCent() throws {
        let rule = try Samples.detection("s: {a|expand: '100% of %'}\ncondition: s")
        #expect(try Samples.matches(rule, #"{"a":"100% of %"}"#))
    }

    @Test("a filter is added to the rules that it names, for its log source")
    func filters() throws {
        let filter = """
            ---
            title: F
            logsource: {product: x}
            filter:
              rules: [one]
              selection: {user: adm}
              condition: not selection
            """
        func matches(_ text: String, _ event: String) throws -> Bool {
            try Samples.matches(try #require(Samples.set(text).rules.first), event)
        }
        let named = Self.rule("s: {a: 1}\n  condition: s", "name: one\n") + filter
        #expect(try !matches(named, #"{"a":1,"user":"ADM"}"#))
        #expect(try matches(named, #"{"a":1,"user":"x"}"#))
        let other = Self.rule("s: {a: 1}\n  condition: s", "name: two\n") + filter
        #expect(try matches(other, #"{"a":1,"user":"adm"}"#))
        #expect(Samples.set(other).rejected.map(\.problem.code) == ["rule.filter"])
        let any = Self.rule("s: {a: 1}\n  condition: s") + filter.replacing("[one]", with: "any")
        #expect(try !matches(any, #"{"a":1,"user":"adm"}"#))
        let empty = any.replacing("rules: any", with: "rules: []")
        #expect(try !matches(empty, #"{"a":1,"user":"adm"}"#))
        let elsewhere = any.replacing("logsource: {product: x}\nfilter", with: "logsource: {product: y}\nfilter")
        #expect(try matches(elsewhere, #"{"a":1,"user":"adm"}"#))
    }

    @Test(
        "correlations name what they lack",
        arguments: [
            ("type: event_count, timespan: 5m, condition: {gte: 1}", "rule.missing"),
            ("type: count, rules: [a], timespan: 5m, condition: {gte: 1}", "rule.value"),
            ("type: event_count, rules: [a], condition: {gte: 1}", "rule.missing"),
            ("type: event_count, rules: [a], timespan: 5, condition: {gte: 1}", "rule.value"),
            ("type: event_count, rules: [a], timespan: 5m", "rule.missing"),
            ("type: event_count, rules: [a], timespan: 5m, condition: {atleast: 1}", "rule.value"),
            ("type: value_count, rules: [a], timespan: 5m, condition: {gte: 1}", "rule.missing"),
            ("type: value_percentile, rules: [a], timespan: 5m, condition: {gte: 1, field: x}", "rule.missing"),
            ("type: temporal, rules: [a, b], timespan: 5m, condition: a and c", "rule.condition"),
            ("type: event_count, rules: [a], timespan: 5m, condition: {gte: 2000000}", "rule.value"),
            ("type: event_count, rules: [a], timespan: 5m, groupby: [x], condition: {gte: 1}", "rule.value"),
            ("type: event_count, rules: [a], timespan: 5m, generate: maybe, condition: {gte: 1}", "rule.value"),
            ("type: temporal, rules: [a], timespan: 5m, aliases: {x: {b: y}}", "rule.alias"),
            ("type: event_count, rules: [nobody], timespan: 5m, condition: {gte: 1}", "rule.reference"),
            ("type: event_count, rules: [me], timespan: 5m, condition: {gte: 1}", "rule.reference"),
        ])
    func correlations(text: String, code: String) {
        let rules = ["a", "b"].map { Self.rule("s: {a: 1}\n  condition: s", "name: \($0)\n") }.joined(
            separator: "---\n")
        let set = Samples.set("\(rules)---\ntitle: C\nname: me\ncorrelation: {\(text)}\n")
        #expect(set.correlations.isEmpty)
        #expect(set.rejected.map(\.problem.code) == [code], "\(set.rejected)")
    }
}

import TestSupport
import Testing

@testable import Sigma

@Suite("Correlations")
struct CorrelationTests {
    private static let base = ["a", "b", "c"].map { name in
        """
        title: \(name)
        id: id-\(name)
        name: \(name)
        logsource: {product: x}
        detection: {s: {kind: \(name)}, condition: s}
        """
    }.joined(separator: "\n---\n")

    /// A step of a story: which rules match, when, and with which values.
    private struct Step {
        let kind: String
        let time: Double
        var values: [String: String] = [:]
    }

    private func engine(_ correlations: String..., limits: CorrelationLimits = CorrelationLimits()) throws
        -> CorrelationEngine
    {
        let documents = correlations.enumerated().map { "title: C\($0)\nname: c\($0)\ncorrelation: {\($1)}" }
        let set = Samples.set(([Self.base] + documents).joined(separator: "\n---\n"))
        #expect(set.rejected.isEmpty, "\(set.rejected)")
        return CorrelationEngine(set, limits: limits)
    }

    /// Who fired at which step, as `correlation@step`.
    private func story(_ engine: inout CorrelationEngine, _ steps: [Step]) -> [String] {
        steps.enumerated().flatMap { number, step in
            let rules = step.kind.compactMap { ["a": 0, "b": 1, "c": 2][$0] }
            return engine.receive(
                CorrelationArrival(
                    rules: rules, values: step.values.mapValues { Array($0.utf8) }, time: step.time, event: number)
            ).map { "\($0.correlation)@\($0.event)" }
        }
    }

    private func fired(_ correlation: String, _ steps: [Step]) throws -> [String] {
        var engine = try engine(correlation)
        return story(&engine, steps)
    }

    @Test("events are counted in a window that slides")
    func count() throws {
        let rule = "type: event_count, rules: [a], timespan: 10s, condition: {gte: 3}"
        #expect(try fired(rule, [0, 4, 8].map { Step(kind: "a", time: $0) }) == ["0@2"])
        // The window is open at its beginning: what is exactly a timespan old is out.
        #expect(try fired(rule, [0, 5, 10].map { Step(kind: "a", time: $0) }) == [])
        #expect(try fired(rule, [0, 5, 9.5].map { Step(kind: "a", time: $0) }) == ["0@2"])
    }

    @Test("it is told once, and again after each timespan for which it goes on")
    func once() throws {
        let rule = "type: event_count, rules: [a], timespan: 10s, condition: {gte: 2}"
        let steps = stride(from: 0.0, through: 25, by: 1).map { Step(kind: "a", time: $0) }
        #expect(try fired(rule, steps) == ["0@1", "0@11", "0@21"])
        let pauses = [0, 1, 50, 51].map { Step(kind: "a", time: $0) }
        #expect(try fired(rule, pauses) == ["0@1", "0@3"])
    }

    @Test("groups are apart, and no value is a group too")
    func groups() throws {
        let rule = "type: event_count, rules: [a], group-by: [ip, user], timespan: 10s, condition: {gte: 2}"
        let steps = [
            Step(kind: "a", time: 0, values: ["ip": "1", "user": "x"]),
            Step(kind: "a", time: 1, values: ["ip": "1", "user": "y"]),
            Step(kind: "a", time: 2, values: ["ip": "1x"]), Step(kind: "a", time: 3, values: ["ip": "1x"]),
            Step(kind: "a", time: 4, values: ["ip": "1", "user": "x"]),
        ]
        #expect(try fired(rule, steps) == ["0@3", "0@4"])
    }

    @Test(
        "bounds can be any comparison, and two make a range",
        arguments: [
            ("gt: 2", ["0@2"]), ("gte: 2", ["0@1"]), ("lt: 2", ["0@0"]), ("lte: 1", ["0@0"]), ("eq: 2", ["0@1"]),
            ("neq: 1", ["0@1"]), ("gt: 1, lte: 2", ["0@1"]),
        ])
    func bounds(condition: String, expected: [String]) throws {
        let rule = "type: event_count, rules: [a], timespan: 10s, condition: {\(condition)}"
        #expect(try fired(rule, [0, 1, 2].map { Step(kind: "a", time: $0) }) == expected)
    }

    @Test("different values are counted, also of several fields together")
    func values() throws {
        let steps = [("x", "1"), ("x", "1"), ("x", "2"), ("y", "2")].enumerated().map {
            Step(kind: "a", time: Double($0), values: ["user": $1.0, "port": $1.1])
        }
        #expect(
            try fired("type: value_count, rules: [a], timespan: 1m, condition: {field: user, gte: 2}", steps) == ["0@3"]
        )
        #expect(
            try fired(
                "type: value_count, rules: [a], timespan: 1m, condition: {field: [user, port], gte: 3}", steps)
                == ["0@3"])
        let absent = [Step(kind: "a", time: 0), Step(kind: "a", time: 1, values: ["user": "x"])]
        #expect(
            try fired("type: value_count, rules: [a], timespan: 1m, condition: {field: user, gte: 2}", absent) == [])
    }

    @Test(
        "sums, means, medians and percentiles of numbers",
        arguments: [
            ("value_sum", "gte: 60", "0@2"), ("value_sum", "gt: 60", "0@3"), ("value_avg", "gte: 20", "0@2"),
            ("value_avg", "gt: 24", "0@3"), ("value_median", "gte: 20", "0@2"), ("value_median", "eq: 25", "0@3"),
            ("value_percentile", "percentile: 50, gte: 30", "0@3"),
            ("value_percentile", "percentile: 100, gte: 40", "0@3"),
        ])
    func statistics(kind: String, condition: String, expected: String) throws {
        var steps = [10, 20, 30, 40].enumerated().map {
            Step(kind: "a", time: Double($0), values: ["bytes": "\($1)"])
        }
        // What is no number counts for nothing.
        steps.append(Step(kind: "a", time: 5, values: ["bytes": "many"]))
        let rule = "type: \(kind), rules: [a], timespan: 1m, condition: {field: bytes, \(condition)}"
        #expect(try fired(rule, steps).first == expected)
    }

    @Test("what leaves the window leaves the sum")
    func sliding() throws {
        let rule = "type: value_sum, rules: [a], timespan: 10s, condition: {field: n, gte: 100}"
        let steps = [(0, 60), (9, 30), (12, 60), (15, 10)].map { Step(kind: "a", time: $0.0, values: ["n": "\($0.1)"]) }
        #expect(try fired(rule, steps) == ["0@3"])
    }

    @Test("temporal needs every rule, not the first (rsigma fires on one hit)")
    func temporal() throws {
        let rule = "type: temporal, rules: [a, b], group-by: [u], timespan: 10s"
        func step(_ kind: String, _ time: Double, _ user: String = "x") -> Step {
            Step(kind: kind, time: time, values: ["u": user])
        }
        #expect(try fired(rule, [step("a", 0)]) == [])
        #expect(try fired(rule, [step("b", 0), step("a", 5)]) == ["0@1"])
        #expect(try fired(rule, [step("b", 0), step("a", 5, "y")]) == [])
        #expect(try fired(rule, [step("a", 0), step("b", 10)]) == [])
        #expect(
            try fired(
                "type: temporal, rules: [a, b, c], timespan: 10s, condition: {gte: 2}", [step("a", 0), step("c", 1)])
                == ["0@1"])
    }

    @Test("rules can be combined")
    func combined() throws {
        let rule = "type: temporal, timespan: 10s, condition: a and (b or c)"
        #expect(
            try fired(rule, [Step(kind: "b", time: 0), Step(kind: "c", time: 1), Step(kind: "a", time: 2)]) == ["0@2"])
        let without = "type: temporal, rules: [a, b], timespan: 10s, condition: a and not b"
        #expect(try fired(without, [Step(kind: "b", time: 0), Step(kind: "a", time: 1)]) == [])
        #expect(try fired(without, [Step(kind: "a", time: 1)]) == ["0@0"])
    }

    @Test("the order counts where it is asked for, with rules by name (never fires in rsigma)")
    func ordered() throws {
        let rule = "type: temporal_ordered, rules: [a, b, c], timespan: 10s"
        func steps(_ kinds: [String]) -> [Step] { kinds.enumerated().map { Step(kind: $1, time: Double($0)) } }
        #expect(try fired(rule, steps(["a", "b", "c"])) == ["0@2"])
        #expect(try fired(rule, steps(["a", "c", "b"])) == [])
        #expect(try fired(rule, steps(["c", "b", "a", "b", "c"])) == ["0@4"])
        #expect(try fired(rule, steps(["b", "a", "a", "b", "b", "a", "c"])) == ["0@6"])
        // One event is one step.
        #expect(try fired("type: temporal_ordered, rules: [a, b], timespan: 10s", [Step(kind: "ab", time: 0)]) == [])
        #expect(
            try fired(
                "type: temporal_ordered, rules: [a, b], timespan: 10s",
                [Step(kind: "ab", time: 0), Step(kind: "b", time: 0)]) == ["0@1"])
    }

    @Test("one wild number decides nothing")
    func wild() throws {
        let rule = "type: value_sum, rules: [a], timespan: 10s, condition: {field: n, gte: 8000}"
        let steps =
            [Step(kind: "a", time: 0, values: ["n": "-1e20"])]
            + (0..<10).map { Step(kind: "a", time: 1 + Double($0) / 2, values: ["n": "1000"]) }
        #expect(try fired(rule, steps) == ["0@8"])
    }

    @Test("spaces in names of fields do not count")
    func spaces() throws {
        let rule = "type: event_count, rules: [a], group-by: [Client IP], timespan: 10s, condition: {gte: 2}"
        let steps = ["1", "2"].map { Step(kind: "a", time: 0, values: ["ClientIP": $0]) }
        #expect(try fired(rule, steps) == [])
    }

    @Test("of what a rule says again and again, the order of three is still seen when one comes late")
    func lateOrder() throws {
        let rule = "type: temporal_ordered, rules: [a, b, c], timespan: 10s"
        let steps = [("a", 0), ("a", 5), ("a", 9), ("b", 7), ("c", 12)].map { Step(kind: $0.0, time: Double($0.1)) }
        #expect(try fired(rule, steps) == ["0@4"])
    }

    @Test("an alias may name a rule by another word than the correlation")
    func aliasById() throws {
        let rule = """
            type: event_count, rules: [a], group-by: [peer], timespan: 10s, condition: {gte: 2}, \
            aliases: {peer: {id-a: source.ip}}
            """
        let steps = ["1", "2", "1"].enumerated().map {
            Step(kind: "a", time: Double($0), values: ["source.ip": $1])
        }
        #expect(try fired(rule, steps) == ["0@2"])
    }

    @Test("fields of different names are one by an alias")
    func aliases() throws {
        let rule = """
            type: temporal, rules: [a, b], group-by: [peer], timespan: 10s, \
            aliases: {peer: {a: source.ip, b: destination.ip}}
            """
        let steps = [
            Step(kind: "a", time: 0, values: ["source.ip": "1", "destination.ip": "2"]),
            Step(kind: "b", time: 1, values: ["source.ip": "1", "destination.ip": "3"]),
            Step(kind: "b", time: 2, values: ["source.ip": "9", "destination.ip": "1"]),
        ]
        #expect(try fired(rule, steps) == ["0@2"])
    }

    @Test("correlations build on correlations, and only the outermost speaks")
    func chains() throws {
        var engine = try engine(
            "type: event_count, rules: [a], group-by: [u], timespan: 10s, condition: {gte: 3}",
            "type: temporal_ordered, rules: [c0, b], group-by: [u], timespan: 10s")
        let steps =
            [0, 1, 2, 3].map { Step(kind: "a", time: $0, values: ["u": "x"]) }
            + [Step(kind: "b", time: 11, values: ["u": "x"]), Step(kind: "b", time: 40, values: ["u": "x"])]
        #expect(story(&engine, steps) == ["1@4"])
    }

    @Test("an event that comes late counts where it belongs")
    func late() throws {
        let rule = "type: event_count, rules: [a], timespan: 10s, condition: {gte: 3}"
        #expect(try fired(rule, [0, 8, 12, 4].map { Step(kind: "a", time: $0) }) == ["0@3"])
        #expect(try fired(rule, [0, 8, 15, 30, 31, 14].map { Step(kind: "a", time: $0) }) == [])
        let ordered = "type: temporal_ordered, rules: [a, b], timespan: 10s"
        #expect(try fired(ordered, [Step(kind: "b", time: 5), Step(kind: "a", time: 1)]) == ["0@1"])
    }

    @Test("a clock that jumps ahead for once does not blind its group")
    func jump() throws {
        let rule = "type: event_count, rules: [a], timespan: 10s, condition: {gte: 3}"
        let steps = [0, 1, 4_000_000_000, 2, 3, 4].map { Step(kind: "a", time: $0) }
        var engine = try engine(rule)
        #expect(story(&engine, steps) == ["0@3"])
    }

    @Test("a time that somebody made up in another group makes nobody forget")
    func foreignTime() throws {
        var limits = CorrelationLimits()
        limits.groups = 50
        var engine = try engine(
            "type: event_count, rules: [a], group-by: [u], timespan: 1h, condition: {gte: 3}", limits: limits)
        var steps = (0..<40).map { Step(kind: "a", time: 0, values: ["u": "\($0)"]) }
        steps += [1, 2].map { Step(kind: "a", time: $0, values: ["u": "victim"]) }
        steps += (0..<15).map { Step(kind: "a", time: 9_900_000_000, values: ["u": "evil\($0)"]) }
        steps.append(Step(kind: "a", time: 3, values: ["u": "victim"]))
        #expect(story(&engine, steps) == ["0@57"])
        #expect(engine.forgotten > 0)
    }

    @Test("in whatever order events come, what is found is the same")
    func orderFree() throws {
        var generator = SeededGenerator(3)
        for _ in 0..<200 {
            let times = (0..<12).map { _ in Double(Int.random(in: 0..<30, using: &generator)) }
            let rule = "type: event_count, rules: [a], timespan: 8s, condition: {gte: 5}"
            let inOrder = try fired(rule, times.sorted().map { Step(kind: "a", time: $0) })
            // Late by less than a timespan: pairs are swapped within it.
            var shuffled = times.sorted()
            for index in stride(from: 0, to: 11, by: 2) where shuffled[index + 1] - shuffled[index] < 8 {
                shuffled.swapAt(index, index + 1)
            }
            let outOfOrder = try fired(rule, shuffled.map { Step(kind: "a", time: $0) })
            #expect(inOrder.isEmpty == outOfOrder.isEmpty, "\(times.sorted())")
        }
    }

    @Test("memory has bounds, and what is forgotten is counted")
    func bounds() throws {
        var limits = CorrelationLimits()
        limits.groups = 100
        limits.entriesPerGroup = 10
        var engine = try engine(
            "type: event_count, rules: [a], group-by: [u], timespan: 1d, condition: {gte: 20}", limits: limits)
        for number in 0..<5000 {
            _ = engine.receive(
                CorrelationArrival(
                    rules: [0], values: ["u": Array("\(number)".utf8)], time: Double(number), event: number))
        }
        #expect(engine.groupCount <= 100)
        #expect(engine.forgotten > 0)
        // A condition that needs more than the limit gets it.
        let steps = (0..<20).map { Step(kind: "a", time: 6000 + Double($0), values: ["u": "x"]) }
        #expect(story(&engine, steps) == ["0@19"])
    }
}

import Foundation
import Kernel
import Testing

@testable import Sigma

/// SigmaHQ's rules against events whose outcome others found.
@Suite("SigmaHQ's rules on events with known outcomes", .enabled(if: Samples.shared != nil))
struct ConformanceTests {
    private static let everything: (set: RuleSet, compiled: CompiledRules)? = {
        guard let root = Samples.shared else { return nil }
        var names: [String] = []
        for folder in [
            "rules", "rules-compliance", "rules-emerging-threats", "rules-placeholder", "rules-threat-hunting",
        ] {
            guard let files = FileManager.default.enumerator(atPath: root.appending(path: folder).path) else {
                continue
            }
            for case let name as String in files where name.hasSuffix(".yml") { names.append("\(folder)/\(name)") }
        }
        let reader = RuleReader()
        let set = RuleSet(
            names.sorted().compactMap { name in
                (try? Data(contentsOf: root.appending(path: name))).map { reader.read([UInt8]($0), file: name) }
            })
        return (set, CompiledRules(set.rules))
    }()

    private func object(_ line: [UInt8]) throws -> [String: Any] {
        try #require(try JSONSerialization.jsonObject(with: Data(line)) as? [String: Any])
    }

    @Test("the rules that need placeholders are rejected, all others are used")
    func loading() throws {
        let set = try #require(Self.everything).set
        let expected = try object(
            try Data(contentsOf: try #require(Samples.shared).appending(path: "oracle_expected.json")).map { $0 })
        let refused = try #require(expected["not_convertible"] as? [String: Any])
        #expect(Set(set.rejected.compactMap(\.identity)) == Set(refused.keys))
        #expect(set.rejected.allSatisfy { "\($0.problem)".contains("placeholder") })
        #expect(set.rules.count == 3755)
    }

    @Test("10,000 events match as two independent implementations found", arguments: ["all", "routed"])
    func oracle(kind: String) throws {
        let compiled = try #require(Self.everything).compiled
        let matcher = RuleMatcher(compiled, routing: kind == "all" ? .none(except: "_ls") : .key("_ls"))
        var found: [String: [Int]] = [:]
        for (number, line) in try Samples.lines("oracle_events.jsonl.gz").enumerated() {
            #expect(line.withUnsafeBufferPointer(matcher.match) == nil)
            for rule in matcher.matches {
                found[compiled.rules[Int(rule)].about.identity, default: []].append(number)
            }
        }
        let expected = try object(
            try Data(contentsOf: try #require(Samples.shared).appending(path: "oracle_expected.json")).map { $0 })
        let rules = try #require(expected["rules"] as? [String: [String: Any]])
        #expect(rules.count == 3755)
        for (id, rule) in rules {
            #expect(found[id] ?? [] == rule[kind] as? [Int], "\(id) \(rule["path"] ?? "")")
        }
    }

    @Test("each real and each synthetic event", arguments: [("positives.jsonl", 225), ("synthetic.jsonl", 7295)])
    func events(file: String, count: Int) throws {
        let compiled = try #require(Self.everything).compiled
        var matchers: [LogSource: RuleMatcher] = [:]
        let lines = try Samples.lines(file)
        #expect(lines.count == count)
        for line in lines {
            let sample = try object(line)
            let id = try #require(sample["rule_id"] as? String)
            let event = [UInt8](try JSONSerialization.data(withJSONObject: try #require(sample["event"])))
            let found = try sources(sample).contains { source in
                let matcher = matchers[source] ?? RuleMatcher(compiled, routing: .fixed(source))
                matchers[source] = matcher
                #expect(event.withUnsafeBufferPointer(matcher.match) == nil)
                return matcher.matches.contains { compiled.rules[Int($0)].about.id == id }
            }
            #expect(found == (sample["match"] as? Bool ?? true), "\(id) \(String(decoding: event, as: UTF8.self))")
        }
    }

    private func sources(_ sample: [String: Any]) throws -> [LogSource] {
        if let source = sample["logsource"] as? [String: Any] {
            return [
                LogSource(
                    product: source["product"] as? String,
                    categories: [source["category"] as? String].compactMap { $0 },
                    services: [source["service"] as? String].compactMap { $0 })
            ]
        }
        return try #require(sample["event_logsources"] as? [[Any]]).map {
            LogSource(
                product: $0[0] as? String, categories: [$0[1] as? String].compactMap { $0 },
                services: [$0[2] as? String].compactMap { $0 })
        }
    }

    @Test("correlations fire for the same groups, at the same events")
    func correlations() throws {
        let root = try #require(Samples.shared)
        let set = RuleSet([
            RuleReader().read(
                [UInt8](try Data(contentsOf: root.appending(path: "correlation_rules.yml"))), file: "c.yml")
        ])
        let clock = EventClock()
        let compiled = CompiledRules(set.rules, fields: set.correlationFields + clock.fields)
        let matcher = RuleMatcher(compiled, routing: .fixed(LogSource(product: "linux", services: ["sshd"])))
        var engine = CorrelationEngine(set)
        var found: [String: [String: Int]] = [:]
        for (number, line) in try Samples.lines("correlation_events.jsonl").enumerated() {
            #expect(line.withUnsafeBufferPointer(matcher.match) == nil)
            var values: [String: [UInt8]] = [:]
            for field in set.correlationFields { values[field] = matcher.value(of: field) }
            let arrival = CorrelationArrival(
                rules: matcher.matches.map(Int.init), values: values, time: try #require(matcher.time(by: clock)),
                event: number)
            for match in engine.receive(arrival) {
                let title = set.correlations[match.correlation].rule.about.title
                let group = match.group.map { $0 ?? "" }.joined(separator: ",")
                found[title, default: [:]][group] = min(number, found[title]?[group] ?? .max)
            }
        }
        let expected = try object([UInt8](try Data(contentsOf: root.appending(path: "correlation_expected.json"))))
        for (title, groups) in try #require(expected["cases"] as? [String: [String: [String: Any]]]) {
            #expect(found[title] == groups.mapValues { $0["first_fire_event"] as? Int ?? -1 }, "\(title)")
        }
        #expect(engine.forgotten == 0)
    }
}

import Benchmark
import Foundation
import Sigma

/// Rules and events: those that `VOUCHSAFE_SIGMA_RULES` and `VOUCHSAFE_SIGMA_EVENTS` name, or a few of our own.
private struct Material {
    let files: [(name: String, bytes: [UInt8])]
    let events: [[UInt8]]

    init() {
        let environment = ProcessInfo.processInfo.environment
        files = environment["VOUCHSAFE_SIGMA_RULES"].map(Self.files) ?? (0..<200).map(Self.ownRule)
        let lines = environment["VOUCHSAFE_SIGMA_EVENTS"].flatMap { FileManager.default.contents(atPath: $0) }
        events =
            lines.map { [UInt8]($0).split(separator: UInt8(ascii: "\n")).map(Array.init) }
            ?? (0..<2000).map(Self.ownEvent)
    }

    private static func files(below folder: String) -> [(name: String, bytes: [UInt8])] {
        guard let names = FileManager.default.enumerator(atPath: folder) else { return [] }
        return names.compactMap { $0 as? String }.filter { $0.hasSuffix(".yml") }.sorted().compactMap { name in
            FileManager.default.contents(atPath: "\(folder)/\(name)").map { (name, [UInt8]($0)) }
        }
    }

    private static func ownRule(_ number: Int) -> (name: String, bytes: [UInt8]) {
        let text = """
            title: Rule \(number)
            logsource: {category: webserver}
            detection:
              path: {cs-uri-query|contains: ['/admin\(number)/', 'cmd\(number)=']}
              agent: {cs-user-agent|endswith: 'scanner/\(number)'}
              local: {c-ip|cidr: 10.0.0.0/8}
              condition: (path or agent) and not local
            """
        return ("\(number).yml", Array(text.utf8))
    }

    private static func ownEvent(_ number: Int) -> [UInt8] {
        Array(
            #"""
            {"_ls":{"category":"webserver"},"c-ip":"192.0.2.\#(number % 250)","cs-method":"GET","cs-uri-query":"/page/\#(number)?id=\#(number * 7)","sc-status":200,"cs-user-agent":"Mozilla/5.0 (X11; Linux x86_64) reader/\#(number)"}
            """#.utf8)
    }

    func compiled() -> CompiledRules {
        let reader = RuleReader()
        return CompiledRules(RuleSet(files.map { reader.read($0.bytes, file: $0.name) }).rules)
    }
}

let benchmarks: @Sendable () -> Void = {
    let material = Material()
    let compiled = material.compiled()

    Benchmark("read and compile \(material.files.count) rule files") { benchmark in
        for _ in benchmark.scaledIterations { blackHole(material.compiled()) }
    }

    Benchmark("match \(material.events.count) events with \(compiled.rules.count) rules") { benchmark in
        let matcher = RuleMatcher(compiled, routing: .key("_ls"))
        for _ in benchmark.scaledIterations {
            for event in material.events { blackHole(event.withUnsafeBufferPointer(matcher.match)) }
        }
    }

    // The floor: reading the same events where no rule asks for anything.
    Benchmark("read \(material.events.count) events with no rules") { benchmark in
        let matcher = RuleMatcher(CompiledRules([]), routing: .key("_ls"))
        for _ in benchmark.scaledIterations {
            for event in material.events { blackHole(event.withUnsafeBufferPointer(matcher.match)) }
        }
    }
}

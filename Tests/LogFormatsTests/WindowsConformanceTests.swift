import Foundation
import Kernel
import Sigma
import Testing

@testable import LogFormats

/// The folder of outside data, if it lies beside the project.
enum OutsideData {
    static let root: URL? = {
        let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
            .appending(path: "../../../shared/conformance/sigma").standardized
        return FileManager.default.fileExists(atPath: folder.path) ? folder : nil
    }()
}

/// SigmaHQ's own regression events, read as they were recorded.
@Suite("Events of Windows as they were recorded", .enabled(if: OutsideData.root != nil))
struct WindowsConformanceTests {
    @Test("each is for its rule's log source, and its rule matches it")
    func positives() throws {
        let root = try #require(OutsideData.root)
        let now = Instant(milliseconds: 0)
        var count = 0
        for line in try String(contentsOf: root.appending(path: "positives.jsonl"), encoding: .utf8).split(
            separator: "\n")
        {
            let sample = try #require(try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any])
            guard let raw = sample["raw"] as? [String: Any] else { continue }
            let path = try #require(sample["rule_path"] as? String)
            let reading = RuleReader().read([UInt8](try Data(contentsOf: root.appending(path: path))), file: path)
            guard case .rule(let rule)? = reading.documents.first else { continue }
            var events: [LogEvent] = []
            var reader = LogReader(.windows)
            let bytes = [UInt8](try JSONSerialization.data(withJSONObject: raw))
            #expect(reader.read(bytes, receivedAt: now) { events.append($0) } == nil)
            let event = try #require(events.first)
            let matcher = RuleMatcher(CompiledRules([rule]), routing: .unsaid)
            #expect(event.json.withUnsafeBufferPointer { matcher.match($0, from: event.source) } == nil)
            #expect(
                matcher.matches.count == 1,
                "\(path) is for \(rule.logSource), the event for \(event.source): \(String(decoding: event.json, as: UTF8.self))"
            )
            count += 1
        }
        #expect(count == 224)
    }
}

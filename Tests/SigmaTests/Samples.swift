import Foundation
import Testing

@testable import Sigma

/// Short ways to say what a test needs.
enum Samples {
    /// The folder of outside data, if it lies beside the project.
    static let shared: URL? = {
        let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
            .appending(path: "../../../shared/conformance/sigma").standardized
        return FileManager.default.fileExists(atPath: folder.path) ? folder : nil
    }()

    static func rule(_ text: String) throws -> SigmaRule {
        let reading = RuleReader().read(Array(text.utf8), file: "test.yml")
        if let rejected = reading.rejected.first { throw rejected.problem }
        guard case .rule(let rule)? = reading.documents.first else { throw CocoaError(.featureUnsupported) }
        return rule
    }

    /// A rule out of what stands under `detection:`, each line as it is.
    static func detection(_ lines: String) throws -> SigmaRule {
        let indented = lines.split(separator: "\n").map { "    \($0)" }.joined(separator: "\n")
        return try rule("title: Test\nlogsource:\n    product: test\ndetection:\n\(indented)\n")
    }

    static func set(_ text: String) -> RuleSet {
        RuleSet([RuleReader().read(Array(text.utf8), file: "test.yml")])
    }

    static func matches(_ rule: SigmaRule, _ event: String) throws -> Bool {
        let matcher = RuleMatcher(CompiledRules([rule]), routing: .none(except: nil))
        let fault = Array(event.utf8).withUnsafeBufferPointer(matcher.match)
        if let fault { throw fault }
        return !matcher.matches.isEmpty
    }

    /// The lines of a file of outside data; one that ends with `.gz` is unpacked by the system's gzip.
    static func lines(_ name: String) throws -> [[UInt8]] {
        let file = try #require(shared).appending(path: name)
        guard name.hasSuffix(".gz") else { return split([UInt8](try Data(contentsOf: file))) }
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/bin/gzip")
        process.arguments = ["-dc", file.path]
        let pipe = Pipe()
        process.standardOutput = pipe
        try process.run()
        let bytes = [UInt8](try pipe.fileHandleForReading.readToEnd() ?? Data())
        process.waitUntilExit()
        return split(bytes)
    }

    private static func split(_ bytes: [UInt8]) -> [[UInt8]] {
        bytes.split(separator: UInt8(ascii: "\n")).map(Array.init)
    }
}

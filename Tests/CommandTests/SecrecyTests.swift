import Foundation
import Testing

/// A canary: words that lie sealed in the store must not be readable in any of its files, nor in what is logged.
@Suite(.enabled(if: Program.isBuilt))
struct SecrecyTests {
    private static let words = ["Zirbelkiefer", "quendelkraut", "murmeltierhaus", "enzianwurzel"]

    @Test func noPlantedWordReachesAFileOrTheLog() throws {
        let folder = try Folder()
        let (name, reason, heading, summary) = (Self.words[0], Self.words[1], Self.words[2], Self.words[3])
        let text = Samples.text.replacingOccurrences(of: "guest.", with: "\(heading) guest.")
        try folder.write(text, to: "rules.md")
        let draft = try Program.run("policy", "draft", folder["rules.md"])
        let pack = draft.text.replacingOccurrences(of: "FILL IN: ", with: "\(summary) ")
        try folder.write(pack, to: "rules.yaml")
        let made = try Program.run(
            "init", "--data", folder["data"], "--organisation", "\(name) Ltd", "--pack", folder["rules.yaml"], "--text",
            folder["rules.md"])
        try #require(made.status == 0, "\(made.messages)")
        let server = try RunningServer(folder, "--verbose")
        let soon = String(Date().addingTimeInterval(40 * 86_400).ISO8601Format().prefix(10))
        let report = try Program.run("status", "--data", folder["data"], "--format", "json").json as? [String: Any]
        let commitments = try #require(report?["commitments"] as? [[String: Any]])
        let commitment = try #require(commitments.first?["id"] as? String)
        let granted = try Program.run(
            "exception", "grant", commitment, "--reason", "the \(reason) is late", "--until", soon, "--data",
            folder["data"])
        #expect(granted.status == 0, "\(granted.messages)")
        try server.waitForFirstChecks()
        try search(folder)
        #expect(server.stop().status == 0)
        try search(folder)
        let link = server.greeting.last { $0.contains("/set-up/") }?.split(separator: "/").last
        for word in Self.words + [link.map(String.init) ?? "set-up"] {
            #expect(!server.logged.localizedCaseInsensitiveContains(word), "\(word) is in the log")
        }
        // What is searched for is really there.
        #expect(try Program.run("exception", "list", "--data", folder["data"]).text.contains(reason))
        #expect(commitments.contains { ($0["summary"] as? String)?.contains(summary) == true })
    }

    private func search(_ folder: Folder) throws {
        let files = try folder.files(below: "data")
        #expect(files.count >= 3)
        for (file, bytes) in files {
            let data = Data(bytes.map { (0x41...0x5A).contains($0) ? $0 | 0x20 : $0 })
            for word in Self.words {
                #expect(data.range(of: Data(word.lowercased().utf8)) == nil, "\(word) is readable in \(file)")
            }
        }
    }
}

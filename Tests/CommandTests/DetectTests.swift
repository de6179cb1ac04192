import Foundation
import Testing

/// Events matched against Sigma rules from the command line.
@Suite(.enabled(if: Program.isBuilt))
struct DetectTests {
    private static let rules = """
        title: Failed sign-in
        id: 7b2f1d4e-0000-4000-8000-000000000001
        name: failed
        level: low
        logsource: {product: linux, service: sshd}
        detection:
            selection: {outcome: failed}
            condition: selection
        ---
        title: Many failures
        name: many
        level: high
        correlation: {type: event_count, rules: [failed], group-by: [ip], timespan: 5m, condition: {gte: 3}}
        ---
        title: Root
        level: medium
        logsource: {product: linux}
        detection:
            selection: {user: root}
            condition: selection
        ---
        title: Broken
        logsource: {product: linux}
        detection: {selection: {user: root}}
        """

    private static func event(_ ip: String, _ second: Int, _ user: String = "bob", outcome: String = "failed") -> String
    {
        #"{"_ls":{"product":"linux","service":"sshd"},"timestamp":"2026-03-01T00:00:\#(second < 10 ? "0" : "")\#(second)Z","#
            + #""ip":"\#(ip)","user":"\#(user)","outcome":"\#(outcome)"}"#
    }

    private func folder() throws -> Folder {
        let folder = try Folder()
        try folder.write(Self.rules, to: "rules/linux/rules.yml")
        try folder.write("not a rule", to: "rules/README.md")
        let events = [
            Self.event("192.0.2.1", 0), Self.event("192.0.2.1", 1, "ROOT"), "no event", "",
            Self.event("192.0.2.2", 2), Self.event("192.0.2.1", 3),
        ]
        try folder.write(events.joined(separator: "\n") + "\n", to: "events.jsonl")
        return folder
    }

    @Test func matchesComeInTheOrderOfEvents() throws {
        let folder = try folder()
        let outcome = try Program.run(
            "detect", "--rules", "rules", "--logsource-key", "_ls", "events.jsonl", in: folder)
        #expect(outcome.status == 0, "\(outcome.messages)")
        #expect(
            outcome.lines == [
                #"{"event":1,"rule":"Root","title":"Root","level":"medium"}"#,
                #"{"event":5,"rule":"many","title":"Many failures","level":"high","group":{"ip":"192.0.2.1"}}"#, "",
            ])
        #expect(outcome.messages.contains("Loaded 2 rules, 1 correlations"))
        #expect(outcome.messages.contains("rules/linux/rules.yml:24: detection.condition: There is no condition."))
        #expect(outcome.messages.contains("product=linux,service=sshd: 4 events, 2 rules apply"))
        #expect(outcome.messages.contains("1 lines are no events: not a JSON object, first on line 3."))
        #expect(outcome.messages.contains("6 events, 2 matches"))
    }

    @Test func theFileMayFollowTheFolders() throws {
        let folder = try folder()
        let outcome = try Program.run(
            "detect", "--logsource", "product=linux", "--rules", "rules", "events.jsonl", in: folder)
        #expect(outcome.text.contains(#""rule":"Root""#))
        #expect(!outcome.text.contains("many"), "its rule is for another service")
    }

    @Test func standardInputAndText() throws {
        let folder = try folder()
        let outcome = try Program.run(
            ["detect", "--no-route", "--logsource-key", "_ls", "--format", "text", "--rules", "rules", "--", "-"],
            in: folder,
            input: Self.event("192.0.2.9", 0, "root\\u001b[31m") + "\n" + Self.event("192.0.2.9", 0, "root"))
        #expect(outcome.lines == ["1  medium         Root  Root", ""])
    }

    @Test func aGroupOfAStrangerWritesNothingOntoTheTerminal() throws {
        let folder = try folder()
        let line = Self.event("\\u001b[2J", 0) + "\n"
        let outcome = try Program.run(
            ["detect", "--format", "text", "--rules", "rules", "--", "-"], in: folder, input: line + line + line)
        #expect(outcome.lines == ["2  high           Many failures  many  ip=·[2J", ""])
    }

    @Test(arguments: [
        (["detect", "events.jsonl"], 2), (["detect", "--rules", "rules"], 2),
        (["detect", "--rules", "none", "events.jsonl"], 3),
        (["detect", "--rules", "rules", "none.jsonl"], 3), (["detect", "--rules", "events.jsonl", "events.jsonl"], 1),
        (["detect", "--rules", "rules", "--logsource", "prod=x", "events.jsonl"], 2),
        (["detect", "--rules", "rules", "--logsource", "product=x", "--logsource-key", "_ls", "events.jsonl"], 2),
        (["detect", "--rules", "rules", "--placeholders", "events.jsonl", "events.jsonl"], 1),
    ])
    func wrongUseIsExplained(arguments: [String], status: Int) throws {
        let outcome = try Program.run(arguments, in: try folder())
        #expect(Int(outcome.status) == status, "\(outcome.messages)")
        #expect(outcome.messages.contains("error: "))
    }

    @Test func placeholdersMakeARuleUsable() throws {
        let folder = try Folder()
        try folder.write(
            "title: T\nlogsource: {product: x}\ndetection: {s: {user|expand: '%Admins%'}, condition: s}\n", to: "r.yml")
        try folder.write(#"{"Admins": ["alice"]}"#, to: "p.json")
        let without = try Program.run("rules", "lint", "r.yml", in: folder)
        #expect(without.status == 1)
        #expect(
            without.text.contains("r.yml:3: detection.s.user|expand: Nothing is known about the placeholder %Admins%."))
        let with = try Program.run("rules", "lint", "r.yml", "--placeholders", "p.json", in: folder)
        #expect(with.status == 0)
        #expect(with.messages.contains("1 rules, 0 correlations, 0 filters can be used, 0 cannot."))
    }

    @Test func explainShowsWhichPartFits() throws {
        let folder = try Folder()
        try folder.write(
            """
            title: T
            logsource: {product: x}
            detection:
                shell: {image|endswith: [/sh, /bash]}
                filter: {user: root}
                condition: shell and not filter
            """, to: "r.yml")
        let outcome = try Program.run(
            "rules", "explain", "r.yml", #"{"image":"/bin/bash","user":"ROOT"}"#, in: folder)
        #expect(outcome.status == 1)
        #expect(
            outcome.lines == [
                "T (T) is for product=x.", "It does not match.", "", "✗ condition: shell and not filter", "  ✓ shell",
                "    ✓ image fits any of 2 values — the event has /bin/bash", "      ✗ ends with /sh",
                "      ✓ ends with /bash",
                "  ✓ filter", "    ✓ user is root — the event has ROOT", "",
            ])
        let json = try Program.run(
            "rules", "explain", "r.yml", #"{"image":"/bin/sh"}"#, "--format", "json", in: folder)
        #expect(json.status == 0)
        #expect((json.json as? [String: Any])?["matches"] as? Bool == true)
        let garbage = try Program.run("rules", "explain", "r.yml", "{x", in: folder)
        #expect(garbage.status == 1)
        #expect(garbage.messages.contains("The event cannot be read: malformed JSON."))
    }

    @Test func theEndOfAFileIsReadWhateverItIs() throws {
        let folder = try folder()
        let mark: [UInt8] = [0xEF, 0xBB, 0xBF]
        try folder.write(mark + Array(Self.event("192.0.2.1", 1, "root").utf8), to: "marked.jsonl")
        let marked = try Program.run("detect", "--rules", "rules", "--", "marked.jsonl", in: folder)
        #expect(marked.lines.count == 2 && marked.messages.contains("1 events, 1 matches"), "\(marked.messages)")
        try folder.write([UInt8](repeating: UInt8(ascii: "x"), count: 17 << 20), to: "long.jsonl")
        let long = try Program.run("detect", "--rules", "rules", "--", "long.jsonl", in: folder)
        #expect(
            long.messages.contains("1 lines are no events: longer than 16 MiB, first on line 1."), "\(long.messages)")
    }

    @Test func aReaderThatGoesAwayEndsTheWork() throws {
        let outcome = try Program.shell(
            "yes '\(Self.event("192.0.2.1", 1, "root"))' | $V detect --rules rules - 2>/dev/null | head -1",
            in: try folder(),
            patience: 60)
        #expect(outcome.isExit && outcome.lines.count == 2)
    }

    @Test func aFolderMayHoldWhatIsNoRule() throws {
        let folder = try folder()
        try folder.write("x", to: "rules/folder.yml/inner.txt")
        try folder.write("not read", to: "rules/.git/config.yml")
        try FileManager.default.createSymbolicLink(atPath: folder["rules/gone.yml"], withDestinationPath: "nowhere.yml")
        try FileManager.default.createSymbolicLink(atPath: folder["link"], withDestinationPath: "rules")
        let outcome = try Program.run("detect", "--rules", "link", "--", "events.jsonl", in: folder)
        #expect(outcome.status == 0, "\(outcome.messages)")
        #expect(outcome.messages.contains("Rejected: link/gone.yml:") && outcome.messages.contains("2 rejected"))
    }

    @Test func statsCountRules() throws {
        let outcome = try Program.run("rules", "stats", "rules", "--format", "json", in: try folder())
        let counts = try #require(outcome.json as? [String: Any])
        #expect(counts["rules"] as? Int == 2)
        #expect(counts["correlations"] as? Int == 1)
        #expect(counts["rejected"] as? Int == 1)
        #expect(counts["levels"] as? [String: Int] == ["low": 1, "medium": 1])
    }
}

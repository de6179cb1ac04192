import Foundation
import Testing

@Suite(.enabled(if: Program.isBuilt))
struct PolicyTests {
    let folder: Folder

    init() throws { folder = try Folder() }

    @Test func aDraftLacksOnlyWhatAPersonMustFillIn() throws {
        let draft = try Program.run("policy", "draft", Samples.exampleText)
        #expect(draft.status == 0)
        try folder.write(draft.output, to: "draft.yaml")
        let lint = try Program.run(
            "policy", "lint", folder["draft.yaml"], "--text", Samples.exampleText, "--format", "json")
        #expect(lint.status == 1)
        let problems = try #require(lint.json as? [[String: Any]])
        #expect(!problems.isEmpty)
        for problem in problems {
            #expect((problem["message"] as? String)?.contains("FILL IN") == true, "\(problem)")
            #expect(problem["line"] is Int)
        }
    }

    @Test func aTextMayComeFromStandardInput() throws {
        let draft = try Program.run("policy", "draft", "-", input: Samples.text)
        #expect(draft.status == 0)
        #expect(draft.text.hasPrefix("format: vouchsafe/pack@v1"))
    }

    @Test(arguments: [
        ("  - { at: [14, 46]", "  - { at: [10, 46]", "rules.yaml:10: "),
        ("freshness: 26h", "freshness: soon", "rules.yaml:18: "),
        ("endpoint.disk-encryption", "endpoint.disk-encrytion", "rules.yaml:18: "),
        ("commitments: [disks]", "commitments: [discs]", "rules.yaml:10: "),
        ("at: [47, 74]", "at: [54, 74]", "rules.md:3: "),
        ("sha256: ", "sha256: 0", "rules.yaml:7: "),
    ])
    func lintNamesTheLine(old: String, new: String, place: String) throws {
        try folder.write(Samples.text, to: "rules.md")
        let pack = Samples.pack()
        try folder.write(pack, to: "rules.yaml")
        #expect(try Program.run("policy", "lint", "rules.yaml", "--text", "rules.md", in: folder).status == 0)
        try #require(pack.contains(old))
        try folder.write(pack.replacingOccurrences(of: old, with: new), to: "rules.yaml")
        let lint = try Program.run("policy", "lint", "rules.yaml", "--text", "rules.md", in: folder)
        #expect(lint.status == 1)
        #expect(lint.lines.contains { $0.hasPrefix(place) }, "\(lint.text)")
    }

    @Test func diffShowsWhatWasWithdrawn() throws {
        try folder.write(Samples.pack(), to: "old.yaml")
        try folder.write(Samples.pack(version: "2", withGuests: false), to: "new.yaml")
        let diff = try Program.run("policy", "diff", "old.yaml", "new.yaml", in: folder)
        #expect(diff.status == 0)
        #expect(diff.lines.contains("withdrawn  guests: No guests."))
        #expect(diff.lines.contains("1 kept, 0 changed, 0 new, 1 withdrawn."))
        #expect(diff.messages.isEmpty)
        let unlike = try Program.run("policy", "diff", folder["old.yaml"], Samples.metrix)
        #expect(unlike.messages.contains("different policies"))
    }

    @Test func whatANewVersionDropsIsWithdrawnFromThenOn() throws {
        try Samples.install(in: folder, "--text", folder["rules.md"])
        try folder.write(Samples.pack(version: "2", withGuests: false), to: "new.yaml")
        let imported = try Program.run(
            "policy", "import", "new.yaml", "--text", "rules.md", "--data", "data", in: folder)
        #expect(imported.status == 0, "\(imported.messages)")
        #expect(imported.lines.contains("withdrawn  guests: No guests."))
        let status = try Program.run("status", "--data", folder["data"])
        #expect(status.lines.contains { $0.hasPrefix("withdrawn") && $0.contains("desk-rules/guests") })
        #expect(status.text.contains("2 commitments:"))
        let again = try Program.run("policy", "import", "new.yaml", "--data", "data", in: folder)
        #expect(again.status == 0)
        #expect(again.text.contains("current already. Nothing was changed."))
    }

    @Test func aBrokenPackOrAnotherTextChangesNothing() throws {
        try Samples.install(in: folder)
        let before = try Program.run("status", "--data", folder["data"]).lines.dropFirst()
        try folder.write(Samples.pack(version: "2").replacingOccurrences(of: "26h", with: "soon"), to: "broken.yaml")
        try folder.write(Samples.pack(version: "2"), to: "new.yaml")
        let broken = try Program.run("policy", "import", "broken.yaml", "--data", "data", in: folder)
        #expect(broken.status == 1)
        #expect(broken.messages.contains("broken.yaml:18: "))
        #expect(broken.messages.contains("policy lint broken.yaml"))
        let unlike = try Program.run(
            "policy", "import", "new.yaml", "--text", Samples.exampleText, "--data", "data", in: folder)
        #expect(unlike.status == 1)
        #expect(try Program.run("status", "--data", folder["data"]).lines.dropFirst() == before)
    }

    @Test func textsThatAreNoneAreRefused() throws {
        try folder.write([0x50, 0xFF, 0x0A], to: "garbage")
        try folder.write("", to: "empty")
        try folder.write([UInt8](repeating: 0x61, count: 10_000_000), to: "long")
        for (file, message) in [
            ("garbage", "garbage: The file is not UTF-8 text."), ("empty", "empty: The text holds nothing"),
            ("long", "long: The file is larger than 8 MiB."),
        ] {
            let draft = try Program.run("policy", "draft", file, in: folder)
            #expect(draft.status == 1)
            #expect(draft.messages.contains(message), "\(draft.messages)")
            #expect(draft.output.isEmpty)
        }
        let lint = try Program.run("policy", "lint", "long", in: folder)
        #expect(lint.status == 1)
        #expect(lint.messages.contains("larger than 4 MiB"))
    }

    @Test func aFileThatMayNotBeReadIsNamed() throws {
        let path = try folder.write(Samples.text, to: "secret.md")
        try FileManager.default.setAttributes([.posixPermissions: 0], ofItemAtPath: path)
        // Whoever is root may read everything.
        guard !FileManager.default.isReadableFile(atPath: path) else { return }
        let draft = try Program.run("policy", "draft", path)
        #expect(draft.status == 3)
        #expect(draft.messages.contains("Permission denied"))
    }
}

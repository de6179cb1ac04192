import Foundation
import Testing

@Suite(.enabled(if: Program.isBuilt))
struct InitTests {
    let folder: Folder

    init() throws { folder = try Folder() }

    @Test func anInstallationIsMadeOnceAndSaysWhatComesNext() throws {
        try Samples.install(in: folder)
        #expect(
            try FileManager.default.attributesOfItem(atPath: folder["data/key"])[.posixPermissions] as? Int == 0o400)
        let again = try Program.run("init", "--data", folder["data"], "--organisation", "Desk")
        #expect(again.status == 1)
        #expect(again.messages.contains("Desk is here already"))
        #expect(again.messages.contains("vouchsafe serve --data"))
    }

    @Test func onlyTheOwnerMayUseWhatIsMade() throws {
        try Samples.install(in: folder)
        for (name, _) in try folder.files(below: "data") {
            let mode = try FileManager.default.attributesOfItem(atPath: folder[name])[.posixPermissions] as? Int
            #expect((mode ?? 0o777) & 0o077 == 0, "\(name)")
        }
    }

    @Test func severalPacksAndTextsAreImportedTogether() throws {
        try folder.write(Samples.text, to: "rules.md")
        try folder.write(Samples.pack(), to: "rules.yaml")
        let made = try Program.run(
            "init", "--data", folder["data"], "--organisation", "Both", "--pack", Samples.example, "--pack",
            folder["rules.yaml"], "--text", folder["rules.md"], "--text", Samples.exampleText)
        #expect(made.status == 0, "\(made.messages)")
        #expect(made.text.contains("rules.yaml: 2 commitments."))
        #expect(made.text.contains("policy.yaml: \(try Samples.commitments(in: Samples.example)) commitments."))
    }

    @Test func anotherOrganisationMayJoinAndThenOneMustBeNamed() throws {
        try Samples.install(in: folder)
        #expect(try Program.run("init", "--data", folder["data"], "--organisation", "Second").status == 0)
        let unnamed = try Program.run("status", "--data", folder["data"])
        #expect(unnamed.status == 2)
        #expect(unnamed.messages.contains("--organisation: desk, second"))
        let named = try Program.run("status", "--data", folder["data"], "--organisation", "desk")
        #expect(named.text.contains("2 commitments:"))
        #expect(try Program.run("status", "--data", folder["data"], "--organisation", "third").status == 2)
    }

    @Test(arguments: [
        ("--organisation", "", 2, "The organisation is empty"),
        ("--organisation", "two\nlines", 2, "control characters"),
        ("--pack", "broken.yaml", 1, "broken.yaml:1: "),
        ("--pack", "garbage", 1, "garbage:1: The file is not UTF-8 text."),
        ("--pack", "empty", 1, "empty: The file holds no pack."),
        ("--pack", "missing", 3, "missing: The file cannot be read: No such file"),
        ("--pack", "folder", 3, "folder: The file cannot be read: Is a directory"),
        ("--text", "empty", 1, "empty: It is not the exact text of any pack"),
    ])
    func badInputLeavesNothingBehind(option: String, value: String, status: Int32, message: String) throws {
        try folder.write("format: vouchsafe/pack@v1\n", to: "broken.yaml")
        try folder.write([0xFF, 0x00, 0xC0, 0x0A], to: "garbage")
        try folder.write("", to: "empty")
        try folder.write("", to: "folder/file")
        var arguments = ["init", "--data", "data", option, value]
        if option != "--organisation" { arguments += ["--organisation", "Desk"] }
        let made = try Program.run(arguments, in: folder)
        #expect(made.status == status)
        #expect(made.messages.contains(message), "\(made.messages)")
        #expect(!folder.exists("data"))
    }

    @Test func twoPacksOfOnePolicyAreRefusedBeforeAnythingIsMade() throws {
        let made = try Program.run(
            "init", "--data", folder["data"], "--organisation", "Desk", "--pack", Samples.example, "--pack",
            Samples.example)
        #expect(made.status == 1)
        #expect(made.messages.contains("the same policy"))
        #expect(!folder.exists("data"))
    }

    @Test func aFolderThatCannotBeMadeIsNamed() throws {
        try folder.write("", to: "file")
        for place in [folder["file"], folder["file/below"], "/proc/none/data"] {
            let made = try Program.run("init", "--data", place, "--organisation", "Desk")
            #expect(made.status == 3)
            #expect(made.messages.hasPrefix("error: \(place): "), "\(made.messages)")
        }
    }
}

import Foundation
import Testing

@Suite(.enabled(if: Program.isBuilt))
struct UseTests {
    private static let commands = [
        "", "init", "serve", "status", "check", "check list", "check run", "policy", "policy draft", "policy lint",
        "policy diff",
        "policy import", "exception", "exception grant", "exception list", "proof", "verify", "ledger", "ledger verify",
        "ledger key", "scan", "scan tls", "detect", "rules", "rules lint", "rules stats", "rules explain",
    ]

    @Test(arguments: commands)
    func everyCommandExplainsItself(command: String) throws {
        let help = try Program.run(command.split(separator: " ").map(String.init) + ["--help"])
        #expect(help.status == 0)
        #expect(help.text.hasPrefix("OVERVIEW: "))
        #expect(help.messages.isEmpty)
    }

    @Test func theExitCodesAreListed() throws {
        let help = try Program.run("--help").text
        for code in 0...3 { #expect(help.contains("\n  \(code)  ")) }
    }

    @Test(arguments: [
        ["nonsense"], ["status", "--nonsense"], ["status", "--at", "yesterday"], ["status", "--format", "xml"],
        ["status"],
        ["init"], ["verify"], ["proof"], ["exception", "grant", "x"], ["policy", "diff", "one"],
        ["serve", "--data", "x", "--listen", "nowhere"], ["serve", "--data", "x", "--listen", "localhost:70000"],
        ["serve", "--data", "x", "--certificate", "only.pem"], ["serve", "--data", "x", "--jobs", "some"],
    ])
    func wrongUseIsExplainedOnStandardError(arguments: [String]) throws {
        let outcome = try Program.run(arguments, environment: [:])
        #expect(outcome.status == 2)
        #expect(outcome.output.isEmpty)
        #expect(outcome.messages.hasPrefix("error: "), "\(outcome.messages)")
    }

    @Test func theDataFolderMayStandInTheEnvironment() throws {
        let folder = try Folder()
        try Samples.install(in: folder)
        let outcome = try Program.run("status", environment: ["VOUCHSAFE_DATA": folder["data"]])
        #expect(outcome.text.contains("2 commitments:"))
    }

    @Test(arguments: [
        ["status"], ["ledger", "verify"], ["ledger", "key"], ["exception", "list"], ["proof", "disks"],
    ])
    func aFolderWithoutAnInstallationIsNamedAndLeftAlone(arguments: [String]) throws {
        let folder = try Folder()
        let outcome = try Program.run(arguments + ["--data", folder["none"]])
        #expect(outcome.status == 3)
        #expect(outcome.messages.contains("There is no Vouchsafe installation here."))
        #expect(outcome.messages.contains("vouchsafe init"))
        #expect(!folder.exists("none"))
    }

    @Test func aReaderThatGoesAwayIsNoFailure() throws {
        let outcome = try Program.shell(
            "\"$V\" check list | head -1; \"$V\" policy draft rules.md | true", in: try drafted())
        #expect(outcome.lines.first?.hasPrefix("CHECK") == true)
        #expect(outcome.messages.isEmpty)
    }

    @Test(
        .enabled(if: FileManager.default.fileExists(atPath: "/dev/full")),
        arguments: ["check list", "policy draft rules.md"])
    func aResultThatCannotBeWrittenIsAFailure(command: String) throws {
        let outcome = try Program.shell("\"$V\" \(command) > /dev/full", in: try drafted())
        #expect(outcome.status == 3)
        #expect(outcome.messages.contains("The result could not be written: No space left on device."))
    }

    @Test func closedStandardStreamsHarmNothing() throws {
        let folder = try Folder()
        try Samples.install(in: folder)
        let outcome = try Program.shell(
            "\"$V\" status --data data >&-; \"$V\" status --data data <&- >&- 2>&-; \"$V\" ledger verify --data data",
            in: folder)
        #expect(outcome.status == 0)
    }

    private func drafted() throws -> Folder {
        let folder = try Folder()
        try folder.write(Samples.text, to: "rules.md")
        return folder
    }
}

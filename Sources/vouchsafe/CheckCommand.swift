import ArgumentParser

/// What this installation can measure, and measuring it at once.
struct CheckCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "check", abstract: "List what can be measured, or measure it now, without a server.",
        subcommands: [CheckList.self, CheckRun.self])
}

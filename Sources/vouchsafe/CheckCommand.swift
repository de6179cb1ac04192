import ArgumentParser

/// What this installation can measure, and measuring it at once.
struct CheckCommand: AsyncParsableCommand, VerbGroup {
    static let configuration = CommandConfiguration(
        "check", "List what can be measured, or measure it now, without a server.",
        listing: [CheckList.self, CheckRun.self])
}

import ArgumentParser

/// Rules that find trouble in logs.
struct RulesCommand: AsyncParsableCommand, VerbGroup {
    static let configuration = CommandConfiguration(
        "rules", "Check Sigma rules, count them, see why one matches an event or does not, and have them run.",
        listing: [RulesLint.self, RulesStats.self, RulesExplain.self, RulesUpdate.self])
}

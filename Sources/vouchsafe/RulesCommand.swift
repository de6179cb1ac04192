import ArgumentParser

/// Rules that find trouble in logs.
struct RulesCommand: ParsableCommand, VerbGroup {
    static let configuration = CommandConfiguration(
        "rules", "Check Sigma rules, count them, and see why one matches an event or does not.",
        listing: [RulesLint.self, RulesStats.self, RulesExplain.self])
}

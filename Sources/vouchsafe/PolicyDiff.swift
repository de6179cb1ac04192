import ArgumentParser
import Packs

/// Compares two versions of a policy.
struct PolicyDiff: ParsableCommand, LooseVerb {
    static let configuration = CommandConfiguration(
        commandName: "diff", abstract: "Show which commitments were kept, changed, added and withdrawn.")

    @Argument(help: "The pack of the old version.")
    var old: String

    @Argument(help: "The pack of the new version.")
    var new: String

    @Option(help: "text or json.")
    var format: OutputFormat = .text

    func run() throws {
        let (before, after) = (try Self.read(old), try Self.read(new))
        let difference = PackDiff.compare(before, after)
        if before.policy.id != after.policy.id {
            Output.note("note: these are different policies, \(before.policy.id) and \(after.policy.id).")
        }
        switch format {
        case .json: try Output.json(difference)
        case .text: Self.show(difference)
        }
    }

    private static func read(_ file: String) throws -> Pack {
        try PackReader.pack(from: try Input.bytes(of: file, limit: Input.packLimit), file: file)
    }

    static func show(_ difference: PackDiff) {
        for entry in difference.withdrawn { Output.line("withdrawn  \(entry.id): \(entry.summary)") }
        for change in difference.changed {
            Output.line("changed    \(change.id): \(change.summary)")
            for part in change.differences {
                Output.line("             \(part.isWeaker ? "weaker: " : "")\(part.description)")
            }
        }
        for entry in difference.new { Output.line("new        \(entry.id): \(entry.summary)") }
        for rename in difference.renamed { Output.line("perhaps renamed: \(rename.from) → \(rename.to)") }
        Output.line(
            """
            \(difference.kept.count) kept, \(difference.changed.count) changed, \(difference.new.count) new, \
            \(difference.withdrawn.count) withdrawn.
            """)
    }
}

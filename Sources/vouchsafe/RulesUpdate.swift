import App
import ArgumentParser
import Detection
import Flows
import Foundation
import Identity
import Kernel
import Store
import Wire

/// Replaces the rules that run.
struct RulesUpdate: AsyncParsableCommand, OrganisationVerb {
    static let permission = Permission.changeRules
    static let configuration = CommandConfiguration(
        commandName: "update", abstract: "Replace the rules that logs are matched with, all at once; tunings stay.",
        discussion: """
            Says what is new, what is gone, what says something else now, and what cannot be used. If nothing can be used, the \
            old rules run on. A running server matches with the new ones within seconds. To go on with the rules of this \
            program besides those of others, name both: its own are in the folder `rules` of the project.
            """)

    @Argument(help: "Files of Sigma rules, or folders of them.")
    var paths: [String]

    @Option(help: "What to call the set; the paths if nothing is said.")
    var name: String?

    @Flag(help: "Say what would change, and change nothing.")
    var dryRun = false

    @OptionGroup var options: DataOptions

    @Option(help: "text or json.")
    var format: OutputFormat = .text

    func run() async throws {
        let files = try RuleFiles.files(paths).map { file in
            InstalledRules.File(
                path: file.path,
                text: String(decoding: try Input.bytes(of: file.path, limit: 16 << 20), as: UTF8.self))
        }
        let title = name ?? paths.map { URL(fileURLWithPath: $0).lastPathComponent }.joined(separator: ", ")
        let changes = try await withOrganisation(options) { [dryRun] installation, tenant in
            let desk = installation.rooms.detectionRules
            return RuleChanges(
                dryRun
                    ? try await desk.preview(files, in: tenant.id, as: .operator)
                    : try await desk.install(files, named: title, in: tenant.id, as: .operator))
        }
        guard format == .text else { return try Output.json(changes) }
        show("new", changes.added)
        show("gone", changes.removed)
        show("changed", changes.changed)
        show("tuned, but gone", changes.orphaned)
        for rejected in changes.rejected.prefix(20) { Output.note("Rejected: \(rejected)") }
        if changes.rejected.count > 20 { Output.note("and \(changes.rejected.count - 20) more") }
        Output.line(
            "\(changes.added.count) new, \(changes.removed.count) gone, \(changes.changed.count) changed, \(changes.unchanged) as they were, \(changes.rejected.count) rejected."
        )
        if dryRun { Output.line("Nothing was changed.") }
    }

    private func show(_ word: String, _ titles: [String]) {
        for title in titles.prefix(20) { Output.line("\(word): \(title)") }
        if titles.count > 20 { Output.line("\(word): and \(titles.count - 20) more") }
    }
}

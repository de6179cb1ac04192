import App
import ArgumentParser
import Packs

/// Writes a first pack for a text.
struct PolicyDraft: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "draft",
        abstract: "Split a policy into sentences and write a pack to edit, with proposed classes and checks.")

    @Argument(help: "The policy's exact text; - for standard input.")
    var text: String

    func run() throws {
        Output.write(try PackDraft.draft(try Input.bytes(of: text, limit: 8 << 20), catalogue: Installation.catalogue))
    }
}

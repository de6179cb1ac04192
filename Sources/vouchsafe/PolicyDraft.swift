import App
import ArgumentParser
import Kernel
import Packs

/// Writes a first pack for a text.
struct PolicyDraft: ParsableCommand, LooseVerb {
    static let configuration = CommandConfiguration(
        commandName: "draft",
        abstract: "Split a policy into sentences and write a pack to edit, with proposed classes and checks.",
        discussion: """
            The pack goes to standard output: vouchsafe policy draft policy.md > policy.yaml
            Edit it, above all where it says FILL IN, until `vouchsafe policy lint policy.yaml --text policy.md` finds \
            nothing more; then import it.
            """)

    @Argument(help: "The policy's exact text; - for standard input.")
    var text: String

    func run() throws {
        let bytes = try Input.bytes(of: text, limit: Input.textLimit)
        guard String(validating: bytes, as: UTF8.self) != nil else {
            throw Problem(
                .invalid, code: "text.encoding", "The file is not UTF-8 text.",
                hint: "Give the policy as plain text or Markdown in UTF-8.", place: Problem.Place(file: text))
        }
        do {
            Output.write(try PackDraft.draft(bytes, catalogue: Installation.catalogue))
        } catch {
            throw error.located(in: text)
        }
    }
}

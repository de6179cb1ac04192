import App
import ArgumentParser
import Commitments
import Flows
import Identity
import Kernel
import Packs
import Store

/// Makes a version of a policy current.
struct PolicyImport: AsyncParsableCommand, OrganisationVerb {
    static let permission = Permission.importPolicy
    static let configuration = CommandConfiguration(
        commandName: "import",
        abstract: "Make a version of a policy current; what it no longer promises is shown as withdrawn from then on.")

    @Argument(help: "The pack.")
    var pack: String

    @Option(help: ArgumentHelp("The policy's exact text, to be shown sentence by sentence.", valueName: "file"))
    var text: String?

    @OptionGroup var options: DataOptions

    func run() async throws {
        let bytes = try Input.bytes(of: pack, limit: Input.packLimit)
        let text = try text.map { try Input.bytes(of: $0, limit: Input.textLimit) }
        try PolicyCommand.refuse(bytes, file: pack, text: text)
        do {
            let difference = try await withOrganisation(options) { installation, tenant in
                try await installation.rooms.commitments.importPolicy(
                    pack: bytes, text: text, file: pack, into: tenant.id, as: .operator)
            }
            PolicyDiff.show(difference)
        } catch let problem as Problem where problem.code == "policy.already-current" {
            // So that a script may import what is in force again and again.
            Output.line("\(problem.message) Nothing was changed.")
        }
    }
}

import App
import ArgumentParser
import Commitments
import Flows
import Identity
import Kernel
import Packs
import Store

/// Makes an installation, or another organisation in one.
struct Init: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Make an installation with an organisation, its policies and this machine as its first host.")

    @Option(help: "The folder to keep all data in; it is made if it is missing.")
    var data: String

    @Option(help: "The organisation's name, as people know it.")
    var organisation: String

    @Option(help: ArgumentHelp("A pack to import; may be given several times.", valueName: "file"))
    var pack: [String] = []

    @Option(help: ArgumentHelp("The exact text of a pack's policy; matched to the packs by its hash.", valueName: "file"))
    var text: [String] = []

    func run() async throws {
        // Everything is read and judged before anything is made, so that a broken pack leaves nothing behind.
        let packs = try pack.map { (file: $0, bytes: try Input.bytes(of: $0, limit: 4 << 20)) }
        let texts = try text.map { try Input.bytes(of: $0, limit: 8 << 20) }
        for (file, bytes) in packs { try PolicyCommand.refuse(bytes, file: file, text: nil) }
        let folder = DataFolder(data)
        let installation = try await Installation.openOrMake(folder)
        let exists = try await installation.rooms.identity.tenants(as: .operator).contains { $0.name == organisation }
        guard !exists else {
            throw Problem(
                .conflict, code: "organisation.exists", "\(organisation) is here already.",
                hint: "Start it with `vouchsafe serve --data \(data)`.")
        }
        let tenant = try await installation.found(organisation)
        Output.line("Made \(tenant.name) in \(folder.path).")
        for (file, bytes) in packs {
            let matching = try texts.first { try PolicyCommand.isText($0, of: bytes, file: file) }
            let difference = try await installation.rooms.commitments.importPolicy(
                pack: bytes, text: matching, file: file, into: tenant.id, as: .operator)
            Output.line("Imported \(file): \(difference.new.count) commitments.")
        }
        Output.line("The key is \(folder.key). Keep a copy of it apart from the data: without it nothing can be read.")
        Output.line("Next: vouchsafe serve --data \(folder.path)")
        try await installation.close()
    }
}

import App
import ArgumentParser
import Commitments
import Flows
import Identity
import Kernel
import Packs
import Store

/// Makes an installation, or another organisation in one.
struct Init: AsyncParsableCommand, InstallationVerb {
    static let configuration = CommandConfiguration(
        abstract: "Make an installation with an organisation, its policies and this machine as its first host.")

    @Option(help: ArgumentHelp("The folder to keep all data in; it is made if it is missing.", valueName: "dir"))
    var data: String

    @OptionGroup var database: DatabaseOptions

    @Option(help: ArgumentHelp("The organisation's name, as people know it.", valueName: "name"))
    var organisation: String

    @Option(help: ArgumentHelp("A pack to import; may be given several times.", valueName: "file"))
    var pack: [String] = []

    @Option(
        help: ArgumentHelp(
            "The exact text of a pack's policy, to be shown sentence by sentence; may be given several times.",
            valueName: "file"))
    var text: [String] = []

    func run() async throws {
        // Everything is read and judged before anything is made, so that a broken pack leaves nothing behind.
        let name = try OneLine.checked(organisation, field: "organisation", longest: 100)
        let policies = try readPolicies()
        let folder = DataFolder(data)
        let site = try database.site(in: folder)
        let installation = try await Installation.openOrMake(site)
        do {
            try await fill(installation, name, with: policies)
            try await installation.close()
        } catch {
            try await installation.close()
            throw error
        }
        Output.line(
            "The key is \(site.key.place(in: folder)). Keep a copy of it apart from the data: without it nothing can be read."
        )
        Output.line("Next: vouchsafe serve --data \(folder.path)")
    }

    private func fill(_ installation: Installation, _ name: String, with policies: [ReadPolicy]) async throws {
        let exists = try await installation.rooms.identity.tenants(as: .operator).contains { $0.name == name }
        guard !exists else {
            throw Problem(
                .conflict, code: "organisation.exists", "\(name) is here already; nothing was changed.",
                hint: """
                    Start it with `vouchsafe serve --data \(data)`; `vouchsafe policy import` adds a policy to it.
                    """)
        }
        let tenant = try await installation.found(name)
        Output.line("Made \(tenant.name) in \(installation.folder.path).")
        for policy in policies {
            let difference = try await installation.rooms.commitments.importPolicy(
                pack: policy.bytes, text: policy.text, file: policy.file, into: tenant.id, as: .operator)
            Output.line("Imported \(policy.file): \(difference.new.count) commitments.")
        }
    }

    // MARK: - Reading

    private struct ReadPolicy {
        let file: String
        let bytes: [UInt8]
        let pack: Pack
        var text: [UInt8]?
    }

    private func readPolicies() throws -> [ReadPolicy] {
        var policies: [ReadPolicy] = []
        for file in pack {
            let bytes = try Input.bytes(of: file, limit: Input.packLimit)
            try PolicyCommand.refuse(bytes, file: file, text: nil)
            let pack = try PackReader.pack(from: bytes, file: file)
            if let other = policies.first(where: { $0.pack.policy.id == pack.policy.id }) {
                throw Problem(
                    .conflict, code: "policy.twice",
                    "It describes the same policy as \(other.file): \(pack.policy.id).",
                    hint: "Give one pack for each policy.", place: Problem.Place(file: file))
            }
            policies.append(ReadPolicy(file: file, bytes: bytes, pack: pack))
        }
        for file in text {
            let bytes = try Input.bytes(of: file, limit: Input.textLimit)
            guard let position = policies.firstIndex(where: { PolicyCommand.isText(bytes, of: $0.pack) }) else {
                throw Problem(
                    .invalid, code: "text.of-no-pack", "It is not the exact text of any pack given with --pack.",
                    hint: "A pack names its text by SHA-256; `vouchsafe policy lint PACK --text TEXT` compares them.",
                    place: Problem.Place(file: file))
            }
            policies[position].text = bytes
        }
        return policies
    }
}

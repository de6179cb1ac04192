import App
import ArgumentParser
import Flows
import Identity
import Kernel
import Store

/// The keys that seal everything.
struct KeysCommand: AsyncParsableCommand, VerbGroup {
    static let configuration = CommandConfiguration(
        "keys", "Show, rotate and rewrap the keys that seal everything.",
        discussion: """
            Every organisation, and the installation itself, has a data key of its own; one key-encryption key wraps them \
            all. All of this works while servers run.
            """,
        listing: [KeysStatus.self, KeysRotate.self, KeysRewrap.self], first: KeysStatus.self)

    /// The scopes that have keys, with names for people.
    static func scopes(of installation: Installation) async throws -> [(id: Identifier<Organisation>, name: String)] {
        let tenants = try await installation.rooms.identity.tenants(as: .operator)
        let names = Dictionary(tenants.map { ($0.id, $0.slug) }) { first, _ in first }
        return try await installation.database.scopes().map { scope in
            (scope, names[scope] ?? (scope == .operatorLog ? "operator-log" : "installation"))
        }
    }
}

/// Lists the keys.
struct KeysStatus: AsyncParsableCommand, InstallationVerb {
    static let configuration = CommandConfiguration(
        commandName: "status", abstract: "Show every key, its age, and how much it seals.")

    @OptionGroup var place: DataPlace

    @Option(help: "text or json.")
    var format: OutputFormat = .text

    private struct State: Encodable {
        let scope, key, madeAt: String
        let isCurrent: Bool
        let values: Int
    }

    private struct Report: Encodable {
        let keyEncryptionKey: String
        let dataKeys: [State]
    }

    func run() async throws {
        let (states, fingerprint, source) = try await withInstallation(place) { installation in
            var states: [State] = []
            for (id, name) in try await KeysCommand.scopes(of: installation) {
                for key in try await installation.database.keys(of: id).states() {
                    states.append(
                        State(
                            scope: name, key: key.id.description, madeAt: key.madeAt.description,
                            isCurrent: key.isCurrent, values: key.values))
                }
            }
            let source = installation.keySource.place(in: installation.folder)
            return (states, installation.database.keyEncryptionFingerprint, source)
        }
        switch format {
        case .json: try Output.json(Report(keyEncryptionKey: fingerprint, dataKeys: states))
        case .text:
            Output.line("Key-encryption key \(fingerprint), \(source)")
            var table = TextTable("SCOPE", "DATA KEY", "MADE", "STATE", "SEALS")
            for state in states {
                table.add(
                    state.scope, state.key, String(state.madeAt.prefix(10)), state.isCurrent ? "current" : "retiring",
                    "\(state.values) values")
            }
            for line in table.lines { Output.line(line) }
            guard states.contains(where: { !$0.isCurrent }) else { return }
            Output.line("What older keys seal is being sealed anew; `vouchsafe keys rotate --finish` does it now.")
        }
    }
}

/// Makes new data keys.
struct KeysRotate: AsyncParsableCommand, InstallationVerb {
    static let configuration = CommandConfiguration(
        commandName: "rotate", abstract: "Make a new data key, seal everything under it, and retire the old one.",
        discussion: """
            From the first moment new values are sealed under the new key. What is there already is sealed anew in small \
            batches between other changes, and the old key is destroyed when nothing is left under it. Interrupted, a \
            running server goes on with it, or the same command with --finish.
            """)

    @OptionGroup var place: DataPlace

    @Option(help: ArgumentHelp("Only this organisation's key, or installation.", valueName: "name"))
    var organisation: String?

    @Flag(help: "Make no new key: finish an earlier rotation.")
    var finish = false

    @Flag(help: "Leave the sealing anew to a running server.")
    var background = false

    func run() async throws {
        try await withInstallation(place) { installation in
            let scopes = try await KeysCommand.scopes(of: installation).filter {
                organisation == nil || $0.name == organisation
            }
            guard !scopes.isEmpty else {
                throw Problem(
                    .notFound, code: "organisation.not-found", "There is no organisation \(organisation ?? "").",
                    hint: "`vouchsafe keys status` lists them.")
            }
            for scope in scopes { try await rotate(installation.database.keys(of: scope.id), called: scope.name) }
        }
    }

    private func rotate(_ keys: KeyDesk, called name: String) async throws {
        if !finish { Output.line("\(name): new data key \(try await keys.rotate(as: .operator))") }
        guard !background else { return }
        guard try await keys.hasOlderKeys() else { return Output.line("\(name): nothing is under an older key.") }
        let progress = Progress("\(name): sealing anew")
        let done = try await keys.reseal(as: .operator) { progress.show($0, of: $1) }
        progress.end()
        Output.line("\(name): \(done) values sealed anew, the old key is retired.")
    }
}

/// Replaces the key-encryption key.
struct KeysRewrap: AsyncParsableCommand, InstallationVerb {
    static let configuration = CommandConfiguration(
        commandName: "rewrap", abstract: "Put all data keys under a new key-encryption key, at once.",
        discussion: """
            Without --to the key file is replaced by a new one; a running server of this data folder takes it up by itself. \
            With --to the new key comes from elsewhere, and every server must be started again with it by --key. Servers \
            with other data folders on the same database hold the old key until the new one is copied there: what they \
            opened before they go on serving, and nothing else.
            """)

    @OptionGroup var place: DataPlace

    @Option(help: ArgumentHelp("file, file:PATH, credential:NAME or passphrase:PATH.", valueName: "source"))
    var to: String?

    func run() async throws {
        try await withInstallation(place) { installation in
            let source = try to.map { try KeySource($0) }
            let before = installation.database.keyEncryptionFingerprint
            let fingerprint = try await installation.rewrap(to: source)
            Output.line("The key-encryption key is now \(fingerprint), it was \(before).")
            let kept = (source ?? installation.keySource).place(in: installation.folder)
            Output.line("It is \(kept). Keep a copy of it apart from the data: without it nothing can be read.")
            if installation.isShared {
                Output.line(
                    "Copy the new key to every other server on this database now: until then they cannot start, nor follow a rotation."
                )
            }
            Output.line("Backups and copies of the database from before still need the old one.")
        }
    }
}

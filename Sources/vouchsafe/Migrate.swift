import App
import ArgumentParser
import Configuration
import Foundation
import Kernel
import Store

/// Moves an installation from its file to PostgreSQL.
struct Migrate: AsyncParsableCommand, InstallationVerb {
    static let configuration = CommandConfiguration(
        abstract: "Move an installation from SQLite to PostgreSQL, ledgers and proofs intact.",
        discussion: """
            For example: vouchsafe migrate --from sqlite:DIR --to postgres://app@host/db --to-owner postgres://owner@host/db
            Stop the server first. Interrupted, the same command goes on where it stopped. At the end every ledger is verified \
            in the new database, and the old one is marked so that it is not served by accident. Proofs stay valid, byte for \
            byte. Then: vouchsafe serve --data DIR --database postgres://app@host/db
            A password in an option stands in the list of processes, where others on the machine read it: keep it in ~/.pgpass, \
            or give the addresses by VOUCHSAFE_DATABASE and VOUCHSAFE_DATABASE_OWNER.
            """)

    @Option(help: ArgumentHelp("sqlite:DIR, the data folder, or sqlite:FILE in it.", valueName: "source"))
    var from: String

    @Option(
        help: ArgumentHelp(
            "postgres://user@host/database, as the role that serves. Also VOUCHSAFE_DATABASE.", valueName: "address"))
    var to: String?

    @Option(
        help: ArgumentHelp(
            "The same database as the role that owns the tables; needed unless `vouchsafe database prepare` made them. Also VOUCHSAFE_DATABASE_OWNER.",
            valueName: "address"))
    var toOwner: String?

    @Option(help: ArgumentHelp("The data folder with the key, where it is not the source's own.", valueName: "dir"))
    var data: String?

    @Option(help: ArgumentHelp("file, file:PATH, credential:NAME or passphrase:PATH.", valueName: "source"))
    var key: String?

    func run() async throws {
        guard from.hasPrefix("sqlite:") else {
            throw ValidationError("--from takes sqlite: and the data folder or the file in it.")
        }
        guard let to = Environment.value(to, "vouchsafe.database", isSecret: true) else {
            throw ValidationError("Say where to move to: --to postgres://user@host/database, or VOUCHSAFE_DATABASE.")
        }
        let toOwner = Environment.value(toOwner, "vouchsafe.database.owner", isSecret: true)
        let path = String(from.dropFirst("sqlite:".count))
        var isFolder: ObjCBool = false
        let exists = FileManager.default.fileExists(atPath: path, isDirectory: &isFolder)
        let isFile = exists && !isFolder.boolValue
        let parent = URL(fileURLWithPath: path).deletingLastPathComponent().path
        let folder = DataFolder(data ?? (isFile ? parent : path))
        let file = isFile ? path : DataFolder(path).database
        let site = InstallationSite(
            folder: folder, database: try DatabaseChoice(to, owner: toOwner),
            key: try KeySource(Environment.value(key, "vouchsafe.key")))
        let progress = Progress("Moving")
        let result = try await Installation.migrate(file, to: site) { done in
            progress.show("\(done.rows) rows; \(done.table) of ledger \(done.scope) of \(done.scopes)")
        }
        progress.end()
        Output.line(
            "Moved \(result.rows) rows to \(result.database.product); \(result.ledgers.count) ledgers verify there:")
        for ledger in result.ledgers {
            let name = ledger.scope == .installation ? "installation" : "\(ledger.scope)"
            Output.line("  \(name): \(ledger.entries) entries, root \(ledger.root)")
        }
        Output.line("The old database is marked as moved and is not served any more.")
        Output.line("Next: vouchsafe serve --data \(folder.path) --database postgres://…")
    }
}

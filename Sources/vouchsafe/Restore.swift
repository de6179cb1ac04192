import Age
import App
import ArgumentParser
import Backups
import Kernel
import Store

/// Restores a backup.
struct Restore: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Restore a backup into an empty data folder or database, and verify all of it.",
        discussion: """
            For example: vouchsafe restore FILE --identity FILE --data DIR
            A new key is made for DIR unless --key names another. With --database (and --database-owner) it is restored to \
            PostgreSQL, whichever database it was made from. Until the last check has passed nothing serves it.
            """)

    @Argument(help: "The backup's file, or - for standard input.")
    var file: String

    @OptionGroup var identities: Identities

    @OptionGroup var place: DataPlace

    func run() async throws {
        let identities = try identities.parsed()
        let site = try place.site()
        let progress = Progress("Restoring")
        let opened = try await Installation.restore(file, with: identities, to: site) { read in
            progress.show("\(Int64(clamping: read).asSize)")
        }
        progress.end()
        let restored = opened.restored
        Output.line(
            "Restored the state of \(restored.header.madeAt): \(restored.manifest.rowCount) rows; all ledgers verify.")
        for scope in restored.manifest.scopes {
            let name = scope.organisation == .installation ? "installation" : "\(scope.organisation)"
            Output.line("  \(name): \(scope.entries) entries, root \(scope.root)")
        }
        Output.line(
            "The key is \(site.key.place(in: site.folder)). Keep a copy of it apart from the data: without it nothing can be read."
        )
        var next = "vouchsafe serve --data \(site.folder.path)"
        if case .postgreSQL = site.database { next += " --database postgres://…" }
        Output.line("Next: \(next)")
    }
}

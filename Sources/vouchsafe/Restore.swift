import Age
import App
import ArgumentParser
import Backups
import Kernel
import Ledger
import Store

/// Restores a backup.
struct Restore: AsyncParsableCommand, InstallationVerb {
    static let configuration = CommandConfiguration(
        abstract: "Restore a backup into an empty data folder or database, and verify all of it.",
        discussion: """
            For example: vouchsafe restore FILE --identity FILE --data DIR
            A new key is made for DIR unless --key names another. With --database (and --database-owner) it is restored to \
            PostgreSQL, whichever database it was made from. Until the last check has passed nothing serves it.
            Who seals a backup is not in it: anyone who knows a recipient can make one. Say which file you mean, by the \
            SHA-256 that `vouchsafe backup` has shown, or by a receipt of `vouchsafe backup verify`:
            vouchsafe restore FILE --identity FILE --data DIR --sha256 HEX
            vouchsafe restore FILE --identity FILE --data DIR --receipt FILE --trust VKEY
            """)

    @Argument(help: "The backup's file, or - for standard input.")
    var file: String

    @OptionGroup var identities: Identities

    @OptionGroup var place: DataPlace

    @Option(
        help: ArgumentHelp("The SHA-256 of the file that is meant; another is refused.", valueName: "hex"))
    var sha256: String?

    @Option(
        help: ArgumentHelp("A receipt of `vouchsafe backup verify` for the file that is meant.", valueName: "file"))
    var receipt: String?

    @Option(help: ArgumentHelp("The key that signed the receipt.", valueName: "vkey"))
    var trust: String?

    func validate() throws {
        guard (receipt == nil) == (trust == nil) else {
            throw ValidationError("--receipt and --trust go together: a receipt counts by the key that signed it.")
        }
        guard sha256.map({ [UInt8](hex: $0.lowercased())?.count == 32 }) ?? true else {
            throw ValidationError("--sha256 takes 64 hexadecimal digits, as `vouchsafe backup list` shows them.")
        }
    }

    func run() async throws {
        let identities = try identities.parsed()
        let site = try place.site()
        let expected = try expected()
        let opened = try await Interruption.cancelling {
            let progress = Progress("Restoring")
            defer { progress.end() }
            return try await Installation.restore(file, with: identities, to: site, expecting: expected) { read in
                progress.show("\(Int64(clamping: read).asSize)")
            }
        }
        let restored = opened.restored
        Output.line(
            "Restored the state of \(restored.header.madeAt): \(restored.manifest.rowCount) rows; all ledgers verify.")
        for (scope, key) in zip(restored.manifest.scopes, opened.keys) {
            let name = scope.organisation == .installation ? "installation" : "\(scope.organisation)"
            Output.line("  \(name): \(scope.entries) entries, root \(scope.root), key \(key.text)")
        }
        Output.line("SHA-256 \(opened.sha256)")
        if expected.isEmpty {
            Output.line(
                """
                Nothing was named that tells this backup from a forged one. Before you serve it, compare the SHA-256 with the \
                one that was shown when the backup was made, or the keys with those that you handed out.
                """)
        }
        Output.line(
            "The key is \(site.key.place(in: site.folder)). Keep a copy of it apart from the data: without it nothing can be read."
        )
        var next = "vouchsafe serve --data \(site.folder.path)"
        if case .postgreSQL = site.database { next += " --database postgres://…" }
        Output.line("Next: \(next)")
    }

    /// What the SHA-256 of the file must be, by each thing that was said about it.
    private func expected() throws -> [String] {
        var expected = [sha256].compactMap { $0?.lowercased() }
        guard let receipt, let trust else { return expected }
        let verifier = try NoteVerifier(parsing: trust)
        let bytes = try Input.bytes(of: receipt, limit: RestoreReceipt.sizeLimit)
        do {
            let text = try SignedNote(parsing: bytes).text(signedBy: [verifier])
            expected.append(try RestoreReceipt(parsing: String(decoding: text, as: UTF8.self)).sha256)
        } catch {
            throw error.located(in: receipt)
        }
        return expected
    }
}

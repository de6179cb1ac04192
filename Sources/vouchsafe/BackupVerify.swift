import Age
import App
import ArgumentParser
import Backups
import Foundation
import Kernel
import Ledger

/// Restores a backup elsewhere, to see whether that works.
struct BackupVerify: AsyncParsableCommand, LooseVerb {
    static let configuration = CommandConfiguration(
        commandName: "verify",
        abstract: "Restore a backup into a scratch database, verify all of it, and sign a receipt.",
        discussion: """
            Run it on another machine than the server: the identity that opens backups should not be there. The scratch \
            database lies in TMPDIR, sealed under a key that only this process has, and is removed afterwards.
            With --signing-key the result is a receipt on standard output, for `vouchsafe backup record` on the server.
            """)

    @Argument(help: "The backup's file, or - for standard input.")
    var file: String

    @OptionGroup var identities: Identities

    @Option(
        help: ArgumentHelp(
            "The key that signs the receipt, made with `vouchsafe backup verifier-key`.", valueName: "file"))
    var signingKey: String?

    func run() async throws {
        let identities = try identities.parsed()
        let signer = try signer()
        let receipt = try await Interruption.cancelling {
            let progress = Progress("Restoring")
            defer { progress.end() }
            return try await Installation.tryRestoring(file, with: identities) { read in
                progress.show("\(Int64(clamping: read).asSize)")
            }
        }
        let said = """
            The backup of \(receipt.madeAt) restores and verifies: \(receipt.ledgers.count) ledgers, \(receipt.rows) rows.
            SHA-256 \(receipt.sha256)
            """
        guard let signer else { return Output.line(said) }
        Output.note(said)
        Output.write(try signer.sign(Array(receipt.text.utf8)).encoded)
    }

    private func signer() throws -> NoteSigner? {
        guard let signingKey else { return nil }
        let bytes = try Input.bytes(of: signingKey, limit: 4096)
        do {
            return try NoteSigner(parsingSecret: String(decoding: bytes, as: UTF8.self))
        } catch {
            throw error.located(in: signingKey)
        }
    }
}

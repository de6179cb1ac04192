import App
import ArgumentParser
import Identity
import Kernel
import Ledger
import Store

/// Writes an organisation's whole record for somebody who checks it elsewhere.
struct Export: AsyncParsableCommand, OrganisationVerb {
    static let permission = Permission.readLedger
    /// Whom an export is made for, which decides what is in it.
    enum Audience: String, ExpressibleByArgument, CaseIterable {
        /// Everything, in plaintext, with the ledger.
        case auditor
    }

    static let configuration = CommandConfiguration(
        abstract: "Write the whole record of an organisation with its ledger, checkable offline.",
        discussion: """
            For example: vouchsafe export --for auditor --to record.jsonl --data DIR
            Check it with: vouchsafe verify record.jsonl --key VKEY, where VKEY is what `vouchsafe ledger key` shows. \
            The file is JSON lines; docs/export-format.md describes them.

            It holds everything that is stored and not erased, in plaintext: hand it over as such. That it was made stands \
            in the ledger, and in the file.
            """)

    @Option(name: .customLong("for"), help: "Whom it is for: auditor.")
    var audience: Audience

    @Option(help: ArgumentHelp("The file to write, for its owner only; - for standard output.", valueName: "file"))
    var to: String

    @OptionGroup var options: DataOptions

    func run() async throws {
        let exported = try await withOrganisation(options) { installation, tenant in
            let file = try NewFile(at: to)
            do {
                let exported = try await write(installation.database.ledger(of: tenant.id), to: file)
                try file.keep()
                return exported
            } catch {
                file.discard()
                throw error
            }
        }
        // On standard output it would stand behind the export's last line.
        Output.note(
            """
            Exported \(exported.entries) entries, \(exported.rows) rows and \(exported.residues) digests of rows that were \
            replaced or erased.
            """)
    }

    private func write(_ ledger: LedgerDesk, to file: NewFile) async throws -> VerifiedExport {
        let progress = Progress("Exporting entries")
        defer { progress.end() }
        return try await ledger.export(as: .operator, progress: { progress.show(Int($0), of: Int($1)) }) { bytes in
            try file.write(bytes)
        }
    }
}

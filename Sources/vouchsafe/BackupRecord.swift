import App
import ArgumentParser
import Backups
import Flows
import Kernel
import Ledger
import Store

/// Records the receipt of a restore that was tried elsewhere.
struct BackupRecord: AsyncParsableCommand, InstallationVerb {
    static let configuration = CommandConfiguration(
        commandName: "record", abstract: "Record the signed receipt of somebody who restored a backup.")

    @Argument(help: "The receipt's file, or - for standard input.")
    var receipt: String

    @OptionGroup var place: DataPlace

    func run() async throws {
        let bytes = try Input.bytes(of: receipt, limit: RestoreReceipt.sizeLimit)
        let recorded = try await withInstallation(place) {
            try await $0.rooms.backups.record(receipt: bytes, as: .operator)
        }
        Output.line(
            "Recorded: \(recorded.receipt.verifier) restored the backup of \(recorded.backup.madeAt) on \(recorded.receipt.verifiedAt)."
        )
    }
}

import App
import ArgumentParser
import Backups
import Flows
import Kernel
import Store

/// Lists the backups.
struct BackupList: AsyncParsableCommand, InstallationVerb {
    static let configuration = CommandConfiguration(
        commandName: "list", abstract: "List the backups that were made, newest first.")

    @OptionGroup var place: DataPlace

    @Option(help: "text or json.")
    var format: OutputFormat = .text

    private struct Result: Encodable {
        let madeAt: Instant
        let size: UInt64
        let sha256, reason: String
        let file: String?
        let recipients: [String]
        let removedAt: Instant?
        let verified: [Verification]
    }

    private struct Verification: Encodable {
        let at: Instant
        let by: String
    }

    func run() async throws {
        let known = try await withInstallation(place) { try await $0.rooms.backups.backups(as: .operator) }
        switch format {
        case .json:
            try Output.json(
                known.map { known in
                    Result(
                        madeAt: known.backup.madeAt, size: known.backup.size, sha256: known.backup.sha256,
                        reason: known.backup.reason.rawValue, file: known.backup.file,
                        recipients: known.backup.recipients, removedAt: known.backup.removedAt,
                        verified: known.receipts.map { Verification(at: $0.verifiedAt, by: $0.verifier) })
                })
        case .text:
            guard !known.isEmpty else { return Output.line("No backup was made yet.") }
            var table = TextTable("MADE", "SIZE", "VERIFIED", "FILE")
            for known in known {
                let newest = known.receipts.last.map { "\($0.verifiedAt) by \($0.verifier)" } ?? "never"
                let file = known.backup.file ?? "standard output"
                table.add(
                    "\(known.backup.madeAt)", Int64(clamping: known.backup.size).asSize, newest,
                    known.backup.removedAt == nil ? file : "\(file) (removed)")
            }
            for line in table.lines { Output.line(line) }
        }
    }
}

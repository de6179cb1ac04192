import App
import ArgumentParser
import Backups
import Flows
import Foundation
import Kernel
import Store

/// Makes a backup now.
struct BackupMake: AsyncParsableCommand, InstallationVerb {
    static let configuration = CommandConfiguration(
        commandName: "make", abstract: "Make a backup now, while the server goes on.")

    @OptionGroup var place: DataPlace

    @Option(help: ArgumentHelp("The file to write, or - for standard output.", valueName: "file"))
    var to: String

    @OptionGroup var recipients: Recipients

    @Flag(help: "Write text instead of bytes.")
    var armour = false

    func run() async throws {
        let recipients = try recipients.parsed()
        guard !recipients.isEmpty else {
            throw ValidationError("Say who can open the backup: --recipient age1… (`age-keygen` makes a pair).")
        }
        let progress = Progress("Backing up")
        let backup = try await withInstallation(place) { installation in
            try await installation.rooms.backups.make(
                to: to == "-" ? .stream(STDOUT_FILENO) : .file(to), for: recipients, isArmoured: armour,
                program: Vouchsafe.version, as: .operator
            ) { progress.show("\(Int64(clamping: $0).asSize)") }
        }
        progress.end()
        let said = """
            Backed up \(backup.ledgers.count) ledgers, \(backup.rows) rows: \(Int64(clamping: backup.size).asSize).
            SHA-256 \(backup.sha256)
            """
        if to == "-" { Output.note(said) } else { Output.line(said) }
    }
}

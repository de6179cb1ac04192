import Age
import App
import ArgumentParser
import Backups
import Flows
import Kernel
import Store

/// Checks a backup's file without opening it.
struct BackupCheck: AsyncParsableCommand, InstallationVerb {
    static let configuration = CommandConfiguration(
        commandName: "check", abstract: "Check without an identity that a file is a whole backup that was made here.",
        discussion: """
            Looks at the framing of the age file and compares its SHA-256 with what was recorded when it was made. That it can \
            be restored only `vouchsafe backup verify` can tell, where an identity is.
            """)

    @Argument(help: "The backup's file.")
    var file: String

    @OptionGroup var place: DataPlace

    func run() async throws {
        let (backup, outline) = try await withInstallation(place) {
            try await $0.rooms.backups.check(file, as: .operator)
        }
        Output.line(
            "\(file) is the backup of \(backup.madeAt), unchanged: \(Int64(clamping: backup.size).asSize), \(backup.rows) rows."
        )
        Output.line(
            "It opens for \(outline.recipientTypes.count) recipients: \(backup.recipients.joined(separator: ", "))")
    }
}

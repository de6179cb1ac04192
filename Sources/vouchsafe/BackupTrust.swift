import App
import ArgumentParser
import Backups
import Flows
import Kernel
import Ledger
import Store

/// Says whose receipts count.
struct BackupTrust: AsyncParsableCommand, InstallationVerb {
    static let configuration = CommandConfiguration(
        commandName: "trust", abstract: "Let the receipts of a verifier count, or show whose do.")

    @Argument(
        help: ArgumentHelp("What `vouchsafe backup verifier-key` has shown; nothing, to list them.", valueName: "vkey"))
    var key: String?

    @OptionGroup var place: DataPlace

    @Flag(help: "Let its receipts count no longer.")
    var remove = false

    func run() async throws {
        try await withInstallation(place) { installation in
            let backups = installation.rooms.backups
            guard let key else {
                for verifier in try await backups.trustedVerifiers(as: .operator) { Output.line(verifier.key) }
                return
            }
            if remove {
                try await backups.distrust(key, as: .operator)
                return Output.line("Its receipts count no longer; those that were recorded stay.")
            }
            let verifier = try await backups.trust(key, as: .operator)
            Output.line("The receipts of \(verifier.name) count.")
        }
    }
}

import Age
import App
import ArgumentParser
import Backups
import Kernel
import Ledger

/// Backups of the installation.
struct BackupCommand: AsyncParsableCommand, VerbGroup {
    static let configuration = CommandConfiguration(
        "backup", "Back up the installation, and know which backups were restored elsewhere.",
        discussion: """
            For example: vouchsafe backup --data DIR --to FILE --recipient age1…
            A backup is an age file (age-encryption.org) that only its recipients can open; the server cannot. It holds every \
            organisation with its keys and is read by `vouchsafe restore`. Keep the identity of at least one recipient apart.
            """,
        listing: [
            BackupMake.self, BackupList.self, BackupCheck.self, BackupVerify.self, BackupVerifierKey.self,
            BackupTrust.self, BackupRecord.self, BackupScheduleCommand.self,
        ], first: BackupMake.self)
}

/// Who can open a backup.
struct Recipients: ParsableArguments {
    @Option(
        name: .customLong("recipient"),
        help: ArgumentHelp("Who can open it: an age recipient; may be given several times.", valueName: "age1…"))
    var texts: [String] = []

    func parsed() throws -> [AgeRecipient] { try texts.map { try AgeRecipient(parsing: $0) } }
}

/// What opens a backup.
struct Identities: ParsableArguments {
    @Option(
        name: .customLong("identity"),
        help: ArgumentHelp("The file with the age identity (AGE-SECRET-KEY-1…) that opens it.", valueName: "file"))
    var file: String

    func parsed() throws -> [AgeIdentity] {
        let bytes = try Input.bytes(of: file, limit: 1 << 20)
        do { return try AgeIdentity.list(String(decoding: bytes, as: UTF8.self)) } catch {
            throw error.located(in: file)
        }
    }
}

extension Int64 {
    /// A size for people: `12.3 MB`.
    var asSize: String {
        let units: [(Int64, String)] = [(1_000_000_000, "GB"), (1_000_000, "MB"), (1000, "kB")]
        for (size, unit) in units where self >= size { return "\(self / size).\(self % size * 10 / size) \(unit)" }
        return "\(self) bytes"
    }
}

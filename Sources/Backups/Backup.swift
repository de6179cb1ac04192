import Kernel
import Store

/// A backup that was made: what the server knows of a file that it cannot open.
public struct Backup: Record, Codable, Hashable {
    /// Who wanted it.
    public enum Reason: String, Codable, Sendable {
        /// Somebody asked for it.
        case asked
        /// It was due.
        case scheduled
    }

    /// The ledger of one scope, as it is in the backup.
    public struct Ledger: Codable, Hashable, Sendable {
        /// Whose ledger it is.
        public let scope: Identifier<Organisation>
        /// How many entries it has.
        public let entries: UInt64
        /// The root over all of them, in base64.
        public let root: String
    }

    /// Its identifier, unique within the organisation.
    public let id: Identifier<Backup>
    /// The moment whose state it holds.
    public let madeAt: Instant
    /// The size of the age file in bytes.
    public let size: UInt64
    /// The SHA-256 of the age file, in hexadecimal digits.
    public let sha256: String
    /// Who can open it: age recipients.
    public let recipients: [String]
    /// Who wanted it.
    public let reason: Reason
    /// The file that it was written to; `nil` if it went to standard output.
    public let file: String?
    /// The server that wrote the file, if it was scheduled.
    public let node: String?
    /// The ledgers that are in it.
    public let ledgers: [Ledger]
    /// How many rows are in it.
    public let rows: Int
    /// When its file was removed because newer ones are kept; `nil` while it was not.
    public let removedAt: Instant?

    /// Where its rows lie.
    public static let table = RecordTable(
        "backup",
        indexColumns: [.integer("made_at"), .blob("sha256"), .text("reason"), .integer("removed_at").optional],
        indexes: [TableDefinition.Index("made_at"), TableDefinition.Index("sha256", isUnique: true)])

    /// The values of `table.indexColumns`, in that order.
    public var indexColumns: [SQLValue] {
        [
            .integer(madeAt.milliseconds), .blob([UInt8](hex: sha256) ?? []), .text(reason.rawValue),
            removedAt.map { .integer($0.milliseconds) } ?? .null,
        ]
    }

    func removed(at moment: Instant) -> Backup {
        Backup(
            id: id, madeAt: madeAt, size: size, sha256: sha256, recipients: recipients, reason: reason, file: file,
            node: node, ledgers: ledgers, rows: rows, removedAt: moment)
    }
}

/// That backups are made regularly: how often, where to, for whom, and how many are kept.
public struct BackupSchedule: Record, Codable, Hashable {
    /// There is one of an installation at most.
    public let id: Identifier<BackupSchedule>
    /// The time from one backup to the next, 15 minutes to 31 days.
    public let every: Period
    /// The folder that they are written to.
    public let folder: String
    /// How many are kept, 1…10,000; the newest verified one besides.
    public let keep: Int
    /// Who can open them: age recipients.
    public let recipients: [String]
    /// When this was decided.
    public let setAt: Instant

    /// Where its rows lie.
    public static let table = RecordTable("backup_schedule")
    static let only = Identifier<BackupSchedule>(high: 0, low: 1)

    /// The values of `table.indexColumns`, in that order.
    public var indexColumns: [SQLValue] { [] }
}

/// Somebody whose word counts that a backup could be restored: the key that signs their receipts.
public struct TrustedVerifier: Record, Codable, Hashable {
    /// Its identifier, unique within the organisation.
    public let id: Identifier<TrustedVerifier>
    /// The verifier key, `name+id+key` (c2sp.org/signed-note).
    public let key: String
    /// Since when receipts of this key count.
    public let trustedAt: Instant

    /// Where its rows lie.
    public static let table = RecordTable("backup_verifier")

    /// The values of `table.indexColumns`, in that order.
    public var indexColumns: [SQLValue] { [] }
}

/// A receipt that was accepted: a backup was restored elsewhere, and everything in it held.
public struct RecordedReceipt: Record, Codable, Hashable {
    /// Its identifier, unique within the organisation.
    public let id: Identifier<RecordedReceipt>
    /// The backup that was restored.
    public let backup: Identifier<Backup>
    /// The name of the key that signed.
    public let verifier: String
    /// When it was restored, by the verifier's clock.
    public let verifiedAt: Instant
    /// The signed note, word for word.
    public let note: String

    /// Where its rows lie.
    public static let table = RecordTable(
        "backup_receipt", indexColumns: [.blob("backup"), .integer("verified_at")],
        indexes: [TableDefinition.Index("backup")])

    /// The values of `table.indexColumns`, in that order.
    public var indexColumns: [SQLValue] { [.blob(backup.bytes), .integer(verifiedAt.milliseconds)] }
}

import Age
import Kernel
import Ledger
import Store

/// A backup that was opened with an identity and loaded into a database.
public struct OpenedBackup: Sendable {
    /// What the restore ended with.
    public let restored: Restoration.Result
    /// The SHA-256 of the age file, in hexadecimal digits.
    public let sha256: String
    /// The size of the age file in bytes.
    public let size: UInt64

    /// Loads the backup in the file at `path`, or standard input for `-`, by way of `restoration`, with memory for a few
    /// megabytes however large it is.
    ///
    /// - Parameter read: Called with the number of bytes of the file that were read so far.
    /// - Throws: `Problem` `age.…` if no identity opens it or it was changed, `dump.…` if it is no whole dump, `restore.unverified`.
    public init(
        _ path: String, with identities: [AgeIdentity], by restoration: Restoration,
        read report: @Sendable (UInt64) -> Void = { _ in }
    ) async throws {
        var restoration = restoration
        var reading = try BackupReading(path)
        var age = AgeDecryptor(with: identities)
        var plaintext: [UInt8] = []
        while let piece = try reading.next() {
            try age.open(piece, into: &plaintext)
            try await restoration.take(plaintext)
            plaintext.removeAll(keepingCapacity: true)
            report(reading.size)
        }
        try age.finish(into: &plaintext)
        try await restoration.take(plaintext)
        restored = try await restoration.finish()
        sha256 = reading.sha256
        size = reading.size
    }

    /// What there is to say about it after everything in it was verified.
    public func receipt(at now: Instant) -> RestoreReceipt {
        RestoreReceipt(
            sha256: sha256, size: size, madeAt: restored.header.madeAt, rows: restored.manifest.rowCount,
            ledgers: restored.manifest.scopes.map {
                Backup.Ledger(scope: $0.organisation, entries: $0.entries, root: $0.root)
            }, verifiedAt: now)
    }
}

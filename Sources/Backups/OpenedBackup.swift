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
    /// The key of each ledger, in the order of the manifest: whose backup it is, for whoever knows these keys from elsewhere.
    public let keys: [NoteVerifier]

    /// Loads the backup in the file at `path`, or standard input for `-`, by way of `restoration`, with memory for a few
    /// megabytes however large it is.
    ///
    /// - Parameters:
    ///   - expected: What the file's SHA-256 must be, in hexadecimal digits. A seal does not tell who made it: recipients are public.
    ///   - report: Called with the number of bytes of the file that were read so far.
    /// - Throws: `Problem` `age.…` if no identity opens it or it was changed, `restore.other-file` if it is another file,
    ///   `dump.…` if it is no whole dump, `restore.unverified`.
    public init(
        _ path: String, with identities: [AgeIdentity], by restoration: Restoration, expecting expected: [String] = [],
        read report: @Sendable (UInt64) -> Void = { _ in }
    ) async throws {
        var restoration = restoration
        var reading = try BackupReading(path)
        var age = AgeDecryptor(with: identities)
        var plaintext: [UInt8] = []
        while let piece = try reading.next() {
            try Task.checkCancellation()
            try age.open(piece, into: &plaintext)
            try await restoration.take(plaintext)
            plaintext.removeAll(keepingCapacity: true)
            report(reading.size)
        }
        try age.finish(into: &plaintext)
        try await restoration.take(plaintext)
        // Before the mark is taken away that keeps the database from being served.
        for one in expected where one != reading.sha256 {
            throw Problem(
                .refused, code: "restore.other-file",
                "The file is another one than was named: its SHA-256 is \(reading.sha256), not \(one).",
                hint: "Look for the right file, and for who put this one there. Nothing of it is used.",
                place: Problem.Place(file: path))
        }
        let restored = try await restoration.finish()
        var keys: [NoteVerifier] = []
        for scope in restored.manifest.scopes {
            keys.append(try await restored.database.ledger(of: scope.organisation).verifier())
        }
        self.restored = restored
        self.keys = keys
        self.sha256 = reading.sha256
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

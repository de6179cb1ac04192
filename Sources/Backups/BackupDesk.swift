import Age
import Foundation
import Kernel
import Ledger
import Store

/// Makes backups, knows which there are, and takes the word of those who restored one elsewhere.
public struct BackupDesk: Sendable {
    let database: Database
    let clock: WallClock
    let randomness: Randomness

    /// A desk over `database`.
    public init(database: Database, clock: WallClock, randomness: Randomness) {
        self.database = database
        self.clock = clock
        self.randomness = randomness
    }

    /// The record tables of this room, for the ledger's verification.
    public static let tables = [Backup.table, BackupSchedule.table, TrustedVerifier.table, RecordedReceipt.table]

    /// The schema of this room.
    public static let migrations = [
        Migration("backups.1", creates: tables.map(\.definition))
    ]

    // MARK: - Making

    /// Makes a backup of everything as of now, while changes go on, and records it.
    ///
    /// - Parameters:
    ///   - recipients: Who can open it; the server cannot, unless it holds one of their identities.
    ///   - isArmoured: Whether the file is to be text.
    ///   - node: The name of the server that writes the file and will remove it.
    ///   - program: The version of this program, for the dump's header.
    ///   - report: Called with the number of bytes that were written so far.
    /// - Throws: `Problem` `backup.exists`, `backup.unwritable`, `age.…`, or what the database throws; no file is left then.
    ///   `backup.unrecorded` (unavailable) if the file is complete and only its record could not be written: what somebody asked
    ///   for is theirs to keep or remove, a scheduled one is removed.
    public func make(
        to destination: BackupDestination, for recipients: [AgeRecipient], isArmoured: Bool = false,
        reason: Backup.Reason = .asked, node: String? = nil, program: String, as principal: Principal,
        written report: @escaping @Sendable (UInt64) -> Void = { _ in }
    ) async throws -> Backup {
        let file = try BackupFile(destination, for: recipients, isArmoured: isArmoured, randomness: randomness)
        let dump: (header: DumpHeader, manifest: DumpManifest)
        let written: (size: UInt64, sha256: String)
        do {
            dump = try await database.dump(program: program) { report(try file.write($0)) }
            written = try file.finish()
        } catch {
            file.abandon()
            throw error
        }
        var path: String?
        if case .file(let name) = destination { path = URL(fileURLWithPath: name).standardizedFileURL.path }
        do {
            return try await record(
                dump, written, to: path, for: recipients, reason: reason, node: node, as: principal)
        } catch {
            return try await recover(from: error, written.sha256, path, reason, as: principal)
        }
    }

    private func record(
        _ dump: (header: DumpHeader, manifest: DumpManifest), _ written: (size: UInt64, sha256: String),
        to path: String?, for recipients: [AgeRecipient], reason: Backup.Reason, node: String?, as principal: Principal
    ) async throws -> Backup {
        try await database.installation(as: principal).change("backup.made") { change in
            let backup = Backup(
                id: change.newIdentifier(), madeAt: dump.header.madeAt, size: written.size, sha256: written.sha256,
                recipients: recipients.map(\.text), reason: reason, file: path, node: node,
                ledgers: dump.manifest.scopes.map {
                    Backup.Ledger(scope: $0.organisation, entries: $0.entries, root: $0.root)
                }, rows: dump.manifest.rowCount, removedAt: nil)
            return try change.insert(backup).record
        }
    }

    /// Sees to a whole file whose record met `failure`. A record without a file would pass for a fresh backup, so the file goes
    /// only where it is certain that there is no record.
    private func recover(
        from failure: any Error, _ sha256: String, _ path: String?, _ reason: Backup.Reason, as principal: Principal
    ) async throws -> Backup {
        let isUnrecorded: Bool
        do {
            if let recorded = try await find(sha256: sha256, as: principal) { return recorded }
            isUnrecorded = true
        } catch { isUnrecorded = false }
        guard let path else { throw failure }
        if reason == .scheduled, isUnrecorded {
            unlink(path)
            throw failure
        }
        throw Problem(
            .unavailable, code: "backup.unrecorded",
            "The backup is complete, but it could not be recorded: `backup check` and the checks of freshness may not know it.",
            hint: "Keep the file, with its SHA-256 \(sha256), or remove it; then make another.",
            place: Problem.Place(file: path), cause: "\(failure)")
    }

    // MARK: - Knowing

    /// A backup and who restored it.
    public struct Known: Sendable {
        /// The backup.
        public let backup: Backup
        /// The receipts for it, oldest first.
        public let receipts: [RecordedReceipt]
    }

    /// The backups that were made, newest first.
    public func backups(as principal: Principal) async throws -> [Known] {
        try await database.installation(as: principal).read { view in
            let receipts = Dictionary(
                grouping: try view.list(RecordedReceipt.self, Query(order: "verified_at")).map(\.record), by: \.backup)
            return try view.list(Backup.self, Query(order: "made_at DESC, id DESC")).map { stored in
                Known(backup: stored.record, receipts: receipts[stored.record.id] ?? [])
            }
        }
    }

    /// When the newest backup and the newest verified one were made; `nil` where there is none.
    public func newest(as principal: Principal) async throws -> (made: Instant?, verified: Instant?) {
        let known = try await backups(as: principal)
        return (known.first?.backup.madeAt, known.first { !$0.receipts.isEmpty }?.backup.madeAt)
    }

    /// Checks a file without being able to open it: that it is an age file of a possible length, and by its hash that it is,
    /// byte for byte, a backup that was made here.
    ///
    /// - Throws: `Problem` `age.…` for what is no whole age file, `backup.unknown` (refused).
    public func check(_ path: String, as principal: Principal) async throws -> (
        backup: Backup, outline: AgeFraming.Outline
    ) {
        var reading = try BackupReading(path)
        var framing = AgeFraming()
        while let piece = try reading.next() { try framing.read(piece) }
        let outline = try framing.finish()
        guard let backup = try await find(sha256: reading.sha256, as: principal) else {
            throw Problem(
                .refused, code: "backup.unknown", "This is not a backup that was made here, or it was changed since.",
                hint: "`vouchsafe backup list` shows the backups with their sizes and SHA-256.",
                place: Problem.Place(file: path))
        }
        return (backup, outline)
    }

    private func find(sha256: String, as principal: Principal) async throws -> Backup? {
        guard let hash = [UInt8](hex: sha256), hash.count == 32 else { return nil }
        return try await database.installation(as: principal).read { view in
            try view.list(Backup.self, Query("sha256 = ?", [.blob(hash)], limit: 1)).first?.record
        }
    }

    // MARK: - The word of others

    /// Lets the receipts of a key count.
    ///
    /// - Parameter key: The verifier key, `name+id+key`.
    /// - Throws: `Problem` `note.key` (invalid), `backup.trusted` (conflict) if it counts already.
    @discardableResult
    public func trust(_ key: String, as principal: Principal) async throws -> NoteVerifier {
        let verifier = try NoteVerifier(parsing: key)
        try await database.installation(as: principal).change("backup-verifier.trusted") { change in
            guard try !change.view.list(TrustedVerifier.self).contains(where: { $0.record.key == verifier.text }) else {
                throw Problem(.conflict, code: "backup.trusted", "The receipts of \(verifier.name) count already.")
            }
            try change.insert(
                TrustedVerifier(id: change.newIdentifier(), key: verifier.text, trustedAt: change.now))
        }
        return verifier
    }

    /// Lets the receipts of a key count no longer; those that were recorded stay.
    ///
    /// - Throws: `Problem` `backup.not-trusted` (notFound).
    public func distrust(_ key: String, as principal: Principal) async throws {
        let verifier = try NoteVerifier(parsing: key)
        try await database.installation(as: principal).change("backup-verifier.dropped") { change in
            guard
                let stored = try change.view.list(TrustedVerifier.self).first(where: { $0.record.key == verifier.text })
            else {
                throw Problem(
                    .notFound, code: "backup.not-trusted", "The receipts of \(verifier.name) do not count here.")
            }
            try change.delete(stored)
        }
    }

    /// The keys whose receipts count, oldest first.
    public func trustedVerifiers(as principal: Principal) async throws -> [TrustedVerifier] {
        try await database.installation(as: principal).read { view in
            try view.list(TrustedVerifier.self).map(\.record).sorted { $0.trustedAt < $1.trustedAt }
        }
    }

    /// Records the signed word of somebody who restored a backup. May be repeated.
    ///
    /// - Throws: `Problem` (refused): `note.…` unless a trusted key signed exactly this, `receipt.…` if it is not about a backup
    ///   that was made here, or states other ledgers than are in it.
    @discardableResult
    public func record(receipt bytes: [UInt8], as principal: Principal) async throws -> (
        receipt: RecordedReceipt, backup: Backup
    ) {
        let note = try SignedNote(parsing: bytes)
        let trusted = try await trustedVerifiers(as: principal).map { try NoteVerifier(parsing: $0.key) }
        guard !trusted.isEmpty else {
            throw Problem(
                .refused, code: "receipt.untrusted", "No verifier's receipts count here yet.",
                hint: "Name one with `vouchsafe backup trust VKEY`.")
        }
        let text = try note.text(signedBy: trusted)
        let signer = trusted.first { key in (try? note.text(signedBy: [key])) != nil } ?? trusted[0]
        let receipt = try RestoreReceipt(parsing: String(decoding: text, as: UTF8.self))
        guard let backup = try await find(sha256: receipt.sha256, as: principal) else {
            throw Problem(
                .refused, code: "receipt.unknown-backup", "The receipt is about a backup that was not made here.",
                hint: "Record it with the installation that the backup is of.")
        }
        guard receipt.size == backup.size, receipt.madeAt == backup.madeAt, receipt.rows == backup.rows,
            receipt.ledgers == backup.ledgers
        else {
            throw Problem(
                .refused, code: "receipt.differs", "The receipt states another content than the backup was made with.",
                hint: "Ask \(signer.name) what was restored.")
        }
        let recorded = try await database.installation(as: principal).change(
            "backup.verified", on: "backup:\(backup.id)"
        ) { change in
            guard receipt.verifiedAt <= change.now + .minutes(10) else {
                throw Problem(
                    .refused, code: "receipt.future", "The receipt was signed in the future, on \(receipt.verifiedAt).",
                    hint: "Put the clocks of both machines right.")
            }
            let note = String(decoding: note.encoded, as: UTF8.self)
            let known = try change.view.list(RecordedReceipt.self, Query("backup = ?", [.blob(backup.id.bytes)]))
            if let same = known.first(where: { $0.record.note == note }) { return same.record }
            return try change.insert(
                RecordedReceipt(
                    id: change.newIdentifier(), backup: backup.id, verifier: signer.name,
                    verifiedAt: receipt.verifiedAt, note: note)
            ).record
        }
        return (recorded, backup)
    }
}

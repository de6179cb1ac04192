import Age
import Foundation
import Kernel
import Store

extension BackupDesk {
    /// The schedule; `nil` if no backups are made by themselves.
    public func schedule(as principal: Principal) async throws -> BackupSchedule? {
        try await database.installation(as: principal).read { view in
            try view.find(BackupSchedule.self, BackupSchedule.only)?.record
        }
    }

    /// Has backups made regularly.
    ///
    /// - Parameters:
    ///   - every: 15 minutes to 31 days.
    ///   - folder: Where to; it must be there on every server that runs jobs.
    ///   - keep: How many are kept, 1…10,000, the newest verified one besides.
    /// - Throws: `Problem` `backup.schedule` (invalid).
    public func setSchedule(
        every: Period, to folder: String, keep: Int, for recipients: [AgeRecipient], as principal: Principal
    ) async throws {
        guard every >= .minutes(15), every <= .days(31) else {
            throw Self.unfit("Backups can be made every 15 minutes to every 31 days.", "Give --every 24h.")
        }
        guard (1...10_000).contains(keep) else {
            throw Self.unfit("1 to 10,000 backups can be kept.", "Give --keep 14.")
        }
        guard !recipients.isEmpty else { throw Self.unfit("Nobody could open the backups.", "Give --recipient age1….") }
        var isFolder: ObjCBool = false
        guard FileManager.default.fileExists(atPath: folder, isDirectory: &isFolder), isFolder.boolValue else {
            throw Self.unfit("There is no folder \(folder).", "Make it first, for the user that the server runs as.")
        }
        let path = URL(fileURLWithPath: folder).standardizedFileURL.path
        try await database.installation(as: principal).change("backup-schedule.set") { change in
            let schedule = BackupSchedule(
                id: BackupSchedule.only, every: every, folder: path, keep: keep, recipients: recipients.map(\.text),
                setAt: change.now)
            if let stored = try change.view.find(BackupSchedule.self, BackupSchedule.only) {
                try change.update(stored, to: schedule)
            } else {
                try change.insert(schedule)
            }
        }
    }

    /// Stops making backups regularly; those that were made stay.
    public func dropSchedule(as principal: Principal) async throws {
        try await database.installation(as: principal).change("backup-schedule.dropped") { change in
            guard let stored = try change.view.find(BackupSchedule.self, BackupSchedule.only) else {
                throw Problem(.notFound, code: "backup.no-schedule", "No backups are scheduled.")
            }
            try change.delete(stored)
        }
    }

    /// Makes the scheduled backup if one is due, and removes those beyond the number to keep. Safe to call often, and by
    /// several servers at once.
    ///
    /// - Parameter node: The name of this server, which has the files that it wrote.
    /// - Returns: The backup; `nil` if none was due or another server makes it.
    /// - Throws: As ``make(to:for:isArmoured:reason:node:program:as:)``; tried again after ten minutes.
    @discardableResult
    public func makeDue(program: String, node: String, as principal: Principal) async throws -> Backup? {
        guard let schedule = try await schedule(as: principal), try await isDue(schedule, as: principal),
            let turn = try await BackupTurn(database: database, clock: clock, randomness: randomness, as: principal)
        else { return nil }
        do {
            let backup = try await turn.whileRenewing { () throws -> Backup? in
                // Another server may have finished it between the look and the claim.
                guard try await isDue(schedule, as: principal) else { return nil }
                return try await makeNow(schedule, program: program, node: node, as: principal)
            }
            try await turn.end()
            return backup
        } catch {
            try? await turn.end(after: Self.pause)
            throw error
        }
    }

    private func makeNow(
        _ schedule: BackupSchedule, program: String, node: String, as principal: Principal
    ) async throws -> Backup {
        // First, because what was left may fill the disk.
        removeUnfinished(in: schedule.folder)
        let recipients = try schedule.recipients.map { try AgeRecipient(parsing: $0) }
        let backup = try await make(
            to: .file("\(schedule.folder)/\(Self.fileName(at: clock.now()))"), for: recipients, reason: .scheduled,
            node: node, program: program, as: principal)
        try await removeOld(keeping: schedule.keep, on: node, as: principal)
        return backup
    }

    private func isDue(_ schedule: BackupSchedule, as principal: Principal) async throws -> Bool {
        let newest = try await database.installation(as: principal).read { view in
            try view.list(
                Backup.self,
                Query("reason = ?", [.text(Backup.Reason.scheduled.rawValue)], order: "made_at DESC", limit: 1)
            ).first?.record
        }
        guard let newest else { return true }
        return newest.madeAt + schedule.every <= clock.now()
    }

    /// Removes the files of scheduled backups beyond the `keep` newest that this server wrote, never that of the newest
    /// verified one.
    private func removeOld(keeping keep: Int, on node: String, as principal: Principal) async throws {
        let known = try await backups(as: principal)
        let newestVerified = known.first { !$0.receipts.isEmpty }?.backup.id
        let scheduled = known.map(\.backup).filter { $0.reason == .scheduled && $0.removedAt == nil }
        for old in scheduled.dropFirst(keep) where old.id != newestVerified && old.node == node {
            guard let file = old.file, Self.remove(file) else { continue }
            try await database.installation(as: principal).change("backup.removed", on: "backup:\(old.id)") { change in
                let stored = try change.view.require(Backup.self, old.id)
                try change.update(stored, to: stored.record.removed(at: change.now))
            }
        }
    }

    /// - Returns: Whether the file is gone from a folder that is there; one on a disk that is not mounted is not.
    private static func remove(_ file: String) -> Bool {
        if unlink(file) == 0 { return true }
        let folder = URL(fileURLWithPath: file).deletingLastPathComponent().path
        return errno == ENOENT && FileManager.default.fileExists(atPath: folder)
    }

    /// Removes what a server left that was stopped while it wrote: one that is still being made is written to all the time.
    private func removeUnfinished(in folder: String) {
        let names = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
        let limit = Date(timeIntervalSince1970: Double((clock.now() - Self.silence).milliseconds) / 1000)
        for name in names where name.hasPrefix("vouchsafe-") && name.hasSuffix(WholeFile.unfinished) {
            let path = "\(folder)/\(name)"
            let attributes = try? FileManager.default.attributesOfItem(atPath: path)
            if let written = attributes?[.modificationDate] as? Date, written < limit { unlink(path) }
        }
    }

    /// `vouchsafe-20260301T000000000Z.age`: sorts by time, and works on every file system.
    private static func fileName(at now: Instant) -> String {
        "vouchsafe-\(now.description.filter { $0.isNumber || $0 == "T" || $0 == "Z" }).age"
    }

    /// How long to wait after one that failed.
    private static let pause = Period.minutes(10)
    /// How long a file that nobody writes to is left alone.
    private static let silence = Period.minutes(10)

    private static func unfit(_ message: String, _ hint: String) -> Problem {
        Problem(.invalid, code: "backup.schedule", message, hint: hint)
    }
}

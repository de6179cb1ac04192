import Age
import Backups
import Foundation
import Kernel
import Store
import StoreSQLite
import Vault

extension Installation {
    /// Restores the backup in `file` to `site`, where nothing may be yet, and verifies every ledger of it.
    ///
    /// The data keys are wrapped with the key of the site, which is made if there is none.
    ///
    /// - Parameters:
    ///   - expected: What the SHA-256 of the file must be, if that is known.
    ///   - report: Called with the number of bytes of the file that were read so far.
    /// - Throws: `Problem` `data.exists` (conflict), `restore.unfinished` (conflict), `store.not-empty` (conflict), `age.…`,
    ///   `restore.other-file`, `dump.…` or `restore.unverified`. A database file that was begun is removed again; another database
    ///   stays marked and is not served.
    public static func restore(
        _ file: String, with identities: [AgeIdentity], to site: InstallationSite, expecting expected: [String] = [],
        clock: WallClock = .system, randomness: Randomness = .system,
        read report: @Sendable (UInt64) -> Void = { _ in }
    ) async throws -> OpenedBackup {
        try site.folder.prepare()
        let lock = try site.folder.takeForServer()
        defer { withExtendedLifetime(lock) {} }
        guard site.database.isShared || !site.folder.isInitialised else {
            guard try await !isUnfinished(site.folder) else {
                throw Problem(
                    .conflict, code: "restore.unfinished",
                    "An earlier restore into this folder was not finished; what it left is no installation.",
                    hint: "Remove the files vouchsafe.sqlite, -wal and -shm in it, and restore again.",
                    place: Problem.Place(file: site.folder.path))
            }
            throw Problem(
                .conflict, code: "data.exists", "There is an installation in this folder already; it is left as it is.",
                hint: "Restore into an empty folder, with --data.", place: Problem.Place(file: site.folder.path))
        }
        let hadKey = FileManager.default.fileExists(atPath: site.folder.key)
        let key = try site.key.key(in: site.folder, isNew: true, randomness: randomness)
        do {
            return try await load(
                file, with: identities, into: try await site.database.driver(in: site.folder), key: key,
                expecting: expected, clock: clock, randomness: randomness, read: report)
        } catch {
            guard !site.database.isShared else { throw hadKey ? error : keeping(site, error) }
            site.folder.removeDatabase()
            if !hadKey { try? FileManager.default.removeItem(atPath: site.folder.key) }
            throw error
        }
    }

    /// The database is not removed, and may be finished although this failed: what is in it opens with this key alone.
    private static func keeping(_ site: InstallationSite, _ error: any Error) -> any Error {
        guard let problem = error as? Problem, FileManager.default.fileExists(atPath: site.folder.key) else {
            return error
        }
        let kept =
            "The key that was made for it, \(site.folder.key), is kept: remove it only if you empty the database."
        return Problem(
            problem.kind, code: problem.code, problem.message,
            hint: [problem.hint, kept].compactMap { $0 }.joined(separator: " "), place: problem.place,
            cause: problem.cause)
    }

    private static func isUnfinished(_ folder: DataFolder) async throws -> Bool {
        let driver = try SQLiteDriver(path: folder.database)
        let isUnfinished = await Restoration.isUnfinished(behind: driver, schema: schema)
        try await driver.close()
        return isUnfinished
    }

    /// Restores the backup in `file` into a scratch database that is gone afterwards, to see whether that works.
    ///
    /// It lies in the system's temporary folder, sealed under a key that is nowhere but in this process.
    ///
    /// - Returns: What there is to sign.
    /// - Throws: `Problem` `age.…`, `dump.…` or `restore.unverified` if it does not work.
    public static func tryRestoring(
        _ file: String, with identities: [AgeIdentity], clock: WallClock = .system, randomness: Randomness = .system,
        read report: @Sendable (UInt64) -> Void = { _ in }
    ) async throws -> RestoreReceipt {
        let temporary = FileManager.default.temporaryDirectory.path
        sweepScratch(in: temporary)
        let path = "\(temporary)/\(scratch)\(randomness.bytes(8).hex)"
        let folder = DataFolder(path)
        try folder.prepare()
        let lock = try folder.takeForServer()
        defer { withExtendedLifetime(lock) {} }
        defer { try? FileManager.default.removeItem(atPath: path) }
        let opened = try await load(
            file, with: identities, into: try SQLiteDriver(path: folder.database),
            key: try KeyEncryptionKey(bytes: randomness.bytes(32)), expecting: [], clock: clock, randomness: randomness,
            read: report)
        return opened.receipt(at: clock.now())
    }

    /// How the names of folders begin in which a restore is tried.
    private static let scratch = "vouchsafe-scratch-"

    /// Removes what processes left that were killed while they tried a restore; those that go on hold the lock of their folder.
    static func sweepScratch(in temporary: String) {
        let names = (try? FileManager.default.contentsOfDirectory(atPath: temporary)) ?? []
        for name in names where name.hasPrefix(scratch) {
            let folder = DataFolder("\(temporary)/\(name)")
            var status = stat()
            // A folder without its lock was made just now.
            guard lstat(folder.path, &status) == 0, status.st_mode & S_IFMT == S_IFDIR, status.st_uid == getuid(),
                FileManager.default.fileExists(atPath: folder.lock), let lock = try? folder.takeForServer()
            else { continue }
            withExtendedLifetime(lock) { try? FileManager.default.removeItem(atPath: folder.path) }
        }
    }

    private static func load(
        _ file: String, with identities: [AgeIdentity], into driver: any DatabaseDriver, key: KeyEncryptionKey,
        expecting expected: [String], clock: WallClock, randomness: Randomness, read report: @Sendable (UInt64) -> Void
    ) async throws -> OpenedBackup {
        do {
            let restoration = try await Restoration.begin(
                into: driver, key: key, schema: schema, clock: clock, randomness: randomness)
            let opened = try await OpenedBackup(
                file, with: identities, by: restoration, expecting: expected, read: report)
            try await driver.close()
            return opened
        } catch {
            try? await driver.close()
            throw error
        }
    }
}

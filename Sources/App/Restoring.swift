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
    /// - Parameter read: Called with the number of bytes of the file that were read so far.
    /// - Throws: `Problem` `data.exists` (conflict), `store.not-empty` (conflict), `age.…`, `dump.…` or `restore.unverified`. A
    ///   database file that was begun is removed again; another database stays marked and is not served.
    public static func restore(
        _ file: String, with identities: [AgeIdentity], to site: InstallationSite, clock: WallClock = .system,
        randomness: Randomness = .system, read report: @Sendable (UInt64) -> Void = { _ in }
    ) async throws -> OpenedBackup {
        try site.folder.prepare()
        let lock = try site.folder.takeForServer()
        defer { withExtendedLifetime(lock) {} }
        guard site.database.isShared || !site.folder.isInitialised else {
            throw Problem(
                .conflict, code: "data.exists", "There is an installation in this folder already; it is left as it is.",
                hint: "Restore into an empty folder, with --data.", place: Problem.Place(file: site.folder.path))
        }
        let hadKey = FileManager.default.fileExists(atPath: site.folder.key)
        let key = try site.key.key(in: site.folder, isNew: true, randomness: randomness)
        do {
            return try await load(
                file, with: identities, into: try await site.database.driver(in: site.folder), key: key, clock: clock,
                randomness: randomness, read: report)
        } catch {
            if !site.database.isShared { site.folder.removeDatabase() }
            if !hadKey { try? FileManager.default.removeItem(atPath: site.folder.key) }
            throw error
        }
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
        let path = FileManager.default.temporaryDirectory.appendingPathComponent(
            "vouchsafe-scratch-\(randomness.bytes(8).hex)"
        ).path
        let folder = DataFolder(path)
        try folder.prepare()
        defer { try? FileManager.default.removeItem(atPath: path) }
        let opened = try await load(
            file, with: identities, into: try SQLiteDriver(path: folder.database),
            key: try KeyEncryptionKey(bytes: randomness.bytes(32)), clock: clock, randomness: randomness, read: report)
        return opened.receipt(at: clock.now())
    }

    private static func load(
        _ file: String, with identities: [AgeIdentity], into driver: any DatabaseDriver, key: KeyEncryptionKey,
        clock: WallClock, randomness: Randomness, read report: @Sendable (UInt64) -> Void
    ) async throws -> OpenedBackup {
        do {
            let restoration = try await Restoration.begin(
                into: driver, key: key, schema: schema, clock: clock, randomness: randomness)
            let opened = try await OpenedBackup(file, with: identities, by: restoration, read: report)
            try await driver.close()
            return opened
        } catch {
            try? await driver.close()
            throw error
        }
    }
}

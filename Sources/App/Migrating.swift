import Foundation
import Kernel
import Store
import StoreSQLite

extension Installation {
    /// Moves an installation from its file to another database under the same key. Interrupted, the same call goes on.
    ///
    /// - Parameters:
    ///   - site: The folder with the lock and the key; its database is the one to move to.
    ///   - file: The database file to move from.
    ///   - report: Called after each batch of rows.
    /// - Throws: `Problem` `data.missing`, `data.in-use` if a server runs on the folder or on the file's, or as `Relocation.run`.
    public static func migrate(
        _ file: String, to site: InstallationSite, clock: WallClock = .system, randomness: Randomness = .system,
        report: @Sendable (Relocation.Progress) -> Void = { _ in }
    ) async throws -> Relocation.Result {
        guard FileManager.default.fileExists(atPath: file) else {
            throw Problem(
                .unavailable, code: "data.missing", "There is no Vouchsafe database here.",
                hint: "Name the data folder or the file in it: --from sqlite:DIR.", place: Problem.Place(file: file))
        }
        guard site.database.isShared else {
            throw Problem(
                .invalid, code: "store.address", "An installation moves from its file to PostgreSQL.",
                hint: "Give --to postgres://user@host/database.")
        }
        let locks = try folders(of: file, and: site.folder).map { try $0.takeForServer() }
        defer { withExtendedLifetime(locks) {} }
        let key = try site.key.key(in: site.folder, isNew: false, randomness: randomness)
        let source = try SQLiteDriver(path: file)
        do {
            let target = try await site.database.driver(in: site.folder)
            do {
                let move = Relocation(
                    from: source, to: target, key: key, schema: schema, clock: clock, randomness: randomness)
                let result = try await move.run(report)
                try await target.close()
                try await source.close()
                return result
            } catch {
                try? await target.close()
                throw error
            }
        } catch {
            try? await source.close()
            throw error
        }
    }

    /// The folders on which a server of the file, or of the new database, would run.
    private static func folders(of file: String, and folder: DataFolder) -> [DataFolder] {
        let file = URL(fileURLWithPath: file)
        let places = [
            URL(fileURLWithPath: folder.path), file.deletingLastPathComponent(),
            file.resolvingSymlinksInPath().deletingLastPathComponent(),
        ]
        // A folder that is named twice is locked once: the second lock would meet the first.
        return Set(places.map { $0.resolvingSymlinksInPath().path }).sorted().map { DataFolder($0) }
    }
}

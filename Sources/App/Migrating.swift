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
    /// - Throws: `Problem` `data.missing`, `data.in-use` if a server runs on the folder, or as `Relocation.run`.
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
        let lock = try site.folder.takeForServer()
        defer { withExtendedLifetime(lock) {} }
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
}

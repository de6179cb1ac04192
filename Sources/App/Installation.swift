import Agent
import Commitments
import Endpoints
import Flows
import Foundation
import Identity
import Jobs
import Kernel
import Posture
import Store
import StoreSQLite

/// An opened installation: the composition root, which alone knows which database and which collectors there are.
public struct Installation: Sendable {
    /// Where everything of it lies.
    public let folder: DataFolder
    /// The opened database.
    public let database: Database
    /// The rooms over that database, each with its desk.
    public let rooms: Rooms
    /// Tells the time to everything in it.
    public let clock: WallClock
    /// Where everything in it draws secrets and identifiers from.
    public let randomness: Randomness

    /// What this installation can measure: the checks of all rooms.
    public static let catalogue: [Check] = PostureCatalogue.checks.map(\.check) + SelfChecks.checks

    /// Opens the installation in `folder`.
    ///
    /// - Throws: `Problem` `data.missing` if there is none, or what keeps it from being opened. Nothing is changed then.
    public static func open(
        _ folder: DataFolder, clock: WallClock = .system, randomness: Randomness = .system
    ) async throws -> Installation {
        guard folder.isInitialised else {
            throw Problem(
                .unavailable, code: "data.missing", "There is no Vouchsafe installation here.",
                hint: "Make one with `vouchsafe init --data \(folder.path) --organisation NAME`.",
                place: Problem.Place(file: folder.path))
        }
        return try await make(folder, clock: clock, randomness: randomness)
    }

    /// Opens the installation in `folder`, making it if there is none.
    public static func openOrMake(
        _ folder: DataFolder, clock: WallClock = .system, randomness: Randomness = .system
    ) async throws -> Installation {
        try folder.prepare()
        return try await make(folder, clock: clock, randomness: randomness)
    }

    private static func make(
        _ folder: DataFolder, clock: WallClock, randomness: Randomness
    ) async throws -> Installation {
        let key = try folder.encryptionKey(randomness: randomness)
        let driver = try SQLiteDriver(path: folder.database)
        let database = try await Database.open(
            driver, key: key, tables: Rooms.tables, migrations: Rooms.migrations + Schedule.migrations, clock: clock,
            randomness: randomness)
        return Installation(
            folder: folder, database: database,
            rooms: Rooms(database: database, catalogue: catalogue, clock: clock, randomness: randomness), clock: clock,
            randomness: randomness)
    }

    /// The one organisation, or the one that `slug` names.
    ///
    /// - Throws: `Problem` `organisation.which` if there are several and none is named.
    public func organisation(_ slug: String? = nil, as principal: Principal = .operator) async throws -> Tenant {
        if let slug { return try await rooms.tenant(slug: slug) }
        let tenants = try await rooms.identity.tenants(as: principal)
        guard let first = tenants.first else {
            throw Problem(
                .notFound, code: "organisation.none", "There is no organisation here yet.",
                hint: "Make one with `vouchsafe init`.")
        }
        guard tenants.count == 1 else {
            throw Problem(
                .invalid, code: "organisation.which", "There are several organisations here.",
                hint: "Name one with --organisation: \(tenants.map(\.slug).joined(separator: ", ")).")
        }
        return first
    }

    /// Founds an organisation with this machine as its first host.
    public func found(_ name: String) async throws -> Tenant {
        try await rooms.found(name, machine: ProcessInfo.processInfo.hostName, as: .operator)
    }

    /// Closes the database.
    public func close() async throws { try await database.close() }
}

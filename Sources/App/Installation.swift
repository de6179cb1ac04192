import Agent
import Commitments
import Detection
import Endpoints
import Flows
import Foundation
import Identity
import Jobs
import Kernel
import Posture
import Scanning
import Store
import Vault

/// Where an installation is: its folder, its database and its key.
public struct InstallationSite: Sendable {
    /// The data folder, which holds at least what is this server's own.
    public let folder: DataFolder
    /// Which database.
    public let database: DatabaseChoice
    /// Where the key-encryption key comes from.
    public let key: KeySource

    /// A site out of its parts.
    public init(folder: DataFolder, database: DatabaseChoice = .file, key: KeySource = .file) {
        self.folder = folder
        self.database = database
        self.key = key
    }
}

/// An opened installation: the composition root, which alone knows which database and which collectors there are.
public struct Installation: Sendable {
    /// Where everything of it lies.
    public let folder: DataFolder
    /// Whether other servers may work on the same database.
    public let isShared: Bool
    /// Where the key-encryption key comes from.
    public let keySource: KeySource
    /// The opened database.
    public let database: Database
    /// The rooms over that database, each with its desk.
    public let rooms: Rooms
    /// Tells the time to everything in it.
    public let clock: WallClock
    /// Where everything in it draws secrets and identifiers from.
    public let randomness: Randomness

    /// What this installation can measure: the checks of all rooms.
    public static let catalogue: [Check] =
        PostureCatalogue.checks.map(\.check) + SelfChecks.checks + PeopleChecks.ofPeople + SiteChecks.all
        + DetectionChecks.all

    /// What an installation keeps in its database.
    static let schema = StoreSchema(
        tables: Rooms.tables, migrations: Rooms.migrations + Schedule.migrations, organisations: Tenant.table)

    /// Opens the installation at `site`.
    ///
    /// - Parameter commonPasswords: What nobody may take as a new password.
    /// - Throws: `Problem` `data.missing` if there is none, or what keeps it from being opened. Nothing is changed then.
    public static func open(
        _ site: InstallationSite, commonPasswords: CommonPasswords = CommonPasswords(), clock: WallClock = .system,
        randomness: Randomness = .system
    ) async throws -> Installation {
        guard site.database.isShared || site.folder.isInitialised else {
            throw Problem(
                .unavailable, code: "data.missing", "There is no Vouchsafe installation here.",
                hint: "Make one with `vouchsafe init --data \(site.folder.path) --organisation NAME`.",
                place: Problem.Place(file: site.folder.path))
        }
        return try await make(
            site, isNew: false, commonPasswords: commonPasswords, clock: clock, randomness: randomness)
    }

    /// Opens the installation at `site`, making it if there is none.
    public static func openOrMake(
        _ site: InstallationSite, clock: WallClock = .system, randomness: Randomness = .system
    ) async throws -> Installation {
        try site.folder.prepare()
        let isNew = site.database.isShared || !site.folder.isInitialised
        return try await make(site, isNew: isNew, clock: clock, randomness: randomness)
    }

    private static func make(
        _ site: InstallationSite, isNew: Bool, commonPasswords: CommonPasswords = CommonPasswords(), clock: WallClock,
        randomness: Randomness
    ) async throws -> Installation {
        let keyPlace = site.key.madeFile(in: site.folder)
        let isKeyMade = isNew && keyPlace.map { !FileManager.default.fileExists(atPath: $0) } ?? false
        let key = try site.key.key(in: site.folder, isNew: isNew, randomness: randomness)
        let database: Database
        do {
            database = try await opened(site, with: key, clock: clock, randomness: randomness)
        } catch let problem as Problem where problem.code == "vault.wrong-key" && isKeyMade {
            // The database was there and the key was not: the one just made opens nothing, and would only hide that.
            if let keyPlace { unlink(keyPlace) }
            throw Problem(
                .unavailable, code: "vault.key-missing",
                "There is an installation in this database, and its key is not here.",
                hint: "Copy it from the server that has it, or name it with --key.",
                place: keyPlace.map { Problem.Place(file: $0) })
        } catch let problem as Problem where problem.code == "vault.wrong-key" {
            // A replacement of the key file may have been interrupted when all data keys were under the new one already.
            let candidates = try site.key.candidates(in: site.folder, randomness: randomness)
            guard candidates.count > 1, let file = site.key.file(in: site.folder) else { throw problem }
            database = try await opened(site, with: candidates[1], clock: clock, randomness: randomness)
            try take(KeyFile(path: file.path + ".new"), as: file)
        }
        return Installation(
            folder: site.folder, isShared: site.database.isShared, keySource: site.key, database: database,
            rooms: Rooms(
                database: database, catalogue: catalogue, clock: clock, randomness: randomness,
                commonPasswords: commonPasswords),
            clock: clock, randomness: randomness)
    }

    private static func opened(
        _ site: InstallationSite, with key: KeyEncryptionKey, clock: WallClock, randomness: Randomness
    ) async throws -> Database {
        let driver = try await site.database.driver(in: site.folder)
        do {
            return try await Database.open(
                driver, key: key,
                freshKeys: { try site.key.candidates(in: site.folder, randomness: randomness) },
                tables: schema.tables, migrations: schema.migrations, organisations: schema.organisations,
                clock: clock, randomness: randomness)
        } catch {
            // The driver of a database that was not opened has nothing to lose; what kept it from opening is what matters.
            try? await driver.close()
            throw error
        }
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
        try await rooms.found(
            name, machine: ProcessInfo.processInfo.hostName, node: try folder.node(randomness: randomness),
            as: .operator)
    }

    /// The archive of logs on this server.
    ///
    /// - Throws: `Problem` `data.folder` if this server has no name yet and the folder cannot be written.
    public func archives() throws -> ArchiveDesk {
        ArchiveDesk(database: database, folder: folder.logs, node: try folder.node(randomness: randomness))
    }

    /// Closes the database.
    public func close() async throws { try await database.close() }
}

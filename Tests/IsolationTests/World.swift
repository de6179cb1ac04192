import Commitments
import Crypto
import Flows
import Foundation
import Kernel
import Logging
import Routing
import Store
import StoreSupport
import TestSupport
import Vault
import Wire

@testable import App
@testable import Identity

/// One installation with two organisations that must not see each other: the whole server, but for the socket.
struct World {
    let folder: TemporaryFolder
    let clock: MovableClock
    let installation: Installation
    let server: Server
    let log: CapturedLog
    /// Whose callers ask.
    let alder: Inhabitants
    /// Whose data they must never see.
    let birch: Inhabitants

    var rooms: Rooms { installation.rooms }

    static func make(
        wrapping wrap: (any DatabaseDriver) -> any DatabaseDriver = { $0 }
    ) async throws -> World {
        let folder = try TemporaryFolder()
        let clock = MovableClock()
        let log = CapturedLog()
        let installation = try await open(folder, clock, seed: 1, wrapping: wrap)
        let alder = try await Inhabitants.settle("alder", in: installation, clock)
        let birch = try await Inhabitants.settle("birch", in: installation, clock)
        // A third one, that publishes nothing and that nobody owns yet.
        _ = try await installation.rooms.found("Cedar", machine: "cedar", node: "cedar", as: .operator)
        for organisation in [alder, birch] {
            try await installation.rooms.publishChanges(for: organisation.tenant.id)
        }
        var published = PublishedSizes()
        try await installation.rooms.publishLedgers(&published)
        return World(
            folder: folder, clock: clock, installation: installation, server: try server(installation, log), log: log,
            alder: alder, birch: birch)
    }

    /// The same world once more, over what `folder` stands for.
    func again(
        in folder: TemporaryFolder, seed: UInt64, wrapping wrap: (any DatabaseDriver) -> any DatabaseDriver
    ) async throws -> World {
        let installation = try await Self.open(folder, clock, seed: seed, wrapping: wrap)
        return World(
            folder: folder, clock: clock, installation: installation, server: try Self.server(installation, log),
            log: log, alder: alder, birch: birch)
    }

    private static func open(
        _ folder: TemporaryFolder, _ clock: MovableClock, seed: UInt64,
        wrapping wrap: (any DatabaseDriver) -> any DatabaseDriver
    ) async throws -> Installation {
        let randomness = seededRandomness(seed)
        let database = try await Database.open(
            wrap(try await TestDatabase.current.driver(in: folder)),
            key: try KeyEncryptionKey(bytes: [UInt8](repeating: 6, count: 32)), tables: Installation.schema.tables,
            migrations: Installation.schema.migrations, organisations: Installation.schema.organisations,
            clock: clock.clock, randomness: randomness)
        return Installation(
            folder: DataFolder(folder.path), isShared: false, keySource: .file, database: database,
            rooms: Rooms(
                database: database, catalogue: Installation.catalogue, clock: clock.clock, randomness: randomness),
            clock: clock.clock, randomness: randomness)
    }

    private static func server(_ installation: Installation, _ log: CapturedLog) throws -> Server {
        var settings = ServerSettings(
            host: "localhost", port: 0, certificate: nil, runsJobs: false, version: "0.0.0")
        settings.securityContact = try SecurityContact("security@server.example")
        return try Server(
            installation,
            settings: settings,
            logger: log.logger)
    }
}

/// An organisation with people of every role, a policy, a host, evidence, exceptions and tokens; every text of it holds its word.
struct Inhabitants: Sendable {
    let tenant: Tenant
    let word: String
    let people: [Member]
    let host: String
    let serviceAccount: ServiceAccount
    let serviceToken: String
    let revokedToken: String

    /// A person of it, as what they are.
    struct Member: Sendable {
        let role: Role
        let account: Account
        /// A token with everything written into it that a token can hold.
        let token: String
    }

    var policy: String { "\(word)-rules" }
    var commitment: String { "\(word)-disks" }

    static func settle(
        _ word: String, in installation: Installation, _ clock: MovableClock
    ) async throws -> Inhabitants {
        let rooms = installation.rooms
        let tenant = try await rooms.found(
            "\(word)-organisation", machine: "\(word)-machine", node: "\(word)-node", as: .operator)
        var people: [Member] = []
        for role in Role.builtIn {
            let account = try await Arrival.join("\(word)-\(role.name)", role: role, of: tenant, in: installation)
            let token = try await rooms.tokens.make(
                "\(word)-token-of-\(role.name)", permissions: Permission.ofTokens, until: clock.now + .days(30),
                for: .person(account.id), within: Set(Permission.allCases), in: tenant.id,
                as: .person(account.id))
            people.append(Member(role: role, account: account, token: token.text))
        }
        let owner = Principal.person(people[0].account.id)
        try await importPolicy(word, into: tenant, in: installation, as: owner)
        let measurement = Measurement(
            .fail, value: "\(word)-value", evidence: [Evidence(source: "\(word)-file", content: "\(word)-content")],
            fix: "\(word)-fix")
        let check = Installation.catalogue.first { $0.id.rawValue == "endpoint.disk-encryption" }
        let checks = [check].compactMap(\.self)
        _ = try await rooms.reportPosture(
            of: checks.map(\.id), with: { _ in checks.map { ($0, measurement) } }, on: "\(word)-node", for: tenant.id)
        _ = try await rooms.requestException(
            from: "\(word)-rules", "\(word)-disks", reason: "\(word)-reason", until: clock.now + .days(30),
            in: tenant.id, as: owner)
        let account = try await rooms.tokens.makeServiceAccount(
            "\(word)-pipeline", purpose: "\(word)-purpose", permissions: Permission.ofTokens,
            within: Set(Permission.allCases), in: tenant.id, as: owner)
        func token(_ name: String) async throws -> (token: AccessToken, text: String) {
            try await rooms.tokens.makeToken(
                name, permissions: Permission.ofTokens, until: clock.now + .days(30),
                forServiceAccount: account.name, within: Set(Permission.allCases), in: tenant.id, as: owner)
        }
        let revoked = try await token("\(word)-revoked")
        try await rooms.tokens.revoke(revoked.token.id.description, in: tenant.id, as: owner)
        let host = try await rooms.hostList(of: tenant.id, as: owner)[0].id
        return Inhabitants(
            tenant: tenant, word: word, people: people, host: host, serviceAccount: account,
            serviceToken: try await token("\(word)-service-token").text, revokedToken: revoked.text)
    }

    private static func importPolicy(
        _ word: String, into tenant: Tenant, in installation: Installation, as principal: Principal
    ) async throws {
        let example = policy(word)
        _ = try await installation.rooms.commitments.importPolicy(
            pack: Array(example.pack.utf8), text: Array(example.text.utf8), into: tenant.id, as: principal)
    }

    /// A policy of one sentence, and the pack that reads it.
    static func policy(_ word: String, version: String = "1") -> (pack: String, text: String) {
        let heading = "# \(word)-heading"
        let sentence = "Every disk of \(word)-wording is encrypted."
        let text = "\(heading)\n\n\(sentence)\n"
        let hash = Array(SHA256.hash(data: Array(text.utf8))).hex
        let start = heading.utf8.count + 2
        let pack = """
            format: vouchsafe/pack@v1
            policy:
              id: \(word)-rules
              title: \(word)-title
              issuer: \(word)-issuer
              version: "\(version)"
              text: { sha256: \(hash), bytes: \(text.utf8.count) }
            spans:
              - { at: [0, \(heading.utf8.count)], class: context, note: heading }
              - { at: [\(start), \(start + sentence.utf8.count)], class: commitment, commitments: [\(word)-disks] }
            commitments:
              - id: \(word)-disks
                section: \(word)-section
                summary: "\(word)-summary."
                owner: \(word)-keeper
                checks:
                  - { check: endpoint.disk-encryption, population: host, threshold: all, freshness: 26h }

            """
        return (pack, text)
    }
}

/// How people come into a world: written as rows, without the doors, which have tests of their own.
enum Arrival {
    static func join(
        _ name: String, role: Role, of tenant: Tenant, in installation: Installation
    ) async throws -> Account {
        let database = installation.database
        let address = "\(name)@example.org"
        let person = Identifier<Person>(at: installation.clock.now(), randomness: installation.randomness)
        let account = try await database.installation(as: .operator).change("person.joined") { change in
            try change.insert(
                Account(
                    id: person, name: name, email: address, createdAt: change.now,
                    emailIndex: change.view.blindIndex(Account.table, "email", of: address))
            ).record
        }
        try await database.scope(tenant.id, as: .operator).change("membership.began") { change in
            try change.insert(
                Membership(
                    id: change.newIdentifier(), person: person, role: role.name, joinedAt: change.now,
                    grantedAt: change.now, grantedBy: Principal.operator.actor))
        }
        return account
    }

    /// A session of `person`; `lasting` says for how long from now.
    static func session(
        of person: Identifier<Person>, in tenant: Tenant, lasting: Period = .hours(12), _ installation: Installation
    ) async throws -> (token: String, formToken: String) {
        let token = SecretToken(randomness: installation.randomness)
        let formToken = installation.randomness.bytes(32).hex
        try await installation.database.installation(as: .person(person)).change("session.began") { change in
            try change.insert(
                Session(
                    id: change.newIdentifier(), person: person, organisation: tenant.id, beganAt: change.now,
                    expiresAt: change.now + lasting, formToken: formToken, means: [.password],
                    confirmedAt: change.now, tokenHash: token.hash, vouchedBy: nil))
        }
        return (token.text, formToken)
    }
}

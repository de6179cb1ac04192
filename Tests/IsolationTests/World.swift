import Commitments
import Crypto
import Flows
import Foundation
import Kernel
import Logging
import Routing
import ScanResults
import Scanning
import Store
import StoreSupport
import Synchronization
import TestSupport
import Vault
import WebPosture
import Wire

@testable import App
@testable import Identity

/// One installation with two organisations that must not see each other: the whole server, but for the socket.
struct World {
    let folder: TemporaryFolder
    let clock: MovableClock
    let installation: Installation
    let log: CapturedLog
    /// Whose callers ask.
    let alder: Inhabitants
    /// Whose data they must never see.
    let birch: Inhabitants
    /// A member of alder who is an owner of birch: what they are there must be worth nothing here.
    let both: Inhabitants.Member

    /// What everyone's password is.
    static let password = "three geese over the quiet weir"

    private let lazyServer: LazyServer

    var rooms: Rooms { installation.rooms }

    /// Made when it is first asked.
    var server: Server { get throws { try lazyServer.get() } }

    static func make(
        wrapping wrap: (any DatabaseDriver) -> any DatabaseDriver = { $0 }
    ) async throws -> World {
        let folder = try TemporaryFolder()
        let clock = MovableClock()
        let log = CapturedLog()
        let installation = try await open(folder, clock, seed: 1, wrapping: wrap)
        let alder = try await Inhabitants.settle("alder", in: installation, clock)
        let birch = try await Inhabitants.settle("birch", in: installation, clock)
        let both = try await Inhabitants.member("hazel", .member, of: alder.tenant, in: installation, clock)
        try await Arrival.belong(both.account.id, to: birch.tenant, as: .owner, in: installation)
        try await Arrival.givePassword(
            to: (alder.people + birch.people + [both]).map(\.account.id), in: installation)
        // A third one, that publishes nothing and that nobody owns yet.
        _ = try await installation.rooms.found("Cedar", machine: "cedar", node: "cedar", as: .operator)
        for organisation in [alder, birch] {
            try await installation.rooms.publishChanges(for: organisation.tenant.id)
        }
        var published = PublishedSizes()
        try await installation.rooms.publishLedgers(&published)
        return World(
            folder: folder, clock: clock, installation: installation, log: log, alder: alder, birch: birch, both: both,
            lazyServer: LazyServer(installation, log))
    }

    /// The same world once more, over what `folder` stands for.
    func again(
        in folder: TemporaryFolder, seed: UInt64, wrapping wrap: (any DatabaseDriver) -> any DatabaseDriver
    ) async throws -> World {
        let installation = try await Self.open(folder, clock, seed: seed, wrapping: wrap)
        return World(
            folder: folder, clock: clock, installation: installation, log: log, alder: alder, birch: birch, both: both,
            lazyServer: LazyServer(installation, log))
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
}

/// The server of a world, for those steps of it that ask one.
private final class LazyServer: Sendable {
    private let installation: Installation
    private let log: CapturedLog
    private let made = Mutex<Server?>(nil)

    init(_ installation: Installation, _ log: CapturedLog) {
        self.installation = installation
        self.log = log
    }

    func get() throws -> Server {
        try made.withLock { made in
            if let made { return made }
            var settings = ServerSettings(
                host: "localhost", port: 0, certificate: nil, runsJobs: false, version: "0.0.0")
            settings.securityContact = try SecurityContact("security@server.example")
            let server = try Server(installation, settings: settings, logger: log.logger)
            made = server
            return server
        }
    }
}

/// An organisation with people of every role, a policy, a host, evidence, exceptions, tokens, and whoever comes and goes; every
/// text of it holds its word.
struct Inhabitants: Sendable {
    let tenant: Tenant
    let word: String
    /// One of every built-in role, from the most to the least, then one of a role of the organisation's own.
    let people: [Member]
    let customRole: Role
    let host: String
    /// A registered site, and a scan of it.
    let site, scan: String
    /// A registered log source.
    let log: String
    /// The names of its rows that routes and pages know them by.
    let identifiers: [String]
    let serviceAccount: ServiceAccount
    let serviceToken: String
    let revokedToken: String

    /// A person of it, as what they are.
    struct Member: Sendable {
        let role: Role
        let account: Account
        /// A token with everything written into it that a token can hold.
        let token: String

        var name: String { account.name }
    }

    var policy: String { "\(word)-rules" }
    var commitment: String { "\(word)-disks" }

    static func settle(
        _ word: String, in installation: Installation, _ clock: MovableClock
    ) async throws -> Inhabitants {
        let rooms = installation.rooms
        let tenant = try await rooms.found(
            "\(word)-organisation", machine: "\(word)-machine", node: "\(word)-node", as: .operator)
        let operates = Caller.operator(in: tenant)
        let reviewer = try await rooms.identity.makeRole(
            "\(word)-reviewer", [.readCommitments, .readEvidence, .readPeople, .reviewAccess, .changeTokens],
            by: operates)
        var people: [Member] = []
        for role in Role.builtIn + [reviewer] {
            people.append(
                try await member(
                    "\(word)-\(role.title.split(separator: "-").last ?? "")", role, of: tenant, in: installation, clock)
            )
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
            by: .operator(in: tenant))
        func token(_ name: String) async throws -> (token: AccessToken, text: String) {
            try await rooms.tokens.makeToken(
                name, permissions: Permission.ofTokens, until: clock.now + .days(30),
                forServiceAccount: account.name, by: .operator(in: tenant))
        }
        let revoked = try await token("\(word)-revoked")
        try await rooms.tokens.revoke(revoked.token.id.description, in: tenant.id, as: owner)
        let host = try await rooms.hostList(of: tenant.id, as: owner)[0].id
        let (site, scan) = try await scannedSite(word, of: tenant, in: rooms, clock)
        let log = try await World.logSource("\(word)-log", of: tenant, in: rooms)
        let alert = try await World.alert(word, from: log, of: tenant, in: rooms)
        try await World.beginLogs(word, from: log, of: tenant, in: rooms, at: clock.now)
        let digest = try await World.digest(word, about: log, of: tenant, in: rooms, at: clock.now)
        let invitation = try await rooms.identity.invite("\(word)-guest@example.org", as: "member", by: operates)
        let leaver = try await Arrival.join("\(word)-leaver", role: .member, of: tenant, in: installation)
        let departure = try await rooms.identity.end(leaver.id, remaining: ["\(word)-laptop"], by: operates)
        let review = try await rooms.identity.startReview(by: operates)
        let passkey = try await Arrival.passkey(of: people[0].account.id, called: "\(word)-passkey", installation)
        let serviceToken = try await token("\(word)-service-token").text
        let tokens = try await rooms.tokens.tokens(in: tenant.id, as: .operator).map(\.id.description)
        return Inhabitants(
            tenant: tenant, word: word, people: people, customRole: reviewer, host: host, site: site, scan: scan,
            log: log,
            identifiers: [
                tenant.id.description, host, site, scan, log, alert, digest, account.id.description, reviewer.name,
                invitation.invitation.id.description, departure.id.description, review.id.description, passkey,
            ] + people.map(\.account.id.description) + tokens,
            serviceAccount: account, serviceToken: serviceToken, revokedToken: revoked.text)
    }

    /// A site with one scan, in which the word stands too.
    private static func scannedSite(
        _ word: String, of tenant: Tenant, in rooms: Rooms, _ clock: MovableClock
    ) async throws -> (site: String, scan: String) {
        let site = try await rooms.sites.register(
            WatchedSite.Settings(
                address: "https://\(word).example", fields: [WatchedSite.Field(name: "X", value: "\(word)-secret")]),
            in: tenant.id, as: .operator)
        let answer = WebExchange.Response(
            status: 200, headers: HeaderFields([("Content-Security-Policy", "\(word)-policy")]))
        let exchange = WebExchange(
            host: "\(word).example", address: "https://\(word).example/", answer: answer, overHTTP: nil,
            overHTTPS: answer, preflight: nil)
        let report = try ScanReport<WebDetails>(
            judging: exchange, target: "https://\(word).example/", from: clock.now, to: clock.now)
        let scans = try await rooms.sites.record(
            [try SiteLook(report)], of: site, in: tenant.id, as: .operator)
        return (site.id.description, scans[0].id.description)
    }

    /// Somebody who belongs to `tenant`, with a token of their own.
    static func member(
        _ name: String, _ role: Role, of tenant: Tenant, in installation: Installation, _ clock: MovableClock
    ) async throws -> Member {
        let account = try await Arrival.join(name, role: role, of: tenant, in: installation)
        let token = try await installation.rooms.tokens.make(
            "token-of-\(name)", permissions: Permission.ofTokens, until: clock.now + .days(30),
            for: .person(account.id), by: .operator(in: tenant))
        return Member(role: role, account: account, token: token.text)
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

import API
import Backups
import Commitments
import Detection
import Flows
import Foundation
import Hummingbird
import HummingbirdTLS
import Identity
import Jobs
import Kernel
import Logging
import NIOCore
import OpenIDConnect
import Pages
import Routing
import Scanning
import ServiceLifecycle
import Store
import UnixSignals
import Wire

/// What the server is told at its start.
public struct ServerSettings: Sendable {
    /// The name or address to listen on.
    public var host: String
    /// The TCP port to listen on.
    public var port: Int
    /// Given certificate files; `nil` for a self-made one in the data folder.
    public var certificate: CertificateFiles?
    /// Whether this process runs the checks and publishes.
    public var runsJobs: Bool
    /// This program's version.
    public var version: String
    /// Where to report a weakness of this server, for `/.well-known/security.txt`; `nil` for no such file.
    public var securityContact: SecurityContact?
    /// How many connections one network may have open at a time.
    public var connectionsPerNetwork = 256
    /// Which addresses of identity providers are asked.
    public var providerAddresses = AddressRule.secure

    /// Where syslog is listened for; `nil` for nowhere.
    public var syslog: SyslogPlaces?
    /// Told once, in words, on which ports syslog is listened for.
    public var syslogListening: @Sendable (String) -> Void = { _ in }

    /// Settings out of their parts.
    public init(host: String, port: Int, certificate: CertificateFiles?, runsJobs: Bool, version: String) {
        self.host = host
        self.port = port
        self.certificate = certificate
        self.runsJobs = runsJobs
        self.version = version
    }
}

/// The server: pages, API and jobs of one installation.
public struct Server: Sendable {
    let installation: Installation
    let settings: ServerSettings
    let certificate: ServerCertificate
    let logger: Logger
    let logs: CollectedLogs
    private let lock: FolderLock
    let listening = ListeningPort()
    private let providers: ProviderDocuments
    private let refusals: RefusalLog

    /// Takes the data folder for this server and readies its certificate.
    ///
    /// - Throws: `Problem` `data.in-use` if another server has the folder.
    public init(_ installation: Installation, settings: ServerSettings, logger: Logger) throws {
        lock = try installation.folder.takeForServer()
        self.installation = installation
        self.settings = settings
        self.logger = logger
        providers = ProviderDocuments(rule: settings.providerAddresses, clock: installation.clock)
        refusals = RefusalLog(identity: installation.rooms.identity, clock: installation.clock, logger: logger)
        let rooms = installation.rooms
        let archives = try installation.archives()
        logs = CollectedLogs(
            pipeline: LogPipeline(
                logs: rooms.logs, rules: rooms.detectionRules, alerts: rooms.alerts, archives: archives,
                organisations: { try await rooms.identity.tenants(as: .job(.detection)).map(\.id) },
                clock: installation.clock, randomness: installation.randomness, logger: logger),
            archives: archives)
        if let files = settings.certificate {
            certificate = try ServerCertificate(files)
        } else {
            try Self.makeOwnCertificateIfDue(for: installation)
            certificate = try ServerCertificate(Self.ownFiles(of: installation))
        }
    }

    /// Further ones wait in the kernel's queue; each costs some tens of kilobytes and a file descriptor.
    private static let mostConnections = 4096

    static func ownFiles(of installation: Installation) -> CertificateFiles {
        CertificateFiles(certificate: installation.folder.certificate, key: installation.folder.certificateKey)
    }

    private static func makeOwnCertificateIfDue(for installation: Installation) throws {
        let names = Array(Set(["localhost", ProcessInfo.processInfo.hostName])).sorted { $0 == "localhost" || $0 < $1 }
        try SelfMadeCertificate.makeIfDue(ownFiles(of: installation), names: names, now: installation.clock.now())
    }

    /// Serves until told to stop.
    ///
    /// - Parameters:
    ///   - started: Called once with the address that is listened on.
    ///   - firstChecksDone: Called once when every check was run and its verdicts are published, or that failed.
    /// - Throws: `Problem` `listen.in-use` if the port is taken.
    public func run(
        started: @escaping @Sendable (_ address: String) async -> Void,
        firstChecksDone: @escaping @Sendable () async -> Void = {}
    ) async throws {
        let host = settings.host
        let connections = ConnectionCounts(perNetwork: settings.connectionsPerNetwork)
        let application = Application(
            router: try router(),
            server: try .tls(
                .http1(
                    configuration: .init(
                        additionalChannelHandlers: [ConnectionCare(counting: connections)], idleTimeout: .seconds(60),
                        httpDecoderConfiguration: .init(
                            maxHeaderFieldSize: 16 << 10, maxHeaderListSize: 32 << 10, maxHeaderFieldCount: 100))),
                tlsConfiguration: try certificate.configuration()),
            configuration: ApplicationConfiguration(
                address: .hostname(host, port: settings.port), serverName: nil,
                availableConnectionsDelegate: .maximum(Self.mostConnections, logger: logger)),
            onServerRunning: { [listening] channel in
                let port = channel.localAddress?.port ?? 0
                await started(Self.address(host, port))
                await listening.open(at: port)
            },
            logger: logger)
        var services: [any Service] = [
            application,
            Repeating("refusals", every: .seconds(60), logger: logger) { [refusals] in refusals.tellLeftOut() },
        ]
        defer { refusals.tellLeftOut(at: .distantFuture) }
        if settings.certificate == nil {
            services.append(
                Repeating("own certificate", every: .seconds(86_400), logger: logger) { [installation] in
                    try Self.makeOwnCertificateIfDue(for: installation)
                })
        }
        if settings.runsJobs { services += try jobs(firstChecksDone: firstChecksDone) }
        let group = ServiceGroup(
            configuration: ServiceGroupConfiguration(
                services: services.map {
                    .init(
                        service: $0, successTerminationBehavior: .gracefullyShutdownGroup,
                        failureTerminationBehavior: .gracefullyShutdownGroup)
                }, gracefulShutdownSignals: [.sigterm, .sigint], logger: logger))
        do {
            try await group.run()
        } catch let error as IOError where error.errnoCode == EADDRINUSE {
            throw Problem(
                .unavailable, code: "listen.in-use", "The port \(settings.port) is in use by another program.",
                hint: "Stop that program, or choose another port with --listen.")
        } catch let error as IOError where error.errnoCode == EACCES {
            throw Problem(
                .unavailable, code: "listen.forbidden", "The port \(settings.port) may not be used by this user.",
                hint: "Choose a port above 1023 with --listen.")
        } catch let error as IOError {
            throw Problem(
                .unavailable, code: "listen.failed", "\(host):\(settings.port) cannot be listened on.",
                hint: "Check the address given with --listen.", cause: "\(error)")
        }
    }

    // MARK: - Routes

    /// Every route there is.
    func routes() throws -> [Route] {
        let renderer = try PageRenderer()
        let schedule = Schedule(
            database: installation.database, clock: installation.clock, randomness: installation.randomness)
        let rescan: SiteRescan = { site, organisation in
            try await schedule.makeDue(
                site.checks.map { Schedule.Errand($0, at: site.id.description) }, for: organisation)
        }
        let api =
            APIRoutes(rooms: installation.rooms, settings: settingsSummary, rescan: rescan, logs: logs).table
            + LedgerRoutes(rooms: installation.rooms).table
            + TokenRoutes(rooms: installation.rooms).table
        let pages =
            PageRoutes(
                rooms: installation.rooms, renderer: renderer, settings: settingsSummary,
                published: PublishedPages(rooms: installation.rooms, renderer: renderer),
                events: VerdictEvents(installation: installation).stream,
                alertEvents: AlertEvents(installation: installation).stream, logs: logs, rescan: rescan,
                version: settings.version
            ).table + WellKnownRoutes(contact: settings.securityContact).table
            + ProviderRoutes(
                rooms: installation.rooms, renderer: renderer, providers: providers, rule: settings.providerAddresses
            ).table
        let document = try OpenAPI.document(of: api, version: settings.version)
        let description = Route(
            .get, "/api/v1/openapi.json", name: "readOpenAPI", summary: "This document", permission: .readPublications,
            scope: .published, audience: .browser, response: .media("application/json")
        ) { _ in
            var answer = Answer(contentType: "application/json", .bytes(document))
            answer.publicFor = .minutes(5)
            return answer
        }
        return api + pages + [description]
    }

    func router() throws -> Router<ServerContext> {
        let gate = Gate(
            identity: installation.rooms.identity, tokens: installation.rooms.tokens, renderer: try PageRenderer(),
            clock: installation.clock,
            randomness: installation.randomness, refusals: refusals)
        let router = Router(context: ServerContext.self, options: .autoGenerateHeadEndpoints)
        let routes = try routes()
        for route in routes {
            let method = HTTPRequest.Method(route.method.rawValue) ?? .get
            router.on(RouterPath(Self.pattern(of: route)), method: method) { request, context in
                await gate.answer(request, context, by: route)
            }
        }
        router.add(middleware: NotFoundPages(gate: gate, routes: routes))
        return router
    }

    /// The route's path as the router reads it.
    private static func pattern(of route: Route) -> String {
        guard let rest = route.parameters.first(where: \.isRest) else { return route.path }
        return route.path.replacingOccurrences(of: "{\(rest.name)}", with: "**")
    }

    private var settingsSummary: @Sendable (Call) async throws -> SettingsSummary {
        { [installation, certificate, settings] call in
            let (organisation, principal) = try call.scope()
            let tenant = try await installation.rooms.identity.tenant(organisation, as: principal)
            let people = try await installation.rooms.identity.memberCount(of: organisation, as: principal)
            return SettingsSummary(
                organisation: tenant.name, slug: tenant.slug, database: installation.database.product,
                dataKey: try await installation.database.dataKeyName(of: organisation),
                certificateExpiresAt: certificate.expiresAt, people: people, version: settings.version,
                outsiders: try await installation.rooms.outsiders(of: organisation),
                identityProvider: try await installation.rooms.identity.identityProvider(
                    of: organisation, as: principal)?.name)
        }
    }

    /// The address that people open: a name of this machine where the server listens on all of them.
    private static func address(_ host: String, _ port: Int) -> String {
        let name = isEverywhere(host) ? ProcessInfo.processInfo.hostName : host
        return name.contains(":") ? "https://[\(name)]:\(port)" : "https://\(name):\(port)"
    }

    static func isEverywhere(_ host: String) -> Bool { host == "0.0.0.0" || host == "::" }
}

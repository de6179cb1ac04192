import App
import ArgumentParser
import Configuration
import Flows
import Foundation
import Identity
import Kernel
import Logging
import OpenIDConnect
import Store
import Wire

/// Runs the server.
struct Serve: AsyncParsableCommand, InstallationVerb {
    static let configuration = CommandConfiguration(
        abstract: "Serve the pages and the API, run the checks, publish verdicts.",
        discussion: """
            Serves every organisation of the installation over HTTPS, with a certificate of its own making unless \
            --certificate names another. The first start prints a link with which the owner sets up an account. Ctrl-C or \
            SIGTERM ends it in good order.
            """)

    @OptionGroup var place: DataPlace

    @Option(help: ArgumentHelp("Where to listen.", valueName: "host:port"))
    var listen = "localhost:8443"

    @Option(help: ArgumentHelp("The certificate chain in PEM; read again when it changes.", valueName: "file"))
    var certificate: String?

    @Option(help: ArgumentHelp("The certificate's private key in PEM.", valueName: "file"))
    var certificateKey: String?

    @Option(
        help: ArgumentHelp(
            "Where to report a weakness, for /.well-known/security.txt: an e-mail address, or an https:, mailto: or tel: address. Also VOUCHSAFE_SECURITY_CONTACT.",
            valueName: "contact"))
    var securityContact: String?

    @Option(
        help: ArgumentHelp(
            "The address by which people reach this server, for security.txt, such as https://trust.example.org. Also VOUCHSAFE_ADDRESS.",
            valueName: "address"))
    var address: String?

    @Option(
        help: ArgumentHelp(
            "Passwords that nobody may choose besides the known ones, one a line, such as those of breaches. Also VOUCHSAFE_PASSWORD_LIST.",
            valueName: "file"))
    var passwordList: String?

    @Option(help: ArgumentHelp("How many connections one network may have open.", valueName: "number"))
    var connectionsPerNetwork = 256

    @Flag(
        help:
            "Also ask identity providers over plain http on this machine itself: to try one out, never in earnest.")
    var loopbackProviders = false

    @OptionGroup(title: "Syslog") var syslog: SyslogOptions

    @Option(help: "Which jobs to run here: all or none.")
    var jobs: Jobs = .all

    @Flag(help: "Log everything that happens, to standard error.")
    var verbose = false

    enum Jobs: String, ExpressibleByArgument, CaseIterable { case all, none }

    func validate() throws {
        _ = try ListenAddress.parts(of: listen)
        guard (certificate == nil) == (certificateKey == nil) else {
            throw ValidationError("Give --certificate and --certificate-key together.")
        }
        try syslog.validate()
        guard connectionsPerNetwork > 0 else { throw ValidationError("--connections-per-network takes 1 or more.") }
    }

    func run() async throws {
        let (host, port) = try ListenAddress.parts(of: listen)
        let verbose = verbose
        LoggingSystem.bootstrap { label in
            var handler = StreamLogHandler.standardError(label: label)
            handler.logLevel = verbose ? .debug : .notice
            return handler
        }
        let contact = try Environment.value(securityContact, "vouchsafe.security.contact").map {
            try SecurityContact($0, server: Environment.value(address, "vouchsafe.address"))
        }
        let commonPasswords = try Environment.value(passwordList, "vouchsafe.password.list").map {
            try CommonPasswords(list: try InputFile($0).read(upTo: CommonPasswords.longestList))
        }
        let installation = try await Installation.open(
            try place.site(), commonPasswords: commonPasswords ?? CommonPasswords())
        let files = certificate.flatMap { certificate in
            certificateKey.map { CertificateFiles(certificate: certificate, key: $0) }
        }
        var settings = ServerSettings(
            host: host, port: port, certificate: files, runsJobs: jobs == .all, version: Vouchsafe.version)
        settings.securityContact = contact
        settings.connectionsPerNetwork = connectionsPerNetwork
        settings.syslog = syslog.places
        settings.syslogListening = { Output.line("Listening for syslog on \($0).") }
        if loopbackProviders { settings.providerAddresses = .secureOrLoopback }
        let server = try Server(installation, settings: settings, logger: Logger(label: "vouchsafe"))
        try await server.run { address in
            do {
                try await Self.greet(installation, at: address)
            } catch {
                Output.note("error: \(error)")
            }
        } firstChecksDone: {
            do {
                try await Self.showVerdicts(installation)
            } catch {
                Output.note("error: \(error)")
            }
        }
        try await installation.close()
    }

    private static func greet(_ installation: Installation, at address: String) async throws {
        Output.line("Vouchsafe listens on \(address)")
        try await eachTenant(of: installation) { tenant in
            Output.line("\(tenant.name)'s trust page: \(address)/trust/\(tenant.slug)")
            guard try await installation.rooms.identity.memberCount(of: tenant.id, as: .operator) == 0 else { return }
            let link = try await installation.rooms.identity.makeSetUpLink(for: tenant.id, as: .operator)
            Output.line("Set up its owner, once, within 7 days: \(address)/set-up/\(link.text)")
        }
    }

    private static func showVerdicts(_ installation: Installation) async throws {
        try await eachTenant(of: installation) { tenant in
            let report = try await installation.rooms.status(of: tenant.id, as: .operator)
            Output.line()
            Output.line("\(tenant.name) as of \(report.asOf):")
            Status.printTable(report)
        }
        Output.line()
        Output.line("Serving. Stop with Ctrl-C.")
    }

    /// What is wrong with one organisation is told, and hides no other.
    private static func eachTenant(
        of installation: Installation, _ work: (Tenant) async throws -> Void
    ) async throws {
        for tenant in try await installation.rooms.identity.tenants(as: .operator) {
            do {
                try await work(tenant)
            } catch {
                Output.note("error: \(tenant.name): \(error)")
            }
        }
    }
}

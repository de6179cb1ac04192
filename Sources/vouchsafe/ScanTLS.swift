import ArgumentParser
import Foundation
import Kernel
import Probes
import ScanResults
import TLSPosture

/// Scans one TLS server.
struct ScanTLS: AsyncParsableCommand, LooseVerb {
    static let configuration = CommandConfiguration(
        commandName: "tls", abstract: "Tell what a TLS server speaks, and judge it.",
        discussion: """
            Finds versions, suites, groups and certificates, compares them with Mozilla's profiles (6.0) and gives a grade. \
            Nothing is sent but first words; no handshake is finished.

            Ends with 1 if the server does not keep to --profile, or by --fail-on.
            """)

    @Argument(help: ArgumentHelp("HOST or HOST:PORT; an IPv6 address in brackets.", valueName: "server"))
    var server: String

    @Option(
        name: .customLong("starttls"),
        help: ArgumentHelp(
            "The protocol in which TLS begins after a few words: \(StartTLS.allCases.map(\.rawValue).joined(separator: ", ")).",
            valueName: "protocol"))
    var startTLS: StartTLS?

    @Option(help: "The profile that the server must keep to: modern or intermediate.")
    var profile: MozillaProfile.Name?

    @Option(help: ArgumentHelp("Certificates in PEM that are trusted besides the system's.", valueName: "file"))
    var ca: String?

    @Option(help: ArgumentHelp("The longest that one answer may take, such as 5s.", valueName: "period"))
    var timeout: TimeLimit = TimeLimit(period: .seconds(5))

    @Flag(help: "The server may be in a network of the organisation's own.")
    var `internal` = false

    @OptionGroup var output: ScanOutput

    func run() async throws {
        let address = try ServerAddress(server, standardPort: startTLS?.port ?? 443)
        let anchors =
            try ca.map { try TrustAnchors(pem: Input.bytes(of: $0, limit: Self.anchorLimit)) } ?? TrustAnchors()
        if let ca, anchors.count == 0 {
            throw Problem(
                .invalid, code: "scan.no-anchors", "There is no certificate in the file.",
                hint: "--ca takes certificates in PEM.", place: Problem.Place(file: ca))
        }
        let destination = try await Resolver.system.destination(
            address.host, port: address.port,
            reach: self.internal ? .internalAddresses : .implied(by: address.host))
        let progress = Progress("Asking \(destination.authority)", onlyOnTerminal: true)
        let start = WallClock.system.now()
        let observed = try await TLSScanner(timeout: timeout.period, startTLS: startTLS)
            .observe(destination) { progress.show("\($0) answers") }
        progress.end()
        let report = await TLSReport.judging(
            observed, target: destination.authority, host: destination.host, address: destination.literalAddress,
            anchors: anchors, systemAnchors: .system, from: start, to: WallClock.system.now())
        try output.finish(report, facts: Self.facts(report.details))
        if let profile, report.details.profiles[profile.rawValue]?.compliant != true { throw ExitStatus.broken }
    }

    /// A deviation on one line; JSON has all of it.
    private static func cut(_ sentence: String) -> String {
        sentence.count > 160 ? sentence.prefix(159) + "…" : sentence
    }

    private static let anchorLimit = 4 << 20

    private static func facts(_ details: TLSDetails) -> [(name: String, value: String)] {
        var facts: [(name: String, value: String)] = []
        for version in ProtocolVersion.allCases.reversed() {
            guard let suites = details.protocols[version.key], !suites.isEmpty else { continue }
            facts.append(("\(version)", suites.joined(separator: "\n")))
        }
        if !details.groups.isEmpty { facts.append(("Groups", details.groups.joined(separator: ", "))) }
        for certificate in [details.certificate].compactMap({ $0 }) + details.otherCertificates {
            let days = [certificate.notBefore, certificate.notAfter].map { $0.description.prefix(10) }
            facts += [
                ("Certificate", "for \(certificate.names.joined(separator: ", ")), by \(certificate.issuer)"),
                ("  holds", "\(days[0]) to \(days[1])"),
                ("  key", "\(certificate.key), signed with \(certificate.signature)"),
                ("  trusted", certificate.trusted ? "yes" : "no: \(certificate.faults.joined(separator: ", "))"),
            ]
        }
        for name in MozillaProfile.Name.allCases {
            guard let judgement = details.profiles[name.rawValue] else { continue }
            let deviations = judgement.issues.merging(judgement.further) { first, _ in first }
                .sorted { $0.key < $1.key }.map { "\($0.key): \(Self.cut($0.value))" }
            facts.append(
                (
                    "Mozilla \(name.rawValue) 6.0",
                    ([judgement.compliant ? "kept" : "not kept"] + deviations).joined(separator: "\n")
                ))
        }
        return facts
    }
}

extension MozillaProfile.Name: ExpressibleByArgument {}
extension StartTLS: ExpressibleByArgument {}

/// The longest that an answer may take, on the command line: at most ten minutes.
struct TimeLimit: ExpressibleByArgument, CustomStringConvertible {
    let period: Period

    var description: String { "\(period)" }
    var defaultValueDescription: String { description }

    /// The same for what waits that long.
    var duration: Duration { .milliseconds(period.milliseconds) }

    init(period: Period) { self.period = period }

    init?(argument: String) {
        guard let period = Period(argument), (1...600_000).contains(period.milliseconds) else { return nil }
        self.period = period
    }
}

import Foundation
import Kernel
import ScanResults
import TLSPosture
import Testing

@testable import Probes

/// What others' tools saw on real servers is what a scan sees.
@Suite("TLS servers as sslyze saw them", .enabled(if: NginxServers.isInstalled), .serialized)
struct OracleTests {
    /// One case of the conformance data, as far as it is needed to rebuild the server.
    private struct SharedCase: Decodable {
        struct Profile: Decodable {
            let key: String
            let days: Int
            let md, san: String
            let self_signed, expired: Bool
        }
        let port: Int
        let cert, protocols, openssl_ciphers, prefer_server: String
        let curves: [String]
        let dhparam: String?
        let cert_profile: Profile
        let probe: [String: [String]]
        let issues_6_0: [String: [String: String]]
    }

    private struct SharedCases: Decodable { let cases: [SharedCase] }

    private struct OwnCase: Decodable {
        let certificates: [String]
        let protocols, ciphers, curves, prefer: String
        let small_prime: Bool
        let suites_of_tls13: String?
        let accepted: [String: [String]]
        let modern, intermediate: [String]
    }

    private struct OwnCases: Decodable {
        let certificates: [String: NginxServers.Certificate]
        let cases: [OwnCase]
    }

    private static let package = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
        .deletingLastPathComponent().deletingLastPathComponent()
    private static let sharedFile = package.appendingPathComponent("../shared/conformance/tls/sslyze_cases.json")

    @Test(
        "suites, issues and the number of connections, for every configuration of the conformance data",
        .enabled(if: FileManager.default.fileExists(atPath: sharedFile.path)))
    func shared() async throws {
        let cases = try JSONDecoder().decode(SharedCases.self, from: Data(contentsOf: Self.sharedFile)).cases
        #expect(cases.count == 36)
        var certificates: [String: NginxServers.Certificate] = [:]
        for one in cases {
            let profile = one.cert_profile
            certificates[one.cert] = NginxServers.Certificate(
                key: profile.key, md: profile.md, days: profile.days, san: profile.san, isExpired: profile.expired,
                isSelfSigned: profile.self_signed)
        }
        let servers = try NginxServers(
            cases.map { one in
                .init(
                    certificates: [one.cert],
                    lines: Self.lines(
                        one.protocols, one.openssl_ciphers, one.curves.joined(separator: ":"), one.prefer_server,
                        prime: one.dhparam))
            }, certificates: certificates)
        for (port, one) in zip(servers.ports, cases) {
            let report = try await Self.scan(port, servers)
            for (version, suites) in one.probe {
                #expect(Set(report.details.protocols[version] ?? []) == Set(suites), "\(one.port) \(version)")
            }
            for (name, issues) in one.issues_6_0 {
                #expect(
                    Set(report.details.profiles[name]?.issues.keys.map { $0 } ?? []) == Set(issues.keys),
                    "\(one.port) \(name)")
            }
        }
    }

    @Test("suites, issues and the number of connections, for configurations of our own")
    func own() async throws {
        let file = URL(fileURLWithPath: #filePath).deletingLastPathComponent().appendingPathComponent(
            "Oracle/own_cases.json")
        let own = try JSONDecoder().decode(OwnCases.self, from: Data(contentsOf: file))
        let servers = try NginxServers(
            own.cases.map { one in
                .init(
                    certificates: one.certificates,
                    lines: Self.lines(
                        one.protocols, one.ciphers, one.curves, one.prefer, prime: one.small_prime ? "dh1024" : nil)
                        + (one.suites_of_tls13.map { ["ssl_conf_command Ciphersuites \($0)"] } ?? []))
            }, certificates: own.certificates)
        for (number, (port, one)) in zip(servers.ports, own.cases).enumerated() {
            let report = try await Self.scan(port, servers)
            let title = "case \(number): \(one.certificates) \(one.protocols) \(one.ciphers) \(one.curves)"
            for (version, suites) in one.accepted {
                // sslyze misses some suites; it never sees one that is not there.
                #expect(Set(report.details.protocols[version] ?? []).isSuperset(of: suites), "\(title) \(version)")
            }
            #expect(Set(report.details.profiles["modern"]?.issues.keys.map { $0 } ?? []) == Set(one.modern), "\(title)")
            #expect(
                Set(report.details.profiles["intermediate"]?.issues.keys.map { $0 } ?? []) == Set(one.intermediate),
                "\(title)")
        }
    }

    private static func lines(
        _ protocols: String, _ ciphers: String, _ curves: String, _ prefer: String, prime: String?
    ) -> [String] {
        [
            "ssl_protocols \(protocols)", "ssl_ciphers \(ciphers):@SECLEVEL=0",
            "ssl_ecdh_curve \(curves.replacingOccurrences(of: "secp256r1", with: "prime256v1"))",
            "ssl_prefer_server_ciphers \(prefer)",
        ] + (prime.map { ["ssl_dhparam FOLDER/\($0).pem"] } ?? [])
    }

    /// Scans one server, and holds what nginx counted against what the scan says and may need.
    private static func scan(_ port: Int, _ servers: NginxServers) async throws -> TLSReport {
        let before = try servers.accepted()
        let destination = try await Resolver.system.destination("localhost", port: port, reach: .internalAddresses)
        let observed = try await TLSScanner().observe(destination)
        let counted = try servers.accepted() - before - 1
        let report = await TLSReport.judging(
            observed, target: destination.authority, host: "localhost", address: nil,
            anchors: TrustAnchors(pem: try servers.anchors()), systemAnchors: TrustAnchors(),
            from: WallClock.system.now(), to: WallClock.system.now())
        let pairs = report.details.protocols.values.reduce(0) { $0 + $1.count }
        #expect(counted == report.details.connections)
        #expect(counted <= pairs + 25)
        return report
    }
}

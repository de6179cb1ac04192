import Foundation
import Kernel
import ScanResults
import Testing

@testable import TLSPosture

@Suite("How a server is judged")
struct JudgementTests {
    private static let intermediate: [UInt16] = [0xC02B, 0xC02C, 0xCCA9]
    private static let tls13: [UInt16] = [0x1301, 0x1302, 0x1303]

    /// Judged with a certificate that is sound unless told otherwise.
    private func report(
        _ server: PretendServer, chain: [[UInt8]] = [TestCertificates.leaf, TestCertificates.inter],
        at moment: String = "2026-02-01", host: String = "site.example", stapled: [UInt8]? = [1], isPublic: Bool = false
    ) async throws -> TLSReport {
        var observed = observations(of: server)
        observed.chains = [.init(certificates: chain, stapled: stapled, timestamps: [])]
        let now = try #require(Instant(moment))
        let root = TrustAnchors(pem: TestCertificates.pem(TestCertificates.root))
        return await TLSReport.judging(
            observed, target: "site.example:443", host: host, address: nil,
            anchors: isPublic ? TrustAnchors() : root, systemAnchors: isPublic ? root : TrustAnchors(),
            from: now, to: now)
    }

    private static func sound(_ change: (inout PretendServer) -> Void = { _ in }) -> PretendServer {
        var server = PretendServer(suites: [.tls13: tls13, .tls12: intermediate])
        change(&server)
        return server
    }

    struct Graded: Sendable {
        let title: String
        let grade: ScanGrade
        let rule: String?
        let server: PretendServer
        init(_ title: String, _ grade: ScanGrade, _ rule: String?, _ change: (inout PretendServer) -> Void) {
            self.title = title
            self.grade = grade
            self.rule = rule
            server = JudgementTests.sound(change)
        }
    }

    static let graded = [
        Graded("sound", .aPlus, nil) { _ in },
        Graded("modern", .aPlus, nil) { $0.suites[.tls12] = nil },
        Graded("a suite with CBC", .a, "tls.suites.cbc") { $0.suites[.tls12]?.append(0xC009) },
        Graded("another group", .a, "tls.key-exchange.groups") { $0.groups.append(NamedGroup(0x001E)) },
        Graded("no TLS 1.3", .aMinus, "tls.version.no-tls13") { $0.suites[.tls13] = nil },
        Graded("TLS 1.1", .b, "tls.version.tls11") { $0.suites[.tls11] = [0xC009] },
        Graded("TLS 1.0", .b, "tls.version.tls10") { $0.suites[.tls10] = [0xC009] },
        Graded("a prime of 1024 bits", .b, "tls.key-exchange.prime") {
            $0.suites[.tls12]?.append(0x009E)
            $0.prime = [UInt8](repeating: 0xFF, count: 128)
        },
        Graded("fallback", .b, "tls.fallback") {
            $0.suites[.tls11] = [0xC009]
            $0.refusesFallback = false
        },
        Graded("RC4 in TLS 1.2", .c, "tls.suites.rc4") { $0.suites[.tls12]?.append(0x0005) },
        Graded("triple DES in TLS 1.2", .c, "tls.suites.des") { $0.suites[.tls12]?.append(0x000A) },
        Graded("compression", .c, "tls.compression") { $0.compresses = true },
        Graded("only TLS 1.1", .c, "tls.version.tls11") { $0.suites = [.tls11: [0xC009]] },
        Graded("SSL 3 with CBC", .c, "tls.version.ssl3") { $0.suites[.ssl3] = [0x002F] },
        Graded("SSL 2", .f, "tls.version.ssl2") { $0.ssl2 = [[1, 0, 0x80]] },
        Graded("no encryption", .f, "tls.suites.null") { $0.suites[.tls12]?.append(0x003B) },
        Graded("export", .f, "tls.suites.export") { $0.suites[.tls12]?.append(0x0003) },
        Graded("nobody proves who they are", .f, "tls.suites.anonymous") { $0.suites[.tls12]?.append(0xC018) },
        Graded("a prime of 512 bits", .f, "tls.key-exchange.prime") {
            $0.suites[.tls12]?.append(0x009E)
            $0.prime = [UInt8](repeating: 0xFF, count: 64)
        },
        Graded("insecure renegotiation", .f, "tls.renegotiation") { $0.extensions = [.extendedMasterSecret] },
    ]

    @Test("each weakness caps the grade and is a finding with a fix", arguments: graded)
    func grades(example: Graded) async throws {
        let report = try await report(example.server)
        #expect(report.summary.grade == example.grade, "\(example.title): \(report.details.profiles)")
        if let rule = example.rule {
            let finding = try #require(report.summary.findings.first { $0.rule == rule }, "\(example.title)")
            #expect(finding.fix != nil)
            #expect(finding.weakness != nil)
        }
    }

    @Test("the certificate decides before everything else")
    func certificates() async throws {
        let server = Self.sound { $0.suites[.tls12]?.append(0x0003) }
        #expect(try await report(server, at: "2026-05-01").summary.grade == .untrusted)
        #expect(try await report(server, host: "other.example").summary.grade == .mismatch)
        #expect(try await report(server, at: "2026-05-01", host: "other.example").summary.grade == .untrusted)
        #expect(try await report(Self.sound(), chain: [TestCertificates.sha1]).summary.grade == .untrusted)
        #expect(try await report(Self.sound(), chain: [TestCertificates.small]).summary.grade == .b)
    }

    @Test("a certificate that some browsers refuse caps the grade: no response that it demands, or in no public log")
    func refusedBySome() async throws {
        let unstapled = try await report(Self.sound(), stapled: nil)
        #expect(unstapled.summary.grade == .b)
        #expect(unstapled.summary.findings.contains { $0.rule == "tls.certificate.must-staple" })
        let unlogged = try await report(Self.sound(), isPublic: true)
        #expect(unlogged.summary.grade == .b)
        #expect(unlogged.summary.findings.contains { $0.rule == "tls.certificate.transparency" })
        let logged = try await report(Self.sound(), stapled: CertificateExtensions.timestampsInResponse, isPublic: true)
        #expect(logged.summary.grade == .aPlus)
        #expect(logged.details.certificate?.timestamps == ["ocsp"])
    }

    @Test(
        "a certificate that was not renewed in time is told of two weeks before it ends",
        arguments: [("2026-03-10", false), ("2026-03-19", true), ("2026-03-31", true), ("2026-04-02", false)])
    func endsSoon(day: String, isTold: Bool) async throws {
        let found = try await report(Self.sound(), at: day).summary.findings
        #expect(found.contains { $0.rule == "tls.certificate.ends-soon" } == isTold)
    }

    @Test("messages name dates, and nothing that would be otherwise tomorrow")
    func dates() async throws {
        let today = try await report(Self.sound(), at: "2026-05-01").summary.findings
        let tomorrow = try await report(Self.sound(), at: "2026-05-02").summary.findings
        #expect(today == tomorrow)
        #expect(today.contains { $0.rule == "tls.certificate.expired" && $0.message.contains("2026-04-01") })
    }

    @Test("a server whose certificate nobody saw has no grade and keeps to no profile")
    func noCertificate() async throws {
        let observed = observations(of: PretendServer(suites: [.tls13: Self.tls13]))
        let now = try #require(Instant("2026-02-01"))
        let report = await TLSReport.judging(
            observed, target: "a:1", host: "a", address: nil, anchors: TrustAnchors(), systemAnchors: TrustAnchors(),
            from: now, to: now)
        #expect(report.summary.grade == nil)
        #expect(report.details.profiles["modern"]?.compliant == false)
    }

    @Test("a profile names each deviation by sslyze's key")
    func profiles() async throws {
        let report = try await report(
            Self.sound {
                $0.suites[.tls11] = [0xC009]
                $0.suites[.tls13] = [0x1301, 0x1304]
                $0.suites[.tls12]?.append(0x009E)
                $0.prime = [UInt8](repeating: 0xFF, count: 128)
                $0.groups.append(.secp521r1)
                $0.refusesFallback = false
                $0.extensions = []
                $0.compresses = true
            }, chain: [TestCertificates.small], at: "2026-05-01")
        let common: Set = [
            "tls_versions", "ciphers", "ciphersuites", "tls_curves", "certificate_path_validation",
            "tls_vulnerability_compression", "tls_vulnerability_fallback_scsv", "tls_vulnerability_renegotiation",
        ]
        let intermediate = try #require(report.details.profiles["intermediate"])
        #expect(Set(intermediate.issues.keys) == common.union(["rsa_key_size", "dh_param_size"]))
        // sslyze asks for extended master secrets only where there is no TLS 1.3.
        #expect(Set(intermediate.further.keys) == ["tls_vulnerability_extended_master_secret"])
        #expect(!intermediate.compliant)
        let modern = try #require(report.details.profiles["modern"])
        #expect(Set(modern.issues.keys) == common.union(["certificate_types"]))
    }

    @Test("what sslyze's clients cannot see is named beside what they can")
    func blindSpots() async throws {
        let server = PretendServer(suites: [.tls13: Self.tls13, .tls12: [0xC009]], groups: [.x25519])
        let profile = try #require(try await report(server).details.profiles["modern"])
        #expect(profile.issues.isEmpty)
        #expect(Set(profile.further.keys) == ["tls_versions", "ciphers"])
        #expect(!profile.compliant)
    }

    @Test("the report has the members that the issue names, and reads as every scan's summary")
    func json() async throws {
        let report = try await report(Self.sound())
        let data = try JSONEncoder().encode(report)
        let object = try #require(try JSONSerialization.jsonObject(with: data) as? [String: Any])
        #expect(Set(["target", "protocols", "groups", "certificate", "profiles", "grade"]).isSubset(of: object.keys))
        let protocols = try #require(object["protocols"] as? [String: [String]])
        #expect(Set(protocols.keys) == ["ssl_2_0", "ssl_3_0", "tls_1_0", "tls_1_1", "tls_1_2", "tls_1_3"])
        #expect(protocols["tls_1_2"]?.sorted().first == "TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256")
        #expect(try JSONDecoder().decode(ScanSummary.self, from: data) == report.summary)
        #expect(try JSONDecoder().decode(TLSReport.self, from: data) == report)
    }
}

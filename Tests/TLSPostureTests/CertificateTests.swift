import Kernel
import Testing

@testable import TLSPosture

@Suite("What certificates say and whether they are trusted")
struct CertificateTests {
    private let anchors = TrustAnchors(pem: TestCertificates.pem(TestCertificates.root))
    private let duringIt = "2026-02-01"

    private func judge(
        _ chain: [[UInt8]], host: String = "site.example", address: [UInt8]? = nil, at moment: String = "2026-02-01",
        anchors: TrustAnchors? = nil, system: TrustAnchors = TrustAnchors()
    ) async throws -> ChainJudgement {
        await ChainJudgement.judge(
            chain, host: host, address: address, anchors: anchors ?? self.anchors, systemAnchors: system,
            now: try #require(Instant(moment)))
    }

    @Test("everything that matters is read")
    func facts() throws {
        let leaf = try #require(CertificateFacts(TestCertificates.leaf))
        #expect(leaf.subject == "CN=leaf")
        #expect(leaf.issuer == "CN=inter")
        #expect(leaf.notBefore == Instant("2026-01-01"))
        #expect(leaf.notAfter == Instant("2026-04-01"))
        #expect(leaf.lifetimeInDays == 90)
        #expect(leaf.key == .elliptic(curve: "secp256r1"))
        #expect(leaf.signatureAlgorithm == "ecdsa-with-SHA256")
        #expect(leaf.names.map(\.description) == ["site.example", "*.site.example", "192.0.2.1", "2001:db8::1"])
        #expect(leaf.mustStaple && leaf.isForServers && !leaf.isAuthority && !leaf.isSelfIssued)
        #expect(leaf.timestamps == 0)
        #expect(leaf.fingerprint.count == 64)
        #expect(CertificateFacts(TestCertificates.small)?.key == .rsa(bits: 1024))
        #expect(CertificateFacts(TestCertificates.ed)?.key == .other("Ed25519"))
        #expect(CertificateFacts(TestCertificates.root)?.isAuthority == true)
        #expect(CertificateFacts(TestCertificates.root)?.isSelfIssued == true)
        #expect(CertificateFacts(TestCertificates.client)?.isForServers == false)
        #expect(CertificateFacts(TestCertificates.sha1)?.hasBrokenSignature == true)
    }

    @Test("a whole chain is trusted, in order or not")
    func trusted() async throws {
        let whole = try await judge([TestCertificates.leaf, TestCertificates.inter])
        #expect(whole.faults == [] && whole.isInOrder && !whole.carriesRoot && !whole.isPubliclyTrusted)
        let mixed = try await judge([TestCertificates.leaf, TestCertificates.root, TestCertificates.inter])
        #expect(mixed.faults == [] && !mixed.isInOrder && mixed.carriesRoot)
    }

    @Test("a key that the verifier would not use is trusted if an authority signed it", arguments: ["small", "ed"])
    func unusualKeys(name: String) async throws {
        let certificate = name == "small" ? TestCertificates.small : TestCertificates.ed
        #expect(try await judge([certificate]).faults == [])
        #expect(try await judge([certificate], anchors: TrustAnchors()).faults == [.missingIntermediate])
        var forged = certificate
        forged[forged.count - 1] ^= 1
        #expect(try await judge([forged]).isTrusted == false)
    }

    @Test("every fault has its name")
    func faults() async throws {
        let whole = [TestCertificates.leaf, TestCertificates.inter]
        #expect(try await judge(whole, at: "2026-04-02").faults == [.expired])
        #expect(try await judge(whole, at: "2025-12-31").faults == [.notYetValid])
        #expect(try await judge(whole, host: "other.example").faults == [.wrongName])
        #expect(try await judge([TestCertificates.leaf]).faults == [.missingIntermediate])
        #expect(try await judge(whole, anchors: TrustAnchors()).faults == [.unknownIssuer])
        #expect(try await judge([TestCertificates.own]).faults == [.selfSigned])
        #expect(try await judge([TestCertificates.client]).faults == [.notForServers])
        #expect(try await judge([TestCertificates.sha1]).faults.contains(.brokenSignature))
        #expect(try await judge([[1, 2, 3]]).faults == [.unreadable])
        #expect(try await judge(whole, host: "other.example", at: "2026-04-02").faults == [.expired, .wrongName])
    }

    @Test("an anchor is trusted itself, and the system's make a certificate public")
    func anchors() async throws {
        let own = TrustAnchors(pem: TestCertificates.pem(TestCertificates.own))
        #expect(try await judge([TestCertificates.own], anchors: own).isTrusted)
        let whole = [TestCertificates.leaf, TestCertificates.inter]
        #expect(try await judge(whole, anchors: TrustAnchors(), system: anchors).isPubliclyTrusted)
        #expect(TrustAnchors(pem: Array("no certificate\n".utf8)).count == 0)
        #expect(TrustAnchors(pem: TestCertificates.pem(TestCertificates.root, [9], TestCertificates.own)).count == 2)
    }

    @Test(
        "a name covers what RFC 9525 lets it cover",
        arguments: [
            ("site.example", "site.example", true), ("site.example", "SITE.EXAMPLE.", true),
            ("site.example", "www.site.example", false), ("*.site.example", "www.site.example", true),
            ("*.site.example", "site.example", false), ("*.site.example", "a.b.site.example", false),
            ("*.example", "site.example", false), ("*", "example", false),
            ("w*.site.example", "www.site.example", false),
            ("www.*.example", "www.site.example", false), ("xn--a.example", "XN--A.example", true), ("", "", false),
        ])
    func names(pattern: String, host: String, isCovered: Bool) {
        #expect(CertificateName.dns(pattern).covers(host, address: nil) == isCovered)
    }

    @Test("an address is covered by itself alone")
    func addresses() {
        #expect(CertificateName.address([192, 0, 2, 1]).covers("192.0.2.1", address: [192, 0, 2, 1]))
        #expect(!CertificateName.address([192, 0, 2, 1]).covers("192.0.2.2", address: [192, 0, 2, 2]))
        #expect(!CertificateName.dns("192.0.2.1").covers("192.0.2.1", address: [192, 0, 2, 1]))
        #expect(CertificateName.address([UInt8](repeating: 0, count: 15) + [1]).description == "::1")
    }
}

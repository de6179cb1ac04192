import TestSupport
import Testing

@testable import TLSPosture

@Suite("What a plan finds out")
struct PlanTests {
    private static let common: [UInt16] = [0xC02B, 0xC02F, 0xC030, 0xCCA8, 0x009C, 0x002F, 0x000A, 0x0033]

    @Test("every suite of every version, every group and the order are found, whatever the server takes")
    func randomServers() {
        for seed in 0..<150 {
            var generator = SeededGenerator(UInt64(seed))
            let server = Self.randomServer(&generator)
            let observed = observations(of: server, atOnce: seed % 4 + 1, seed: UInt64(seed))
            for version in ProtocolVersion.allCases {
                #expect(
                    Set(observed.suites(in: version).map(\.value)) == server.reachable(in: version),
                    "seed \(seed), \(version)")
                if let found = observed.prefersOwnOrder[version], server.prefersOwnOrder == false {
                    #expect(!found, "seed \(seed), \(version)")
                }
            }
            if !(server.suites[.tls13] ?? []).isEmpty, !observed.remarks.contains(where: { $0.contains("limit") }) {
                #expect(Set(observed.groupsOfTLS13) == Set(server.groups), "seed \(seed)")
            }
            #expect(
                observed.connections - observed.agreements.count <= ScanPlan.mostConnectionsWithoutAgreement,
                "seed \(seed)")
        }
    }

    private static func randomServer(_ generator: inout SeededGenerator) -> PretendServer {
        var server = PretendServer()
        for version in ProtocolVersion.allCases where Bool.random(using: &generator) {
            let all = version == .tls13 ? CipherSuite.tls13 : CipherSuite.beforeTLS13
            let count = Int.random(in: 1...(Bool.random(using: &generator) ? 4 : min(40, all.count)), using: &generator)
            server.suites[version] = Array(all.map(\.value).shuffled(using: &generator).prefix(count))
        }
        if server.suites.isEmpty { server.suites[.tls12] = common }
        let groups = NamedGroup.inTLS13.shuffled(using: &generator)
        server.groups = Array(groups.prefix(Int.random(in: 1...10, using: &generator)))
        server.prefersOwnOrder = Bool.random(using: &generator)
        server.refusesFallback = Bool.random(using: &generator)
        server.warnsFirst = Bool.random(using: &generator)
        server.closesSilently = Bool.random(using: &generator)
        server.refusesProtocols = !server.closesSilently && Bool.random(using: &generator)
        if Bool.random(using: &generator) { server.ssl2 = [[7, 0, 0xC0], [1, 0, 0x80]] }
        return server
    }

    @Test("a server with more groups than a scan may ask for ends it in time, and a remark says so")
    func manyGroups() {
        let server = PretendServer(
            suites: [.tls13: [0x1301], .tls12: Self.common, .tls11: [0x002F], .tls10: [0x002F], .ssl3: [0x000A]],
            groups: NamedGroup.inTLS13 + NamedGroup.curvesBeforeTLS13)
        for seed in 0..<20 {
            let observed = observations(of: server, atOnce: seed % 5 + 1, seed: UInt64(seed))
            #expect(observed.connections - observed.agreements.count <= ScanPlan.mostConnectionsWithoutAgreement)
            #expect(observed.suites(in: .tls12).count == Self.common.count)
            #expect(observed.remarks.contains { $0.contains("limit of connections") })
        }
    }

    @Test("the order of suites is the server's, or the client's", arguments: [true, false])
    func order(isOwn: Bool) {
        let server = PretendServer(
            suites: [.tls12: [0x002F, 0xC02F, 0x009C], .tls13: [0x1302, 0x1301]], prefersOwnOrder: isOwn)
        let observed = observations(of: server)
        #expect(observed.prefersOwnOrder == [.tls12: isOwn, .tls13: isOwn])
    }

    @Test("a client that falls back is refused, or not", arguments: [true, false])
    func fallback(isRefused: Bool) {
        let server = PretendServer(suites: [.tls12: Self.common, .tls11: [0x002F]], refusesFallback: isRefused)
        #expect(observations(of: server).refusesFallback == isRefused)
    }

    @Test("with one version there is nothing to fall back to")
    func oneVersion() {
        #expect(observations(of: PretendServer(suites: [.tls13: [0x1301]])).refusesFallback == nil)
    }

    @Test("SSL 2 and SSL 3 are recognised")
    func oldVersions() {
        let server = PretendServer(suites: [.ssl3: [0x000A, 0x0005]], ssl2: [[1, 0, 0x80], [9, 9, 9]])
        let observed = observations(of: server)
        #expect(observed.ssl2 == ["SSL_CK_RC4_128_WITH_MD5", "SSL_CK_0x090909"])
        #expect(observed.versions == [.ssl3])
    }

    @Test("compression, renegotiation, extended secrets and tickets are seen")
    func extensions() throws {
        let plain = PretendServer(suites: [.tls12: [0xC02F]], compresses: true, extensions: [])
        let agreement = try #require(observations(of: plain).agreements.last)
        #expect(agreement.compresses)
        #expect(!agreement.hasSecureRenegotiation && !agreement.hasExtendedMasterSecret && !agreement.hasSessionTicket)
        let sound = try #require(observations(of: PretendServer(suites: [.tls12: [0xC02F]])).agreements.last)
        #expect(!sound.compresses)
        #expect(sound.hasSecureRenegotiation && sound.hasExtendedMasterSecret && sound.hasSessionTicket)
    }

    @Test(
        "the size of the prime is seen, also behind the hint of a pre-shared key",
        arguments: [0x0033, 0x0090] as [UInt16])
    func primes(suite: UInt16) throws {
        var server = PretendServer(suites: [.tls12: [suite]])
        server.prime = [0, 0, 0x3F] + [UInt8](repeating: 0xFF, count: 127)
        let agreement = try #require(observations(of: server).agreements.last)
        #expect(agreement.key?.bits == 127 * 8 + 6)
    }

    @Test("a server that long hellos make fall silent is asked in short ones")
    func shortHellos() {
        let server = PretendServer(suites: [.tls12: Self.common, .tls10: [0x002F]], longestHello: 420)
        let observed = observations(of: server)
        #expect(Set(observed.suites(in: .tls12).map(\.value)) == Set(Self.common))
        #expect(observed.suites(in: .tls10).map(\.value) == [0x002F])
        #expect(observed.remarks.contains { $0.contains("long hellos") })
        #expect(observed.connections - observed.agreements.count <= ScanPlan.mostConnectionsWithoutAgreement)
    }

    @Test("a server that wants a key in each hello shows its suites and the groups for which there can be keys")
    func wantsKeys() {
        var server = PretendServer(
            suites: [.tls13: [0x1301, 0x1303, 0x1304]], groups: [.secp256r1, .secp384r1, .secp521r1, .x25519])
        server.wantsKeys = true
        let observed = observations(of: server)
        #expect(Set(observed.suites(in: .tls13).map(\.value)) == [0x1301, 0x1303, 0x1304])
        #expect(Set(observed.groupsOfTLS13) == Set(server.groups))
        #expect(observed.connectionsWithoutAgreement <= ScanPlan.mostConnectionsWithoutAgreement)
    }

    @Test("a server that never says anything costs three questions")
    func silence() {
        let observed = observations(of: PretendServer(longestHello: 0))
        #expect(!observed.isTLSServer)
        #expect(observed.connections == 3)
    }

    @Test(
        "a server that does not speak TLS costs a bounded number of questions",
        arguments: [
            Array("SSH-2.0-OpenSSH_9\r\n".utf8), [], [0x16], [22, 3, 3, 0xFF, 0xFF],
            [UInt8](repeating: 0x80, count: 70_000),
        ])
    func nonsense(bytes: [UInt8]) {
        let observed = observations(of: PretendServer(nonsense: bytes))
        #expect(!observed.isTLSServer)
        #expect(observed.connections <= 12)
    }

    @Test("names are asked for, addresses are not", arguments: ["site.example", nil])
    func serverName(name: String?) throws {
        var plan = ScanPlan(serverName: name, randomness: seededRandomness(1))
        let first = plan.next()
        let question = try #require(first)
        #expect(ReadHello(question.message)?.serverName == name)
    }
}

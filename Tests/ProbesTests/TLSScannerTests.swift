import Kernel
import TLSPosture
import TestSupport
import Testing

@testable import Probes

@Suite("Servers that do what they should not", .timeLimit(.minutes(2)))
struct TLSScannerTests {
    /// A flight of SSL 3 that chooses TLS_RSA_WITH_3DES_EDE_CBC_SHA and shows no certificate worth the name.
    private static let ssl3Flight: [UInt8] =
        [22, 3, 0, 0, 42 + 10 + 4, 2, 0, 0, 38, 3, 0] + [UInt8](repeating: 7, count: 32) + [0, 0, 0x0A, 0]
        + [11, 0, 0, 6, 0, 0, 3, 0, 0, 0] + [14, 0, 0, 0]
    private static let ssl2Hello: [UInt8] = [0x80, 14, 4, 0, 1, 0, 2, 0, 0, 0, 3, 0, 0, 7, 0, 0xC0]
    private static let alert: [UInt8] = [21, 3, 1, 0, 2, 2, 40]

    /// Speaks SSL 2 to those who do, and to others SSL 3.
    private static let old = FakeServer.Manner { received in
        received.first == 22 ? ssl3Flight : ssl2Hello
    }

    private func scan(
        _ manner: FakeServer.Manner, startTLS: StartTLS? = nil, timeout: Period = Period(milliseconds: 300)
    ) async throws -> ServerObservations {
        let server = try await FakeServer(manner)
        let destination = try await Resolver.system.destination(
            "127.0.0.1", port: server.port, reach: .internalAddresses)
        return try await TLSScanner(timeout: timeout, startTLS: startTLS).observe(destination)
    }

    @Test("SSL 2 and SSL 3 are found where they still are")
    func oldVersions() async throws {
        let observed = try await scan(Self.old, timeout: .seconds(20))
        #expect(observed.ssl2 == ["SSL_CK_DES_192_EDE3_CBC_WITH_MD5"])
        #expect(observed.versions == [.ssl3])
        #expect(observed.suites(in: .ssl3).map(\.name) == ["TLS_RSA_WITH_3DES_EDE_CBC_SHA"])
        // It says the same again, whatever it is offered.
        #expect(observed.remarks.contains { $0.contains("not offered") })
    }

    @Test(
        "a server that refuses everything, hangs, ends at once, ends half or speaks another protocol is no TLS server")
    func noTLS() async throws {
        let manners: [FakeServer.Manner] = [
            .init(answer: { _ in Self.alert }), .init(), .init(closes: true), .init(halfCloses: true),
            .init(greeting: Array("SSH-2.0-OpenSSH_9\r\n".utf8)),
            .init(answer: { _ in Array("HTTP/1.1 400 Bad Request\r\n\r\n".utf8) }, closes: true),
            .init(answer: { _ in [22, 3, 3, 0xFF, 0xFF] }), .init(answer: { _ in [22, 3] }, halfCloses: true),
        ]
        for (number, manner) in manners.enumerated() {
            let found = await problem { _ = try await scan(manner) }
            #expect(found?.code == "probe.no-tls", "manner \(number)")
        }
    }

    @Test("a server that refuses every name says so, and the person learns to try another")
    func otherName() async throws {
        let found = await problem { _ = try await scan(.init(answer: { _ in [21, 3, 3, 0, 2, 2, 112] })) }
        #expect(found?.code == "probe.no-tls")
        #expect(found?.message.contains("unrecognized_name") == true)
        #expect(found?.hint?.contains("other names") == true)
    }

    @Test("a server that never stops is cut off at the most bytes that are taken")
    func endless() async throws {
        let warning: [UInt8] = [21, 3, 1, 0, 2, 1, 112]
        let piece = Array(repeatElement(warning, count: 1000).joined())
        let found = await problem {
            _ = try await scan(.init(answer: { _ in piece }, isEndless: true), timeout: .seconds(20))
        }
        #expect(found?.code == "probe.no-tls")
    }

    @Test("a scan ends when its patience does, and what was not asked counts as not answered")
    func patience() async throws {
        let server = try await FakeServer(Self.old)
        let destination = try await Resolver.system.destination(
            "127.0.0.1", port: server.port, reach: .internalAddresses)
        let observed = try await TLSScanner(patience: .zero).observe(destination)
        #expect(observed.versions == [.ssl3])
        #expect(observed.remarks.contains { $0.contains("does not answer") })
    }

    @Test("a port where nobody listens takes no connection")
    func closed() async throws {
        let port = try FreePorts.find(1)[0]
        let destination = try await Resolver.system.destination("127.0.0.1", port: port, reach: .internalAddresses)
        let found = await problem { _ = try await TLSScanner().observe(destination) }
        #expect(found?.code == "probe.no-connection")
        #expect(found?.kind == .unavailable)
    }

    @Test("TLS begins after the words of a mail server, and a server without it says so")
    func startTLS() async throws {
        let willing = FakeServer.Manner(greeting: Array("220 mail.example ESMTP\r\n".utf8)) { received in
            let words = String(decoding: received, as: UTF8.self)
            if words.hasPrefix("EHLO") { return Array("250-mail.example\r\n250 STARTTLS\r\n".utf8) }
            if words.hasPrefix("STARTTLS") { return Array("220 go on\r\n".utf8) }
            return received.first == 22 ? Self.ssl3Flight : Self.ssl2Hello
        }
        #expect(try await scan(willing, startTLS: .smtp, timeout: .seconds(20)).versions == [.ssl3])
        var unwilling = willing
        unwilling.answer = { _ in Array("502 no\r\n".utf8) }
        let manner = unwilling
        let found = await problem { _ = try await scan(manner, startTLS: .smtp, timeout: .seconds(20)) }
        #expect(found?.code == "probe.no-starttls")
    }
}

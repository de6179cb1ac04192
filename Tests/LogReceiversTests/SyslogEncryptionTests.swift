import Foundation
import Kernel
import Synchronization
import TestSupport
import Testing

@testable import LogReceivers

@Suite("Syslog over TLS", .enabled(if: TestAuthority.isPossible), .timeLimit(.minutes(3)))
struct SyslogEncryptionTests {
    /// Speaks TLS as openssl's client does; what is written to `input` goes over it.
    private func client(
        _ authority: TestAuthority, port: Int?, _ arguments: [String], input: Pipe
    ) throws -> TestProcess {
        try TestProcess(
            "/usr/bin/openssl",
            [
                "s_client", "-connect", "127.0.0.1:\(port ?? 0)", "-quiet", "-no_ign_eof", "-CAfile",
                authority.path("ca"),
            ]
                + arguments,
            input: input.fileHandleForReading)
    }

    private func settings(_ authority: TestAuthority) -> SyslogSettings {
        SyslogSettings(host: "127.0.0.1", encryption: authority.settings)
    }

    @Test(
        "a sender is its certificate, in every version of TLS that is taken", arguments: ["-tls1_2", "-tls1_3"])
    func certificate(version: String) async throws {
        let authority = try await TestAuthority()
        let intake = RecordingIntake()
        try await listening(settings(authority), intake) { _, ports in
            let input = Pipe()
            let openssl = try client(
                authority, port: ports.encrypted,
                [version, "-cert", authority.path("client"), "-key", authority.key("client")], input: input)
            defer { openssl.end() }
            try input.fileHandleForWriting.write(contentsOf: Data("7 <13>one8 <13>two\n9 <13>cut".utf8))
            #expect(await eventually { intake.count == 2 })
            try input.fileHandleForWriting.close()
            #expect(await eventually { intake.count == 3 })
        }
        #expect(intake.records == ["<13>one", "<13>two", "<13>cut"])
        #expect(intake.senders == [.certificate(fingerprint: try await authority.fingerprint("client"))])
        #expect(intake.faults(.brokenFraming) == 1)
    }

    @Test(
        "who has no certificate of the authority comes to nothing, and is counted by the address",
        arguments: ["", "stranger", "server"])
    func unproven(name: String) async throws {
        let authority = try await TestAuthority()
        let intake = RecordingIntake()
        try await listening(settings(authority), intake) { listener, ports in
            let input = Pipe()
            let openssl = try client(
                authority, port: ports.encrypted,
                name.isEmpty ? [] : ["-cert", authority.path(name), "-key", authority.key(name)], input: input)
            defer { openssl.end() }
            try input.fileHandleForWriting.write(contentsOf: Data("7 <13>one".utf8))
            #expect(await eventually { intake.faults(.brokenGreeting) == 1 })
            #expect(await eventually { listener.openConnections == 0 })
        }
        #expect(intake.count == 0)
        #expect(
            intake.state.withLock { $0.refusedSenders }
                == [.address(try #require(PeerAddress("127.0.0.1")), .tcp)])
    }

    @Test("a certificate that is not known here is a stranger")
    func stranger() async throws {
        let authority = try await TestAuthority()
        let intake = RecordingIntake()
        intake.state.withLock { $0.isStranger = { _ in true } }
        try await listening(settings(authority), intake) { _, ports in
            let input = Pipe()
            let openssl = try client(
                authority, port: ports.encrypted,
                ["-cert", authority.path("client"), "-key", authority.key("client")], input: input)
            defer { openssl.end() }
            #expect(await eventually { intake.faults(.stranger) == 1 })
        }
        #expect(
            intake.state.withLock { $0.refusedSenders }
                == [.certificate(fingerprint: try await authority.fingerprint("client"))])
    }

    @Test("a greeting that does not come on is ended, however slowly it goes", arguments: [[], [0x16, 3, 1, 2, 0, 1]])
    func slowGreeting(bytes: [UInt8]) async throws {
        let authority = try await TestAuthority()
        let intake = RecordingIntake()
        var settings = settings(authority)
        settings.limits.greeting = Period(milliseconds: 200)
        try await listening(settings, intake) { _, ports in
            let peer = try Peer(SOCK_STREAM, port: try #require(ports.encrypted))
            try await peer.send(bytes)
            #expect(await peer.isClosed())
            #expect(await eventually { intake.faults(.brokenGreeting) == 1 })
        }
    }

    @Test("what is no TLS at all is refused at once")
    func plain() async throws {
        let authority = try await TestAuthority()
        let intake = RecordingIntake()
        try await listening(settings(authority), intake) { _, ports in
            let peer = try Peer(SOCK_STREAM, port: try #require(ports.encrypted))
            try await peer.send("<13>a message in the clear\n")
            #expect(await peer.isClosed())
            #expect(await eventually { intake.faults(.brokenGreeting) == 1 })
        }
        #expect(intake.count == 0)
    }

    @Test("files that TLS cannot use are named", arguments: ["missing", "ca", "key"])
    func files(wrong: String) async throws {
        let authority = try await TestAuthority()
        var encryption = authority.settings
        switch wrong {
        case "missing": encryption.certificateFile = authority.path("nowhere")
        case "ca": encryption.clientAuthorityFile = authority.key("client")
        default: encryption.keyFile = authority.key("client")
        }
        let found = await problem {
            try await SyslogListener(
                SyslogSettings(host: "127.0.0.1", encryption: encryption), intake: RecordingIntake()
            ).run()
        }
        #expect(found?.code == "logs.tls-files")
        #expect(found?.place?.file != nil)
    }
}

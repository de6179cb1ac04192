import Foundation
import Kernel
import Synchronization
import TestSupport
import Testing

@testable import LogReceivers

/// Programs that send syslog, as they are on this machine.
@Suite("Real senders of syslog", .timeLimit(.minutes(3)))
struct SyslogPartnerTests {
    private enum Paths {
        static let logger = "/usr/bin/logger"
        static let rsyslog = "/usr/sbin/rsyslogd"
        static let drivers = "/usr/lib/x86_64-linux-gnu/rsyslog"
    }

    @Test(
        "util-linux's logger", .enabled(if: TestProcess.isThere(Paths.logger)),
        arguments: [["--udp"], ["--tcp"], ["--tcp", "--octet-count"]])
    func logger(options: [String]) async throws {
        let intake = RecordingIntake()
        let settings = SyslogSettings(host: "127.0.0.1", datagramPort: 0, streamPort: 0)
        try await listening(settings, intake) { _, ports in
            let port = try #require(options.contains("--udp") ? ports.datagram : ports.stream)
            let server = ["--server", "127.0.0.1", "--port", "\(port)", "--rfc5424", "-t", "sshd", "-p", "auth.info"]
            #expect(try await TestProcess.run(Paths.logger, server + options + ["Failed password for root"]) == 0)
            // Each run is a connection of its own, and connections have no order.
            #expect(await eventually { intake.count == 1 })
            #expect(try await TestProcess.run(Paths.logger, server + options + ["Accepted password for bob"]) == 0)
            #expect(await eventually { intake.count == 2 })
        }
        let records = intake.records
        #expect(records.allSatisfy { $0.hasPrefix("<38>1 ") }, "\(records)")
        #expect(records.first?.hasSuffix("Failed password for root") == true, "\(records)")
        #expect(intake.state.withLock { $0.faults } == [:])
    }

    /// What rsyslog is told beyond where to send to.
    struct Way: CustomTestStringConvertible, Sendable {
        let testDescription: String
        let action: String
        let transport: LogSender.Transport?
        var driver: String?
    }

    static let ways = [
        Way(testDescription: "UDP", action: #"protocol="udp""#, transport: .udp),
        Way(
            testDescription: "TCP, lines", action: #"protocol="tcp" tcp_framing="traditional""#, transport: .tcp),
        Way(
            testDescription: "TCP, counted", action: #"protocol="tcp" tcp_framing="octet-counted""#, transport: .tcp),
        Way(
            testDescription: "TLS, OpenSSL",
            action:
                #"protocol="tcp" tcp_framing="octet-counted" streamdriver="ossl" streamdrivermode="1" streamdriverauthmode="x509/certvalid""#,
            transport: nil, driver: "ossl"),
        Way(
            testDescription: "TLS, GnuTLS",
            action:
                #"protocol="tcp" tcp_framing="octet-counted" streamdriver="gtls" streamdrivermode="1" streamdriverauthmode="x509/certvalid""#,
            transport: nil, driver: "gtls"),
    ]

    @Test(
        "rsyslog, fed from a file",
        .enabled(if: TestProcess.isThere(Paths.rsyslog) && TestAuthority.isPossible),
        arguments: ways.filter { way in
            way.driver.map { FileManager.default.fileExists(atPath: "\(Paths.drivers)/lmnsd_\($0).so") } ?? true
        })
    func rsyslog(way: Way) async throws {
        let folder = try TemporaryFolder()
        let authority = try await TestAuthority()
        let intake = RecordingIntake()
        let lines = (0..<2000).map { "line number \($0) of the log" }
        try (lines.joined(separator: "\n") + "\n").write(
            toFile: folder.path + "/app.log", atomically: true, encoding: .utf8)
        var settings = SyslogSettings(host: "127.0.0.1", datagramPort: 0, streamPort: 0)
        settings.encryption = authority.settings
        try await listening(settings, intake) { _, ports in
            let port = way.driver != nil ? ports.encrypted : way.transport == .udp ? ports.datagram : ports.stream
            try """
            global(workDirectory="\(folder.path)" defaultNetstreamDriverCAFile="\(authority.path("ca"))"
                defaultNetstreamDriverCertFile="\(authority.path("client"))"
                defaultNetstreamDriverKeyFile="\(authority.key("client"))")
            module(load="imfile" mode="polling" pollingInterval="1")
            input(type="imfile" file="\(folder.path)/app.log" tag="app:")
            action(type="omfwd" target="127.0.0.1" port="\(try #require(port))" \(way.action)
                template="RSYSLOG_SyslogProtocol23Format")
            """.write(toFile: folder.path + "/rsyslog.conf", atomically: true, encoding: .utf8)
            let rsyslog = try TestProcess(
                Paths.rsyslog, ["-n", "-iNONE", "-f", folder.path + "/rsyslog.conf"], folder: folder.path)
            defer { rsyslog.end() }
            #expect(await eventually(within: .seconds(600)) { intake.count >= lines.count })
        }
        let records = intake.records.filter { $0.contains(" app") }
        #expect(records.count == lines.count)
        #expect(zip(records, lines).allSatisfy { $0.hasSuffix($1) })
        #expect(records.allSatisfy { $0.hasPrefix("<133>1 ") }, "\(records.prefix(2))")
        #expect(intake.state.withLock { $0.faults } == [:])
        let sender: LogSender =
            if let transport = way.transport {
                .address(try #require(PeerAddress("127.0.0.1")), transport)
            } else {
                .certificate(fingerprint: try await authority.fingerprint("client"))
            }
        #expect(intake.senders == [sender])
    }
}

import Foundation
import Kernel
import Sigma
import TestSupport
import Testing

@testable import LogFormats

/// What the programs that write logs write today, on this machine.
@Suite("Logs of real programs")
struct RealWriterTests {
    private enum Paths {
        static let logger = "/usr/bin/logger"
        static let nginx = "/usr/sbin/nginx"
        static let journalRemote = "/lib/systemd/systemd-journal-remote"
        static let journalctl = "/usr/bin/journalctl"
    }

    /// A socket for datagrams on loopback, as a receiver of syslog has it.
    private final class Receiver {
        private let socket = Foundation.socket(AF_INET, Int32(SOCK_DGRAM.rawValue), 0)
        let port: UInt16

        init() throws {
            var address = sockaddr_in()
            address.sin_family = sa_family_t(AF_INET)
            address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
            var length = socklen_t(MemoryLayout<sockaddr_in>.size)
            let place = socket
            let status = withUnsafeMutablePointer(to: &address) { pointer in
                pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                    bind(place, $0, length) | getsockname(place, $0, &length)
                }
            }
            guard status == 0 else { throw CocoaError(.executableLoad) }
            port = UInt16(bigEndian: address.sin_port)
            var patience = timeval(tv_sec: 20, tv_usec: 0)
            setsockopt(place, SOL_SOCKET, SO_RCVTIMEO, &patience, socklen_t(MemoryLayout<timeval>.size))
        }

        deinit { close(socket) }

        func next() -> String {
            var bytes = [UInt8](repeating: 0, count: 65_536)
            let count = recv(socket, &bytes, bytes.count, 0)
            return String(decoding: bytes.prefix(max(0, count)), as: UTF8.self)
        }
    }

    private func run(_ program: String, _ arguments: [String]) throws {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: program)
        process.arguments = arguments
        process.standardError = FileHandle.nullDevice
        process.standardOutput = FileHandle.nullDevice
        try process.run()
        process.waitUntilExit()
    }

    private func events(_ format: LogFormat, _ text: String) throws -> [(
        fields: [String: Any], event: LogEvent, fault: LogFault?
    )] {
        var reader = LogReader(format)
        let now = Instant(milliseconds: Int64(Date().timeIntervalSince1970 * 1000))
        var events: [(fields: [String: Any], event: LogEvent, fault: LogFault?)] = []
        for line in text.split(separator: "\n") {
            var found: LogEvent?
            let fault = reader.read(Array(line.utf8), receivedAt: now) { found = $0 }
            let event = try #require(found)
            events.append(
                (try #require(try JSONSerialization.jsonObject(with: Data(event.json)) as? [String: Any]), event, fault)
            )
        }
        return events
    }

    @Test(
        "util-linux's logger, in both forms of syslog",
        .enabled(if: FileManager.default.isExecutableFile(atPath: Paths.logger)), arguments: ["--rfc5424", "--rfc3164"])
    func syslog(form: String) throws {
        let receiver = try Receiver()
        try run(
            Paths.logger,
            [
                "--server", "127.0.0.1", "--port", "\(receiver.port)", "--udp", form, "-t", "sshd", "--id=77", "-p",
                "auth.info",
                "Failed password for root from 192.0.2.7 port 4 ssh2",
            ])
        let text = receiver.next()
        let (fields, event, _) = try #require(try events(.syslog, text).first, "\(text)")
        #expect(fields["appname"] as? String == "sshd", "\(text)")
        #expect(fields["procid"] as? String == "77")
        #expect(fields["facility"] as? Int == 4)
        #expect(fields["outcome"] as? String == "failed")
        #expect(fields["src_ip"] as? String == "192.0.2.7")
        #expect(fields["hostname"] is String)
        let age = try #require(event.time).milliseconds - Int64(Date().timeIntervalSince1970 * 1000)
        #expect(abs(age) < 26 * 3_600_000, "the classic form says no time zone")
        #expect(event.source.services == ["auth", "sshd", "syslog"])
    }

    @Test(
        "systemd's journal, as JSON and in its export format",
        .enabled(if: FileManager.default.isExecutableFile(atPath: Paths.journalRemote)), arguments: ["json", "export"])
    func journal(form: String) throws {
        let folder = FileManager.default.temporaryDirectory.appending(path: "vouchsafe-journal-\(UUID().uuidString)")
            .path
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let common =
            "__MONOTONIC_TIMESTAMP=1\n_BOOT_ID=0123456789abcdef0123456789abcdef\n_HOSTNAME=web1\nSYSLOG_IDENTIFIER=sshd\n"
        let first =
            "__REALTIME_TIMESTAMP=1795341600123456\n\(common)SYSLOG_FACILITY=10\n_PID=5\n"
            + "MESSAGE=Accepted password for bob from 192.0.2.1 port 22 ssh2\n\n"
        let second =
            Array("__REALTIME_TIMESTAMP=1795341601123456\n\(common)MESSAGE\n".utf8)
            + [7, 0, 0, 0, 0, 0, 0, 0] + Array("a\n\nb".utf8) + [0xFF, 0x01] + Array("c\n\n".utf8)
        try Data(Array(first.utf8) + second).write(to: URL(fileURLWithPath: folder + "/in"))
        try run(Paths.journalRemote, ["--output=\(folder)/x.journal", folder + "/in"])
        try run("/bin/sh", ["-c", "\(Paths.journalctl) --file \(folder)/x.journal --all -o \(form) > \(folder)/out"])
        let bytes = [UInt8](try Data(contentsOf: URL(fileURLWithPath: folder + "/out")))
        var reader = LogReader(form == "json" ? .journal : .journalExport)
        var events: [LogEvent] = []
        let now = Instant(milliseconds: 0)
        for line in bytes.split(separator: 0x0A, omittingEmptySubsequences: false) {
            #expect(reader.read(Array(line), receivedAt: now) { events.append($0) } == nil)
        }
        reader.finish(receivedAt: now) { events.append($0) }
        let fields = try events.map {
            try #require(try JSONSerialization.jsonObject(with: Data($0.json)) as? [String: Any])
        }
        #expect(
            fields.map { $0["hostname"] as? String } == ["web1", "web1"], "\(String(decoding: bytes, as: UTF8.self))")
        #expect(fields.first?["outcome"] as? String == "accepted")
        #expect(fields.first?["procid"] as? String == "5")
        #expect(fields.last?["message"] as? String == "a\n\nb\u{FFFD}\u{1}c")
        #expect(events.map(\.time) == [1_795_341_600_123, 1_795_341_601_123].map { Instant(milliseconds: $0) })
    }

    @Test("nginx's access and error log", .enabled(if: FileManager.default.isExecutableFile(atPath: Paths.nginx)))
    func nginx() throws {
        let folder = FileManager.default.temporaryDirectory.appending(path: "vouchsafe-nginx-\(UUID().uuidString)").path
        try FileManager.default.createDirectory(atPath: folder + "/pages", withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let port = try FreePorts.find(1)[0]
        try """
        daemon off; master_process off; pid \(folder)/pid; error_log \(folder)/error.log info;
        events {}
        http {
            access_log \(folder)/access.log combined; client_body_temp_path \(folder); proxy_temp_path \(folder);
            fastcgi_temp_path \(folder); uwsgi_temp_path \(folder); scgi_temp_path \(folder);
            server { listen 127.0.0.1:\(port); root \(folder)/pages; }
        }
        """.write(toFile: folder + "/nginx.conf", atomically: true, encoding: .utf8)
        let server = Process()
        server.executableURL = URL(fileURLWithPath: Paths.nginx)
        server.arguments = ["-p", folder, "-c", folder + "/nginx.conf", "-e", folder + "/start.log"]
        server.standardError = FileHandle.nullDevice
        try server.run()
        defer { if server.isRunning { kill(server.processIdentifier, SIGKILL) } }
        // It writes its logs when it answers; curl waits until it does.
        try run(
            "/usr/bin/curl",
            [
                "-s", "--retry", "40", "--retry-connrefused", "--retry-delay", "1", "-u", "bob:x", "-A",
                #"odd "agent" \ é"#, "-e", "https://e.com/",
                "http://127.0.0.1:\(port)/../missing?q=%27",
            ])
        // A test's threads block signals, and what they start inherits that.
        kill(server.processIdentifier, SIGKILL)
        server.waitUntilExit()
        let access = try String(contentsOfFile: folder + "/access.log", encoding: .utf8)
        let (fields, event, fault) = try #require(try events(.access, access).first, "\(access)")
        #expect(fault == nil)
        #expect(fields["c-ip"] as? String == "127.0.0.1")
        #expect(fields["cs-username"] as? String == "bob")
        #expect(fields["cs-uri-query"] as? String == "/missing?q=%27")
        #expect(fields["sc-status"] as? Int == 404)
        #expect(fields["cs-user-agent"] as? String == #"odd "agent" \ é"#)
        #expect(fields["cs-referer"] as? String == "https://e.com/")
        #expect(event.time != nil)
        let errors = try events(.nginxError, try String(contentsOfFile: folder + "/error.log", encoding: .utf8))
        let missing = try #require(errors.first { $0.fields["level"] as? String == "error" })
        #expect(missing.fields["c-ip"] as? String == "127.0.0.1")
        #expect(missing.fields["cs-uri-query"] as? String == "/missing?q=%27")
        #expect(errors.allSatisfy { $0.fault == nil })
    }
}

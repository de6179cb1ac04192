import Foundation
import NIOCore
import Testing
import WebPosture

@testable import Probes

/// An nginx that stands before a plain server on loopback and speaks TLS and HTTP/2, with an authority of its own.
enum EncryptedSite {
    private static let program = "/usr/sbin/nginx"

    /// Whether this machine can make one.
    static let isPossible =
        FileManager.default.isExecutableFile(atPath: program)
        && FileManager.default.isExecutableFile(atPath: "/usr/bin/openssl")

    /// Runs one before `backend` for as long as `body` needs it.
    ///
    /// - Parameters:
    ///   - protocols: Behind the port in the `listen` line.
    ///   - body: Gets the port, and the authority's certificate in PEM.
    static func running<T>(
        before backend: Int, protocols: String = "ssl http2",
        _ body: (_ port: Int, _ authority: String) async throws -> T
    ) async throws -> T {
        let folder = FileManager.default.temporaryDirectory.appending(path: "vouchsafe-\(UUID().uuidString)").path
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: folder) }
        try certify(in: folder)
        return try await LoopbackProgram.running(program, scheme: "https") { port in
            try configuration(folder, port: port, backend: backend, protocols)
                .write(toFile: "\(folder)/nginx.conf", atomically: true, encoding: .utf8)
            return ["-c", "\(folder)/nginx.conf", "-p", folder]
        } body: { port in
            try await body(port, try String(contentsOfFile: "\(folder)/server.pem", encoding: .utf8))
        }
    }

    private static func configuration(_ folder: String, port: Int, backend: Int, _ protocols: String) -> String {
        """
        daemon off; master_process off; pid \(folder)/nginx.pid; error_log \(folder)/error.log;
        events { worker_connections 256; }
        http {
          access_log off; server_tokens off;
          client_body_temp_path \(folder)/b; proxy_temp_path \(folder)/p; fastcgi_temp_path \(folder)/f;
          uwsgi_temp_path \(folder)/u; scgi_temp_path \(folder)/s;
          server {
            listen 127.0.0.1:\(port) \(protocols);
            ssl_certificate \(folder)/server.pem; ssl_certificate_key \(folder)/server.key;
            location / { proxy_pass http://127.0.0.1:\(backend); proxy_pass_header Server; proxy_set_header Host $host; }
          }
        }
        """
    }

    /// A certificate that is its own authority.
    private static func certify(in folder: String) throws {
        let arguments =
            "req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout server.key -out server.pem -days 30 "
            + "-subj /CN=server -addext basicConstraints=critical,CA:false -addext keyUsage=critical,digitalSignature "
            + "-addext subjectAltName=IP:127.0.0.1,DNS:localhost"
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/openssl")
        process.arguments = arguments.split(separator: " ").map(String.init)
        process.currentDirectoryURL = URL(fileURLWithPath: folder)
        process.standardError = FileHandle.nullDevice
        process.standardOutput = FileHandle.nullDevice
        try process.run()
        process.waitUntilExit()
        try #require(process.terminationStatus == 0, "openssl \(arguments)")
    }
}

@Suite("HTTP probe over TLS", .enabled(if: EncryptedSite.isPossible))
struct EncryptedProbeTests {
    private func answer(
        _ host: String, port: Int, trust: ServerTrust, within time: Duration = .seconds(60)
    ) async throws -> WebResponse {
        let probe = try HTTPProbe(userAgent: "Test/1", trust: trust)
        let address = try #require(WebAddress("https://\(host):\(port)/"))
        return try await probe.answer(to: WebRequest(address), reach: .internalAddresses, within: time)
    }

    @Test(
        "a certificate holds for its names, if its authority is trusted; the server is read in any case",
        arguments: ["ssl http2", "ssl"])
    func certificate(protocols: String) async throws {
        let backend = try await ScriptedServer { _ in .page("hello", headers: "Set-Cookie: a=1\r\nSet-Cookie: b=2\r\n")
        }
        try await EncryptedSite.running(before: backend.port, protocols: protocols) { port, authority in
            let trusted = try ServerTrust(anchors: authority)
            for host in ["127.0.0.1", "localhost"] {
                let response = try await answer(host, port: port, trust: trusted)
                #expect(response.certificate == .holds)
                #expect(response.isVerified == true)
                #expect(response.version == (protocols == "ssl" ? "1.1" : "2"))
                #expect(response.headers["set-cookie"] == ["a=1", "b=2"])
                #expect(response.body == Array("hello".utf8))
                #expect(response.cut == nil)
            }
            let stranger = try await answer("127.0.0.1", port: port, trust: .system)
            #expect(stranger.status == 200)
            #expect(stranger.isVerified == false)
            // Another name leads to the same address, and the certificate is not for it.
            let resolver = Resolver { _, port in [try .init(ipAddress: "127.0.0.1", port: port)] }
            let probe = try HTTPProbe(userAgent: "Test/1", resolver: resolver, trust: trusted)
            let other = try await probe.answer(
                to: WebRequest(try #require(WebAddress("https://other.example:\(port)/"))), reach: .internalAddresses,
                within: .seconds(60))
            #expect(other.isVerified == false)
        }
        try await backend.stop()
    }

    @Test("many exchanges at once share what they can")
    func many() async throws {
        let backend = try await ScriptedServer { _ in .page("hello") }
        try await EncryptedSite.running(before: backend.port) { port, authority in
            let probe = try HTTPProbe(userAgent: "Test/1", trust: try ServerTrust(anchors: authority))
            let address = try #require(WebAddress("https://127.0.0.1:\(port)/"))
            let held = try await withThrowingTaskGroup(of: Bool.self) { group in
                for _ in 0..<100 {
                    group.addTask {
                        try await probe.answer(to: WebRequest(address), reach: .internalAddresses, within: .seconds(30))
                            .certificate
                            == .holds
                    }
                }
                return try await group.reduce(0) { $0 + ($1 ? 1 : 0) }
            }
            #expect(held == 100)
        }
        try await backend.stop()
    }

    @Test(
        "what is no certificate is no authority",
        arguments: ["", "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"])
    func anchors(pem: String) {
        let problem = #expect(throws: (any Error).self) { try ServerTrust(anchors: pem) }
        #expect(problem != nil)
    }

    @Test("where no TLS is spoken there is no answer")
    func plain() async throws {
        let server = try await ScriptedServer { _ in .page("") }
        await #expect(throws: (any Error).self) {
            try await answer("127.0.0.1", port: server.port, trust: .system, within: .milliseconds(300))
        }
        try await server.stop()
    }
}

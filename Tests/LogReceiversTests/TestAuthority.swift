import Foundation
import TestSupport

@testable import LogReceivers

/// Certificates that openssl makes for a test.
struct TestAuthority {
    static let isPossible = TestProcess.isThere("/usr/bin/openssl")

    let folder: TemporaryFolder

    init() async throws {
        folder = try TemporaryFolder()
        try await authority("ca")
        try await certificate("server", of: "ca", "serverAuth")
        try await certificate("client", of: "ca", "clientAuth")
        try await authority("other-ca")
        try await certificate("stranger", of: "other-ca", "clientAuth")
    }

    func path(_ name: String) -> String { "\(folder.path)/\(name).pem" }
    func key(_ name: String) -> String { "\(folder.path)/\(name).key" }

    var settings: SyslogSettings.Encryption {
        SyslogSettings.Encryption(
            port: 0, certificateFile: path("server"), keyFile: key("server"), clientAuthorityFile: path("ca"))
    }

    /// As openssl computes it.
    func fingerprint(_ name: String) async throws -> String {
        let out = "\(folder.path)/\(name).fingerprint"
        try await openssl("x509", "-in", path(name), "-outform", "DER", "-out", out + ".der")
        try await openssl("dgst", "-sha256", "-r", "-out", out, out + ".der")
        return String(try String(contentsOfFile: out, encoding: .utf8).prefix(64))
    }

    private func authority(_ name: String) async throws {
        try await openssl(
            "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2", "-subj",
            "/CN=\(name)", "-keyout", key(name), "-out", path(name))
    }

    private func certificate(_ name: String, of authority: String, _ usage: String) async throws {
        try "extendedKeyUsage=\(usage)\nsubjectAltName=DNS:localhost,IP:127.0.0.1\n".write(
            toFile: "\(folder.path)/\(name).ext", atomically: true, encoding: .utf8)
        try await openssl(
            "req", "-new", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-subj", "/CN=\(name)",
            "-keyout", key(name), "-out", "\(folder.path)/\(name).csr")
        try await openssl(
            "x509", "-req", "-days", "2", "-in", "\(folder.path)/\(name).csr", "-CA", path(authority), "-CAkey",
            key(authority), "-CAcreateserial", "-extfile", "\(folder.path)/\(name).ext", "-out", path(name))
    }

    private func openssl(_ arguments: String...) async throws {
        guard try await TestProcess.run("/usr/bin/openssl", arguments, folder: folder.path) == 0 else {
            throw CocoaError(.executableLoad)
        }
    }
}

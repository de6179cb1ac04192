import Crypto
import Foundation
import Kernel
import NIOCore
import NIOSSL
import SwiftASN1
import Synchronization
import X509

/// The files that the server identifies itself with.
public struct CertificateFiles: Sendable {
    /// PEM: the certificate chain, leaf first.
    public let certificate: String
    /// PEM: the leaf's private key.
    public let key: String

    /// The files at these two paths.
    public init(certificate: String, key: String) {
        self.certificate = certificate
        self.key = key
    }
}

/// The server's certificate, read again whenever its files change, without a restart.
final class ServerCertificate: Sendable {
    private struct Loaded {
        let override: NIOSSLContextConfigurationOverride
        let expiresAt: Instant
        let changed: [FileStamp]
    }

    /// When a file was last written, and its size; neither for one that is not there.
    private struct FileStamp: Equatable {
        let writtenAt: Date?
        let size: Int64?
    }

    private let files: CertificateFiles
    private let loaded: Mutex<Loaded>

    /// - Throws: `Problem` that names the file which cannot be used.
    init(_ files: CertificateFiles) throws {
        self.files = files
        loaded = Mutex(try Self.load(files))
    }

    /// When the certificate that is in use runs out.
    var expiresAt: Instant { loaded.withLock { $0.expiresAt } }

    /// The TLS settings: 1.2 and 1.3 only, with the newest certificate for every handshake.
    func configuration() throws -> TLSConfiguration {
        let override = loaded.withLock { $0.override }
        guard let chain = override.certificateChain, let key = override.privateKey else {
            throw Self.unusable(files.certificate, "It holds no certificate.")
        }
        var configuration = TLSConfiguration.makeServerConfiguration(certificateChain: chain, privateKey: key)
        configuration.minimumTLSVersion = .tlsv12
        configuration.applicationProtocols = ["http/1.1"]
        configuration.cipherSuiteValues = [
            .TLS_AES_128_GCM_SHA256, .TLS_AES_256_GCM_SHA384, .TLS_CHACHA20_POLY1305_SHA256,
            .TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256, .TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256,
            .TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384, .TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384,
            .TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256, .TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256,
        ]
        configuration.sslContextCallback = { [self] _, promise in
            if let current = ifUnchanged() { return promise.succeed(current) }
            // On another thread: what the TLS library finds wrong with new files is kept per thread, and would end the
            // handshake that happens to be under way.
            BlockingWork.start { [self] in promise.succeed(reloaded()) }
        }
        return configuration
    }

    private func ifUnchanged() -> NIOSSLContextConfigurationOverride? {
        let stamps = Self.stamps(files)
        return loaded.withLock { $0.changed == stamps ? $0.override : nil }
    }

    /// The newest certificate that could be read. A pair that is broken or half written leaves the one before in use.
    private func reloaded() -> NIOSSLContextConfigurationOverride {
        let fresh = try? Self.load(files)
        return loaded.withLock { state in
            if let fresh { state = fresh }
            return state.override
        }
    }

    private static func stamps(_ files: CertificateFiles) -> [FileStamp] {
        [files.certificate, files.key].map { path in
            let attributes = try? FileManager.default.attributesOfItem(atPath: path)
            return FileStamp(
                writtenAt: attributes?[.modificationDate] as? Date, size: (attributes?[.size] as? NSNumber)?.int64Value)
        }
    }

    private static func load(_ files: CertificateFiles) throws -> Loaded {
        let changed = stamps(files)
        let chain: [NIOSSLCertificate]
        let key: NIOSSLPrivateKey
        do {
            chain = try NIOSSLCertificate.fromPEMFile(files.certificate)
        } catch {
            throw unusable(files.certificate, "The certificate cannot be read.", cause: error)
        }
        do {
            key = try NIOSSLPrivateKey(file: files.key, format: .pem)
        } catch {
            throw unusable(files.key, "The certificate's private key cannot be read.", cause: error)
        }
        guard let leaf = chain.first else { throw unusable(files.certificate, "It holds no certificate.") }
        do {
            // Between the writing of two new files the pair does not fit; then the one before stays in use.
            _ = try NIOSSLContext(
                configuration: .makeServerConfiguration(
                    certificateChain: chain.map { .certificate($0) }, privateKey: .privateKey(key)))
        } catch {
            throw unusable(files.key, "The private key does not belong to the certificate.", cause: error)
        }
        var override = NIOSSLContextConfigurationOverride()
        override.certificateChain = chain.map { .certificate($0) }
        override.privateKey = .privateKey(key)
        return Loaded(
            override: override, expiresAt: Instant(milliseconds: Int64(leaf.notValidAfter) * 1000), changed: changed)
    }

    private static func unusable(_ file: String, _ message: String, cause: (any Error)? = nil) -> Problem {
        Problem(
            .unavailable, code: "tls.certificate", message,
            hint: "It must be a PEM file that the server may read.", place: Problem.Place(file: file),
            cause: cause.map { "\($0)" })
    }
}

/// Makes the certificate of a first start: for this machine's names, signed by itself.
enum SelfMadeCertificate {
    /// The longest lifetime that browsers accept (CA/Browser Forum Baseline Requirements §6.3.2, until 2026-03-15).
    private static let lifetime: Double = 398 * 86_400

    /// How long before it runs out a new one is made.
    private static let renewal = Period.days(30)

    /// Writes certificate and key to `files` unless they are there, fit each other and last a while.
    static func makeIfDue(_ files: CertificateFiles, names: [String], now: Instant) throws {
        if let present = try? ServerCertificate(files), now + renewal < present.expiresAt { return }
        let key = P256.Signing.PrivateKey()
        let begin = Date(timeIntervalSince1970: Double(now.milliseconds) / 1000 - 300)
        let subject = try DistinguishedName { CommonName(names.first ?? "localhost") }
        let addresses: [GeneralName] = [
            .ipAddress(ASN1OctetString(contentBytes: [127, 0, 0, 1])),
            .ipAddress(ASN1OctetString(contentBytes: ArraySlice([UInt8](repeating: 0, count: 15) + [1]))),
        ]
        let certificate = try Certificate(
            version: .v3, serialNumber: Certificate.SerialNumber(), publicKey: .init(key.publicKey),
            notValidBefore: begin, notValidAfter: begin.addingTimeInterval(lifetime), issuer: subject, subject: subject,
            signatureAlgorithm: .ecdsaWithSHA256,
            extensions: try Certificate.Extensions {
                Critical(BasicConstraints.notCertificateAuthority)
                // Without key usage: with one that leaves out signing certificates, a client that is told to trust this very
                // certificate does not take it for its own issuer (RFC 5280 §4.2.1.3), and could not trust it at all.
                try ExtendedKeyUsage([.serverAuth])
                SubjectAlternativeNames(names.map { .dnsName($0) } + addresses)
            },
            issuerPrivateKey: .init(key))
        try write(key.pemRepresentation, to: files.key, mode: 0o600)
        try write(try certificate.serializeAsPEM().pemString, to: files.certificate, mode: 0o644)
    }

    private static func write(_ text: String, to path: String, mode: mode_t) throws {
        let descriptor = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, mode)
        guard descriptor >= 0 else { throw unwritable(path, String(cString: strerror(errno))) }
        let handle = FileHandle(fileDescriptor: descriptor, closeOnDealloc: true)
        do {
            try handle.write(contentsOf: Data((text.hasSuffix("\n") ? text : text + "\n").utf8))
            try handle.synchronize()
        } catch {
            // Half a certificate would be taken for a whole one at the next start.
            unlink(path)
            throw unwritable(path, error.localizedDescription)
        }
    }

    private static func unwritable(_ path: String, _ reason: String) -> Problem {
        Problem(
            .unavailable, code: "tls.write", "The certificate cannot be written: \(reason)",
            hint: "Free some space and check the owner of the data folder, then start again.",
            place: Problem.Place(file: path))
    }
}

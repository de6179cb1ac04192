import Foundation
import Kernel
import NIOSSL

/// Certificates that are trusted instead of the system's, because a person named a file with them.
public struct TrustedCertificates: Sendable {
    /// The certificates in PEM and nothing else: what more the file holds, such as a private key, is left out.
    public let pem: String

    private static let limit = 64 * 1024

    /// Reads the file at `path`.
    ///
    /// - Throws: `Problem` `tls.certificate` (unavailable) unless it is a PEM file of certificates.
    public init(reading path: String) throws(Problem) {
        let certificates: [NIOSSLCertificate]
        do {
            let bytes = try DurableFile(path).read(limit: Self.limit)
            certificates = try NIOSSLCertificate.fromPEMBytes(bytes ?? [])
            pem = try certificates.map { certificate in
                let text = Data(try certificate.toDERBytes()).base64EncodedString(options: [
                    .lineLength64Characters, .endLineWithLineFeed,
                ])
                return "-----BEGIN CERTIFICATE-----\n\(text)\n-----END CERTIFICATE-----\n"
            }.joined()
        } catch { throw Self.unusable(path, "\(error)") }
        guard !certificates.isEmpty else { throw Self.unusable(path, "none is in it") }
    }

    /// What a connection trusts by `pem`, which is as ``pem`` gave it.
    static func configuration(trusting pem: String) throws -> TLSConfiguration {
        var tls = TLSConfiguration.makeClientConfiguration()
        tls.minimumTLSVersion = .tlsv12
        tls.trustRoots = .certificates(try NIOSSLCertificate.fromPEMBytes(Array(pem.utf8)))
        return tls
    }

    private static func unusable(_ path: String, _ cause: String) -> Problem {
        Problem(
            .unavailable, code: "tls.certificate", "The certificates cannot be read.", hint: "It must be a PEM file.",
            place: Problem.Place(file: path), cause: cause)
    }
}

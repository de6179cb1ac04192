import Kernel
import SwiftASN1
import WebPosture
import X509

/// Whom a probe trusts: the machine's own list of authorities, and those that the operator names besides.
///
/// Parsed once and shared by all connections. Tells what a certificate is worth instead of refusing it: a server whose
/// certificate does not hold is looked at all the same.
public struct ServerTrust: Sendable {
    private let roots: CertificateStore

    /// The machine's list alone.
    public static let system = ServerTrust(roots: .systemTrustRoots)

    private init(roots: CertificateStore) { self.roots = roots }

    /// The machine's list and further authorities.
    ///
    /// - Parameter pem: Any number of certificates in PEM.
    /// - Throws: `Problem` (invalid) `probe.ca` if there is none, or one cannot be read.
    public init(anchors pem: String) throws(Problem) {
        let certificates: [Certificate]
        do {
            certificates = try PEMDocument.parseMultiple(pemString: pem)
                .filter { $0.discriminator == Certificate.defaultPEMDiscriminator }
                .map { try Certificate(pemDocument: $0) }
        } catch {
            throw Problem(
                .invalid, code: "probe.ca", "The file of authorities holds a certificate that cannot be read.",
                hint: "It must hold certificates in PEM, as `-----BEGIN CERTIFICATE-----`.", cause: "\(error)")
        }
        guard !certificates.isEmpty else {
            throw Problem(
                .invalid, code: "probe.ca", "The file of authorities holds no certificate.",
                hint: "It must hold certificates in PEM, as `-----BEGIN CERTIFICATE-----`.")
        }
        self.init(roots: CertificateStore.systemTrustRoots.appending(contentsOf: certificates))
    }

    /// What a chain is worth for `host`.
    ///
    /// - Parameters:
    ///   - chain: The certificates as the server sent them, its own first, each in DER.
    ///   - host: A name, or an address without brackets.
    func judge(_ chain: [[UInt8]], for host: String) async -> WebResponse.Certificate {
        // A server may send what it likes; no honest chain is that long.
        let certificates = chain.prefix(16).compactMap { try? Certificate(derEncoded: $0) }
        guard let leaf = certificates.first, certificates.count == min(16, chain.count) else {
            return .fails("The certificate cannot be read.")
        }
        let isAddress = IPAddress.isAddress(host)
        var verifier = Verifier(rootCertificates: roots) {
            RFC5280Policy()
            ServerIdentityPolicy(serverHostname: isAddress ? nil : host, serverIP: isAddress ? host : nil)
        }
        switch await verifier.validate(leaf: leaf, intermediates: CertificateStore(certificates.dropFirst())) {
        case .validCertificate: return .holds
        case .couldNotValidate(let failures):
            guard let failure = failures.first else {
                return .fails(
                    leaf.issuer == leaf.subject
                        ? "The certificate is signed by itself."
                        : "No authority that is trusted here signed the certificate.")
            }
            return .fails("The certificate does not hold: \(failure.policyFailureReason).")
        }
    }
}

import Foundation
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
    private let named: [Certificate]

    /// The machine's list alone.
    public static let system = ServerTrust(named: [])

    private init(named: [Certificate]) {
        self.named = named
        roots = named.isEmpty ? .systemTrustRoots : CertificateStore.systemTrustRoots.appending(contentsOf: named)
    }

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
        self.init(named: certificates)
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
        // A server's own certificate that the operator named is trusted as it is, though it is no authority.
        let isNamed = named.contains(leaf)
        if isNamed, let reason = Self.time(of: leaf) { return .fails(reason) }
        var verifier = Verifier(rootCertificates: roots) {
            if isNamed { NamedCertificatePolicy() } else { RFC5280Policy() }
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
            return .fails(Self.time(of: leaf) ?? Self.words(failure, host: host))
        }
    }

    /// What is wrong with the certificate's time, if anything is.
    private static func time(of leaf: Certificate) -> String? {
        let now = WallClock.system.now().milliseconds
        let (start, end) = (leaf.notValidBefore.timeIntervalSince1970, leaf.notValidAfter.timeIntervalSince1970)
        let day = { (seconds: Double) in Instant(milliseconds: Int64(seconds) * 1000).description.prefix(10) }
        if now > Int64(end) * 1000 { return "The certificate ended on \(day(end))." }
        if now < Int64(start) * 1000 { return "The certificate begins on \(day(start)) only." }
        return nil
    }

    /// The verifier's reason without the certificates that it names in full.
    private static func words(_ failure: CertificateValidationResult.PolicyFailure, host: String) -> String {
        let reason = "\(failure.policyFailureReason)"
        if ["None of the names", "Common name", "No SAN"].contains(where: reason.contains) {
            return "The certificate is not for \(host)."
        }
        let short = reason.prefix { $0 != "(" }
        return "The certificate does not hold: \(short)"
    }
}

/// Takes a server's own certificate that the operator named for what it is; its time is looked at apart.
private struct NamedCertificatePolicy: VerifierPolicy {
    let verifyingCriticalExtensions: [ASN1ObjectIdentifier] = [
        .X509ExtensionID.basicConstraints, .X509ExtensionID.keyUsage, .X509ExtensionID.extendedKeyUsage,
    ]

    func chainMeetsPolicyRequirements(chain: UnverifiedCertificateChain) async -> PolicyEvaluationResult {
        .meetsPolicy
    }
}

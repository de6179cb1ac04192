import Foundation
import Kernel
import SwiftASN1
@_spi(FixedExpiryValidationTime) import X509

/// Whether one of a server's chains of certificates can be trusted, and if not, why not.
public struct ChainJudgement: Hashable, Sendable {
    /// What is wrong; a chain can have several faults.
    public enum Fault: String, Hashable, Sendable, CaseIterable {
        case expired, notYetValid, selfSigned, unknownIssuer, missingIntermediate, wrongName, notForServers
        case brokenSignature, unreadable
    }

    /// The server's own certificate; `nil` where it cannot be read.
    public let leaf: CertificateFacts?
    /// The certificates that came with it.
    public let others: [CertificateFacts]
    /// What is wrong with trust.
    public let faults: [Fault]
    /// Whether each certificate but the first signed the one before it (RFC 5246 §7.4.2).
    public let isInOrder: Bool
    /// Whether a root came along, which nobody needs.
    public let carriesRoot: Bool
    /// Whether the anchor that it ends in is one of the system's.
    public let isPubliclyTrusted: Bool

    /// Whether a client that has the anchors would go on.
    public var isTrusted: Bool { faults.isEmpty }

    /// Judges one chain.
    ///
    /// - Parameters:
    ///   - certificates: As DER, the server's own first.
    ///   - host: The name, or the address without brackets, that was asked for.
    ///   - address: Its bytes, where it is an address.
    ///   - anchors: Those that the operator named.
    ///   - systemAnchors: Those of the machine.
    ///   - now: The moment of the judgement.
    public static func judge(
        _ certificates: [[UInt8]], host: String, address: [UInt8]?, anchors: TrustAnchors, systemAnchors: TrustAnchors,
        now: Instant
    ) async -> ChainJudgement {
        guard let leaf = certificates.first.flatMap(CertificateFacts.init) else {
            return ChainJudgement(
                leaf: nil, others: [], faults: [.unreadable], isInOrder: true, carriesRoot: false,
                isPubliclyTrusted: false)
        }
        let others = certificates.dropFirst().compactMap(CertificateFacts.init)
        var faults: [Fault] = []
        if now < leaf.notBefore { faults.append(.notYetValid) }
        if now > leaf.notAfter { faults.append(.expired) }
        if !leaf.names.contains(where: { $0.covers(host, address: address) }) { faults.append(.wrongName) }
        if !leaf.isForServers { faults.append(.notForServers) }
        if leaf.hasBrokenSignature, !leaf.isSelfIssued { faults.append(.brokenSignature) }
        let path = TrustPath(leaf: leaf, others: others, moment: leaf.nearestValid(to: now))
        var isPublic = false
        if await !path.ends(in: anchors) {
            isPublic = await path.ends(in: systemAnchors)
            // A signature that is worth nothing is told of already; the authority it names is known.
            let isKnown = [anchors, systemAnchors].contains { !$0.certificates(named: leaf.issuerBytes).isEmpty }
            if !isPublic, !(isKnown && faults.contains(.brokenSignature)) { faults.append(path.fault) }
        }
        let links = zip([leaf] + others, others)
        return ChainJudgement(
            leaf: leaf, others: others, faults: faults,
            isInOrder: links.allSatisfy { $0.issuerBytes == $1.subjectBytes },
            carriesRoot: others.contains(where: \.isSelfIssued), isPubliclyTrusted: isPublic)
    }
}

extension CertificateFacts {
    /// `moment`, or the end of its time that is nearest: that it has run out is said apart from whether it is trusted.
    fileprivate func nearestValid(to moment: Instant) -> Instant { min(max(moment, notBefore), notAfter) }
}

/// One certificate with those that came along, on its way to an anchor.
private struct TrustPath {
    let leaf: CertificateFacts
    let others: [CertificateFacts]
    let moment: Instant

    /// Why it leads nowhere.
    var fault: ChainJudgement.Fault {
        if leaf.isSelfIssued { return .selfSigned }
        // With the issuer here the path ends at an authority that nobody knows; without it, perhaps only for want of it.
        return others.contains { $0.subjectBytes == leaf.issuerBytes } ? .unknownIssuer : .missingIntermediate
    }

    func ends(in anchors: TrustAnchors) async -> Bool {
        if anchors.contains(leaf) { return true }
        let intermediates = others.compactMap { try? Certificate(derEncoded: $0.der) }
        if let certificate = try? Certificate(derEncoded: leaf.der) {
            return await isValid(certificate, intermediates, anchors)
        }
        // The library reads no certificate whose key it would not use, such as one that is too small. Whether an authority
        // signed it can be told all the same.
        for issuer in anchors.certificates(named: leaf.issuerBytes) where isSigned(by: issuer) { return true }
        for (facts, issuer) in zip(others, intermediates)
        where facts.subjectBytes == leaf.issuerBytes && isSigned(by: issuer) {
            if await isValid(issuer, intermediates, anchors) { return true }
        }
        return false
    }

    private func isSigned(by issuer: Certificate) -> Bool {
        guard let algorithm = Self.algorithms[leaf.signatureAlgorithm] else { return false }
        return issuer.publicKey.isValidSignature(leaf.signature, for: leaf.signedBytes, signatureAlgorithm: algorithm)
    }

    private func isValid(_ certificate: Certificate, _ intermediates: [Certificate], _ anchors: TrustAnchors) async
        -> Bool
    {
        let subjects = Set(([leaf] + others).flatMap { [$0.issuerBytes, $0.subjectBytes] })
        var verifier = Verifier(rootCertificates: CertificateStore(subjects.flatMap(anchors.certificates(named:)))) {
            RFC5280Policy(fixedExpiryValidationTime: Date(timeIntervalSince1970: Double(moment.milliseconds) / 1000))
            ServerCertificatePolicy()
        }
        let result = await verifier.validate(leaf: certificate, intermediates: CertificateStore(intermediates))
        if case .validCertificate = result { return true }
        return false
    }

    private static let algorithms: [String: Certificate.SignatureAlgorithm] = [
        "ecdsa-with-SHA256": .ecdsaWithSHA256, "ecdsa-with-SHA384": .ecdsaWithSHA384,
        "ecdsa-with-SHA512": .ecdsaWithSHA512, "sha256WithRSAEncryption": .sha256WithRSAEncryption,
        "sha384WithRSAEncryption": .sha384WithRSAEncryption, "sha512WithRSAEncryption": .sha512WithRSAEncryption,
        "sha1WithRSAEncryption": .sha1WithRSAEncryption, "ed25519": .ed25519,
    ]
}

/// Takes the extensions that are judged elsewhere, so that the verifier does not stop at a critical one.
private struct ServerCertificatePolicy: VerifierPolicy {
    let verifyingCriticalExtensions: [ASN1ObjectIdentifier] = [
        [2, 5, 29, 17], [2, 5, 29, 37], [1, 3, 6, 1, 5, 5, 7, 1, 24],
    ]

    func chainMeetsPolicyRequirements(chain: UnverifiedCertificateChain) -> PolicyEvaluationResult { .meetsPolicy }
}

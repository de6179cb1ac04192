import Foundation
import SwiftASN1
import X509

/// The certificates that are trusted without another's signature.
public struct TrustAnchors: Sendable {
    private var bySubject: [[UInt8]: [[UInt8]]] = [:]
    /// How many there are.
    public private(set) var count = 0

    /// No anchors.
    public init() {}

    /// The anchors of a file with certificates in PEM (RFC 7468); anything that is no certificate is passed over.
    public init(pem: [UInt8]) {
        for der in Self.certificates(inPEM: pem) {
            guard let subject = Self.subject(of: der) else { continue }
            bySubject[subject, default: []].append(der)
            count += 1
        }
    }

    /// Those of a subject, parsed as far as they can be.
    func certificates(named subject: [UInt8]) -> [Certificate] {
        (bySubject[subject] ?? []).compactMap { try? Certificate(derEncoded: $0) }
    }

    func contains(_ facts: CertificateFacts) -> Bool { bySubject[facts.subjectBytes]?.contains(facts.der) ?? false }

    private static func certificates(inPEM pem: [UInt8]) -> [[UInt8]] {
        let begin = "-----BEGIN CERTIFICATE-----"
        let end = "-----END CERTIFICATE-----"
        var found: [[UInt8]] = []
        var lines: [UInt8]?
        for line in pem.split(whereSeparator: { $0 == 10 || $0 == 13 }) {
            if line.elementsEqual(begin.utf8) {
                lines = []
            } else if line.elementsEqual(end.utf8) {
                if let lines, let der = Data(base64Encoded: Data(lines)) { found.append(Array(der)) }
                lines = nil
            } else {
                lines? += line
            }
        }
        return found
    }

    /// Only the subject is read of what may be hundreds of certificates.
    private static func subject(of der: [UInt8]) -> [UInt8]? {
        guard let parts = (try? DER.parse(der))?.children, var fields = parts.first?.children else { return nil }
        if fields.first?.identifier.tagClass == .contextSpecific { fields.removeFirst() }
        return fields.count >= 5 ? Array(fields[4].encodedBytes) : nil
    }
}

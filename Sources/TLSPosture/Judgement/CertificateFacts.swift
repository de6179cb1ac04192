import Crypto
import Kernel
import SwiftASN1

/// What a certificate says of itself (RFC 5280 §4.1), whether its key and its signature are of a kind that can be checked or not.
public struct CertificateFacts: Hashable, Sendable {
    /// The whole certificate.
    public let der: [UInt8]
    /// Whose it is and who signed it, as they stand in it.
    public let subject, issuer: String
    /// When it begins and when it ends to hold.
    public let notBefore, notAfter: Instant
    /// The key that it is for.
    public let key: CertificateKey
    /// What it is signed with, by the name that everybody uses: `ecdsa-with-SHA256`, `sha256WithRSAEncryption`.
    public let signatureAlgorithm: String
    /// The names of servers that it is for.
    public let names: [CertificateName]
    /// The serial number in hexadecimal.
    public let serial: String
    /// Whether it may sign others.
    public let isAuthority: Bool
    /// Whether it must come with an OCSP response (RFC 7633).
    public let mustStaple: Bool
    /// How many certificate timestamps are in it (RFC 6962 §3.3).
    public let timestamps: Int
    /// Whether it says that it is for servers, or does not say what it is for.
    public let isForServers: Bool

    let subjectBytes, issuerBytes: [UInt8]
    /// What was signed, and the signature.
    let signedBytes, signature: [UInt8]
    let signatureIdentifier: [UInt8]

    /// Reads a certificate; `nil` for bytes that are none.
    public init?(_ der: [UInt8]) {
        guard let root = try? DER.parse(der), let parts = root.children, parts.count == 3,
            var fields = parts[0].children, let signature = parts[2].bytes, signature.first == 0
        else { return nil }
        // The version is left out of certificates of the first version.
        if fields.first?.identifier.tagClass == .contextSpecific { fields.removeFirst() }
        guard fields.count >= 6, let serial = fields[0].bytes, let validity = fields[3].children, validity.count == 2,
            let notBefore = Instant(validity[0]), let notAfter = Instant(validity[1]),
            let key = CertificateKey(fields[5]), let algorithm = parts[1].children?.first?.objectIdentifier
        else { return nil }
        self.der = der
        self.serial = Array(serial.drop { $0 == 0 }).hex
        self.notBefore = notBefore
        self.notAfter = notAfter
        self.key = key
        signatureAlgorithm = Self.signatureNames[algorithm] ?? algorithm
        issuerBytes = Array(fields[2].encodedBytes)
        subjectBytes = Array(fields[4].encodedBytes)
        issuer = DistinguishedText.text(of: fields[2])
        subject = DistinguishedText.text(of: fields[4])
        signedBytes = Array(parts[0].encodedBytes)
        signatureIdentifier = Array(parts[1].encodedBytes)
        self.signature = Array(signature.dropFirst())
        let extensions = CertificateExtensions(fields.dropFirst(6))
        names = extensions.names
        isAuthority = extensions.isAuthority
        mustStaple = extensions.mustStaple
        timestamps = extensions.timestamps
        isForServers = extensions.isForServers
    }

    /// SHA-256 over the whole certificate, in hexadecimal, as browsers show it.
    public var fingerprint: String { Array(SHA256.hash(data: der)).hex }
    /// How long it holds, in whole days, as the profiles count them.
    public var lifetimeInDays: Int { Int((notAfter - notBefore).milliseconds / 86_400_000) }
    /// Whether it names itself as its issuer.
    public var isSelfIssued: Bool { subjectBytes == issuerBytes }
    /// Whether it is signed over a hash for which forgeries can be made (RFC 6194, RFC 6151).
    public var hasBrokenSignature: Bool {
        let name = signatureAlgorithm.lowercased()
        return name.contains("sha1") || name.contains("md5") || name.contains("md2")
    }

    /// Tells whether it holds at `moment`.
    public func holds(at moment: Instant) -> Bool { notBefore <= moment && moment <= notAfter }

    /// The curve of the first certificate's key as a group of TLS; `nil` for other keys.
    static func curve(of chain: [[UInt8]]) -> NamedGroup? {
        guard let leaf = chain.first.flatMap(CertificateFacts.init), case .elliptic(let name) = leaf.key else {
            return nil
        }
        return NamedGroup.curvesBeforeTLS13.first { $0.name == name }
    }

    private static let signatureNames: [String: String] = [
        "1.2.840.113549.1.1.2": "md2WithRSAEncryption", "1.2.840.113549.1.1.4": "md5WithRSAEncryption",
        "1.2.840.113549.1.1.5": "sha1WithRSAEncryption", "1.2.840.113549.1.1.14": "sha224WithRSAEncryption",
        "1.2.840.113549.1.1.11": "sha256WithRSAEncryption", "1.2.840.113549.1.1.12": "sha384WithRSAEncryption",
        "1.2.840.113549.1.1.13": "sha512WithRSAEncryption", "1.2.840.113549.1.1.10": "RSASSA-PSS",
        "1.2.840.10045.4.1": "ecdsa-with-SHA1", "1.2.840.10045.4.3.1": "ecdsa-with-SHA224",
        "1.2.840.10045.4.3.2": "ecdsa-with-SHA256", "1.2.840.10045.4.3.3": "ecdsa-with-SHA384",
        "1.2.840.10045.4.3.4": "ecdsa-with-SHA512", "1.2.840.10040.4.3": "dsa-with-sha1",
        "2.16.840.1.101.3.4.3.2": "dsa-with-sha256", "1.3.101.112": "ed25519", "1.3.101.113": "ed448",
    ]
}

extension Instant {
    /// A time in a certificate: UTCTime or GeneralizedTime (RFC 5280 §4.1.2.5).
    fileprivate init?(_ node: ASN1Node) {
        guard let bytes = node.bytes, let text = String(validating: bytes, as: UTF8.self), text.last == "Z" else {
            return nil
        }
        var digits = String(text.dropLast())
        guard digits.utf8.allSatisfy({ (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }) else { return nil }
        if digits.count == 12 { digits = (digits < "50" ? "20" : "19") + digits }
        guard digits.count == 14 else { return nil }
        let parts = [0..<4, 4..<6, 6..<8, 8..<10, 10..<12, 12..<14].map { range in
            let all = Array(digits)
            return String(all[range])
        }
        self.init("\(parts[0])-\(parts[1])-\(parts[2])T\(parts[3]):\(parts[4]):\(parts[5])Z")
    }
}

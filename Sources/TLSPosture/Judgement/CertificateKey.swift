import SwiftASN1

/// What kind of key a certificate is for.
public enum CertificateKey: Hashable, Sendable {
    /// RSA with a modulus of so many bits.
    case rsa(bits: Int)
    /// A curve by the name that SEC 2 and RFC 5639 give it, or its object identifier.
    case elliptic(curve: String)
    /// Anything else by its name: `Ed25519`, `DSA`, or an object identifier.
    case other(String)

    /// The word for it in Mozilla's profiles: `rsa`, `ecdsa`, or the name itself.
    public var kind: String {
        switch self {
        case .rsa: "rsa"
        case .elliptic: "ecdsa"
        case .other(let name): name
        }
    }

    /// The size in bits; 0 where the name tells none.
    public var bits: Int {
        switch self {
        case .rsa(let bits): bits
        case .elliptic(let curve): Int(curve.drop { !$0.isNumber }.prefix { $0.isNumber }) ?? 0
        case .other(let name): name == "Ed25519" ? 256 : name == "Ed448" ? 448 : 0
        }
    }

    /// `RSA 2048`, `secp256r1`, `Ed25519`.
    public var title: String {
        switch self {
        case .rsa(let bits): "RSA \(bits)"
        case .elliptic(let name), .other(let name): name
        }
    }

    private static let curves: [String: String] = [
        "1.2.840.10045.3.1.7": "secp256r1", "1.3.132.0.34": "secp384r1", "1.3.132.0.35": "secp521r1",
        "1.3.132.0.33": "secp224r1", "1.2.840.10045.3.1.1": "secp192r1", "1.3.132.0.10": "secp256k1",
        "1.3.36.3.3.2.8.1.1.7": "brainpoolP256r1", "1.3.36.3.3.2.8.1.1.11": "brainpoolP384r1",
        "1.3.36.3.3.2.8.1.1.13": "brainpoolP512r1",
    ]

    private static let others: [String: String] = [
        "1.3.101.112": "Ed25519", "1.3.101.113": "Ed448", "1.2.840.10040.4.1": "DSA",
        "2.16.840.1.101.3.4.3.17": "ML-DSA-44", "2.16.840.1.101.3.4.3.18": "ML-DSA-65",
        "2.16.840.1.101.3.4.3.19": "ML-DSA-87",
    ]

    /// Reads a SubjectPublicKeyInfo (RFC 5280 §4.1.2.7, RFC 3279 §2.3).
    init?(_ node: ASN1Node) {
        guard let parts = node.children, parts.count == 2, let algorithm = parts[0].children,
            let identifier = algorithm.first?.objectIdentifier
        else { return nil }
        switch identifier {
        case "1.2.840.113549.1.1.1", "1.2.840.113549.1.1.10":
            // The bit string begins with the number of bits that are not used, which is none.
            guard let bytes = parts[1].bytes, bytes.first == 0, let key = try? DER.parse(bytes.dropFirst()),
                let modulus = key.children?.first?.bytes?.drop(while: { $0 == 0 }), let first = modulus.first
            else { return nil }
            self = .rsa(bits: modulus.count * 8 - first.leadingZeroBitCount)
        case "1.2.840.10045.2.1":
            let curve = algorithm.count > 1 ? algorithm[1].objectIdentifier : nil
            self = .elliptic(curve: curve.map { Self.curves[$0] ?? $0 } ?? "explicit")
        default: self = .other(Self.others[identifier] ?? identifier)
        }
    }
}

extension ASN1Node {
    /// The nodes in it; `nil` for a primitive one.
    var children: [ASN1Node]? { if case .constructed(let nodes) = content { Array(nodes) } else { nil } }
    /// The bytes of a primitive one.
    var bytes: ArraySlice<UInt8>? { if case .primitive(let bytes) = content { bytes } else { nil } }
    /// The numbers of an object identifier, with points between them.
    var objectIdentifier: String? { (try? ASN1ObjectIdentifier(derEncoded: self))?.description }
}

/// The key that a server made for one connection before TLS 1.3, as far as its size is concerned.
public enum EphemeralKey: Hashable, Sendable {
    /// Over a prime of so many bits (RFC 5246 §7.4.3).
    case finiteField(bits: Int, prime: [UInt8])
    /// Over a curve (RFC 8422 §5.4).
    case curve(NamedGroup)
    /// Over a curve that the server describes itself, of so many bits (RFC 4492 §5.4).
    case explicitCurve(bits: Int)

    /// The size in bits.
    public var bits: Int {
        switch self {
        case .finiteField(let bits, _), .explicitCurve(let bits): bits
        case .curve(let group): group.bits
        }
    }

    /// Reads the body of a ServerKeyExchange; `nil` where it carries no such key or is no such message.
    ///
    /// - Parameter suite: Decides what the message looks like.
    init?(_ body: [UInt8], for suite: CipherSuite) {
        var reader = ByteReader(body)
        let isPreshared = suite.name.contains("PSK_WITH")
        // A pre-shared key puts a hint in front (RFC 4279 §2, RFC 5489 §2).
        if isPreshared { guard reader.vector(lengthBytes: 2) != nil else { return nil } }
        switch suite.keyExchange {
        case .ephemeralDiffieHellman:
            guard var prime = reader.vector(lengthBytes: 2) else { return nil }
            let bytes = Array(prime.rest().drop { $0 == 0 })
            guard let first = bytes.first else { return nil }
            self = .finiteField(bits: bytes.count * 8 - first.leadingZeroBitCount, prime: bytes)
        case .ephemeralElliptic:
            switch reader.byte() {
            case 3:
                guard let group = reader.short() else { return nil }
                self = .curve(NamedGroup(group))
            case 1:
                guard var prime = reader.vector(lengthBytes: 1) else { return nil }
                self = .explicitCurve(bits: prime.rest().drop { $0 == 0 }.count * 8)
            case 2:
                guard let degree = reader.short() else { return nil }
                self = .explicitCurve(bits: Int(degree))
            default: return nil
            }
        case .rsa, .staticDiffieHellman, .staticElliptic, .preshared, .password, .kerberos, .separate, .other:
            return nil
        }
    }
}

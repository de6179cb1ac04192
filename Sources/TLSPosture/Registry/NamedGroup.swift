import Kernel

/// A group for the key exchange, by its value in IANA's registry "TLS Supported Groups" (RFC 8422, 7919, 8446).
public struct NamedGroup: Hashable, Sendable {
    /// The value in a hello.
    public let value: UInt16

    /// The group of a value, whether it is known or not.
    public init(_ value: UInt16) { self.value = value }

    /// How the secret is made.
    public enum Kind: Sendable {
        /// An elliptic curve.
        case curve
        /// A prime that everybody knows (RFC 7919).
        case finiteField
        /// A method that withstands quantum computers, alone or beside a curve.
        case postQuantum
    }

    fileprivate struct Facts {
        let name: String
        let bits: Int
        let kind: Kind
        var isInTLS13 = false
    }

    static let x25519 = NamedGroup(0x001D)
    static let secp256r1 = NamedGroup(0x0017)
    static let secp384r1 = NamedGroup(0x0018)
    static let secp521r1 = NamedGroup(0x0019)

    fileprivate static let table: [UInt16: Facts] = {
        var table: [UInt16: Facts] = [
            0x001D: Facts(name: "X25519", bits: 256, kind: .curve, isInTLS13: true),
            0x001E: Facts(name: "X448", bits: 448, kind: .curve, isInTLS13: true),
            0x0017: Facts(name: "secp256r1", bits: 256, kind: .curve, isInTLS13: true),
            0x0018: Facts(name: "secp384r1", bits: 384, kind: .curve, isInTLS13: true),
            0x0019: Facts(name: "secp521r1", bits: 521, kind: .curve, isInTLS13: true),
            0x001F: Facts(name: "brainpoolP256r1tls13", bits: 256, kind: .curve, isInTLS13: true),
            0x0020: Facts(name: "brainpoolP384r1tls13", bits: 384, kind: .curve, isInTLS13: true),
            0x0021: Facts(name: "brainpoolP512r1tls13", bits: 512, kind: .curve, isInTLS13: true),
            0x0029: Facts(name: "curveSM2", bits: 256, kind: .curve, isInTLS13: true),
            0x11EC: Facts(name: "X25519MLKEM768", bits: 256, kind: .postQuantum, isInTLS13: true),
            0x11EB: Facts(name: "SecP256r1MLKEM768", bits: 256, kind: .postQuantum, isInTLS13: true),
            0x11ED: Facts(name: "SecP384r1MLKEM1024", bits: 384, kind: .postQuantum, isInTLS13: true),
            0x0200: Facts(name: "MLKEM512", bits: 128, kind: .postQuantum, isInTLS13: true),
            0x0201: Facts(name: "MLKEM768", bits: 192, kind: .postQuantum, isInTLS13: true),
            0x0202: Facts(name: "MLKEM1024", bits: 256, kind: .postQuantum, isInTLS13: true),
            0x6399: Facts(name: "X25519Kyber768Draft00", bits: 256, kind: .postQuantum, isInTLS13: true),
            0x639A: Facts(name: "SecP256r1Kyber768Draft00", bits: 256, kind: .postQuantum, isInTLS13: true),
        ]
        for (index, bits) in [2048, 3072, 4096, 6144, 8192].enumerated() {
            table[0x0100 + UInt16(index)] = Facts(
                name: "ffdhe\(bits)", bits: bits, kind: .finiteField, isInTLS13: true)
        }
        let curves = [
            "sect163k1", "sect163r1", "sect163r2", "sect193r1", "sect193r2", "sect233k1", "sect233r1", "sect239k1",
            "sect283k1", "sect283r1", "sect409k1", "sect409r1", "sect571k1", "sect571r1", "secp160k1", "secp160r1",
            "secp160r2", "secp192k1", "secp192r1", "secp224k1", "secp224r1", "secp256k1", "secp256r1", "secp384r1",
            "secp521r1", "brainpoolP256r1", "brainpoolP384r1", "brainpoolP512r1",
        ]
        for (index, name) in curves.enumerated() where table[UInt16(index + 1)] == nil {
            let digits = name.drop { !$0.isNumber }.prefix { $0.isNumber }
            table[UInt16(index + 1)] = Facts(name: name, bits: Int(digits) ?? 0, kind: .curve)
        }
        return table
    }()

    /// As IANA writes it; `0xABCD` for a value that is not known.
    public var name: String {
        Self.table[value]?.name ?? "0x" + [UInt8(value >> 8), UInt8(value & 0xFF)].hex.uppercased()
    }

    /// The size of what is exchanged in bits: of the curve's field or of the prime; 0 for a value that is not known.
    public var bits: Int { Self.table[value]?.bits ?? 0 }

    /// How the secret is made; `nil` for a value that is not known.
    public var kind: Kind? { Self.table[value]?.kind }

    /// Every group that can be asked for in TLS 1.3, those that most clients want first.
    static let inTLS13 = [x25519, secp256r1, secp384r1].withOthers { $0.isInTLS13 }
    /// Every curve that can be asked for in TLS 1.2, the strong ones that most clients want first.
    static let curvesBeforeTLS13 = [x25519, secp256r1, secp384r1, secp521r1, NamedGroup(0x001E)].withOthers {
        $0.kind == .curve && !$0.name.hasSuffix("tls13")
    }
    /// What a hello before TLS 1.3 offers: the curves, and the primes for suites with DHE (RFC 7919).
    static let beforeTLS13 = curvesBeforeTLS13 + (0x0100...0x0104).map(NamedGroup.init)

    fileprivate static func values(where isWanted: (Facts) -> Bool) -> [NamedGroup] {
        table.filter { isWanted($1) }.keys.sorted(by: >).map(NamedGroup.init)
    }
}

extension [NamedGroup] {
    fileprivate func withOthers(_ isWanted: (NamedGroup.Facts) -> Bool) -> [NamedGroup] {
        self + NamedGroup.values(where: isWanted).filter { !contains($0) }
    }
}

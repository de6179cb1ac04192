import Kernel

/// One cipher suite of IANA's registry, by the value that stands in a hello.
///
/// What a suite does stands in its name, `TLS_EXCHANGE_AUTHENTICATION_WITH_CIPHER_HASH`, so nothing else is kept.
public struct CipherSuite: Hashable, Sendable {
    /// The value in a hello (RFC 8446 §4.1.2).
    public let value: UInt16
    /// The name in IANA's registry; `0xABCD` for a value that has none.
    public let name: String

    /// The suite of a value, whether the registry knows it or not.
    public init(_ value: UInt16) {
        self.value = value
        name = CipherSuiteTable.names[value] ?? "0x" + [UInt8(value >> 8), UInt8(value & 0xFF)].hex.uppercased()
    }

    /// The suite of a name in the registry; `nil` for any other text.
    public init?(name: String) {
        guard let value = CipherSuiteTable.values[name] else { return nil }
        self.value = value
        self.name = name
    }

    /// Every suite of the registry that TLS 1.2 and its predecessors negotiate, the strongest first.
    public static let beforeTLS13 = CipherSuiteTable.all.filter { !$0.isTLS13 }
    /// Every suite of the registry that TLS 1.3 negotiates.
    public static let tls13 = CipherSuiteTable.all.filter(\.isTLS13)

    /// Stands in a hello for the renegotiation_info extension (RFC 5746 §3.3).
    static let renegotiationSignal: UInt16 = 0x00FF
    /// Tells a server that the client tries again with a lower version (RFC 7507).
    static let fallbackSignal: UInt16 = 0x5600
}

/// How both sides come to the same secret.
public enum KeyExchange: String, Sendable, CaseIterable {
    /// The client sends it under the server's RSA key: whoever gets that key later reads everything.
    case rsa = "RSA"
    /// Diffie-Hellman over a prime with a key made for the connection.
    case ephemeralDiffieHellman = "DHE"
    /// The same with the key in the certificate.
    case staticDiffieHellman = "DH"
    /// Diffie-Hellman over an elliptic curve with a key made for the connection.
    case ephemeralElliptic = "ECDHE"
    /// The same with the key in the certificate.
    case staticElliptic = "ECDH"
    /// A key that both have from before.
    case preshared = "PSK"
    case password = "SRP"
    case kerberos = "KRB5"
    /// TLS 1.3 negotiates it apart from the suite, always ephemeral.
    case separate = "any"
    case other
}

/// What makes a suite weak or strong in the eyes of a grade.
public enum CipherClass: String, Sendable, CaseIterable {
    /// Encrypts nothing.
    case null
    /// Weakened for the export laws of the 1990s, 40 or 56 bits.
    case export
    /// A stream cipher with biases that give plaintext away (RFC 7465).
    case rc4
    /// Triple DES, whose blocks of 64 bits repeat (SWEET32), and single DES.
    case des
    /// A block cipher in CBC with a separate MAC.
    case cbc
    /// Encrypts and authenticates in one.
    case aead
    case other
}

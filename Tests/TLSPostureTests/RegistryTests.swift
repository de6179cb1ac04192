import Testing

@testable import TLSPosture

@Suite("The registry of suites and groups")
struct RegistryTests {
    @Test("every value has one name and every name one value")
    func unique() {
        #expect(CipherSuiteTable.names.count == CipherSuiteTable.values.count)
        #expect(CipherSuiteTable.names.count == 416)
        #expect(CipherSuite.tls13.count + CipherSuite.beforeTLS13.count == 415)
    }

    struct Example: Sendable {
        let value: UInt16
        let name: String
        let exchange: KeyExchange
        let authentication: String
        let kind: CipherClass
        let bits: Int
        let isForward: Bool
        init(
            _ value: UInt16, _ name: String, _ exchange: KeyExchange, _ authentication: String, _ kind: CipherClass,
            _ bits: Int, _ isForward: Bool
        ) {
            self.value = value
            self.name = name
            self.exchange = exchange
            self.authentication = authentication
            self.kind = kind
            self.bits = bits
            self.isForward = isForward
        }
    }

    static let examples = [
        Example(0x1301, "TLS_AES_128_GCM_SHA256", .separate, "any", .aead, 128, true),
        Example(0x1305, "TLS_AES_128_CCM_8_SHA256", .separate, "any", .aead, 128, true),
        Example(0xC0B4, "TLS_SHA256_SHA256", .separate, "any", .null, 0, true),
        Example(0xC02B, "TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256", .ephemeralElliptic, "ECDSA", .aead, 128, true),
        Example(0xCCA8, "TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256", .ephemeralElliptic, "RSA", .aead, 256, true),
        Example(0xC0AE, "TLS_ECDHE_ECDSA_WITH_AES_128_CCM_8", .ephemeralElliptic, "ECDSA", .aead, 128, true),
        Example(0xC013, "TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA", .ephemeralElliptic, "RSA", .cbc, 128, true),
        Example(0xC00E, "TLS_ECDH_RSA_WITH_AES_128_CBC_SHA", .staticElliptic, "RSA", .cbc, 128, false),
        Example(0xC018, "TLS_ECDH_anon_WITH_AES_128_CBC_SHA", .ephemeralElliptic, "none", .cbc, 128, true),
        Example(0x009E, "TLS_DHE_RSA_WITH_AES_128_GCM_SHA256", .ephemeralDiffieHellman, "RSA", .aead, 128, true),
        Example(0x0032, "TLS_DHE_DSS_WITH_AES_128_CBC_SHA", .ephemeralDiffieHellman, "DSS", .cbc, 128, true),
        Example(0x0034, "TLS_DH_anon_WITH_AES_128_CBC_SHA", .ephemeralDiffieHellman, "none", .cbc, 128, true),
        Example(0x0031, "TLS_DH_RSA_WITH_AES_128_CBC_SHA", .staticDiffieHellman, "RSA", .cbc, 128, false),
        Example(0x002F, "TLS_RSA_WITH_AES_128_CBC_SHA", .rsa, "RSA", .cbc, 128, false),
        Example(0x0041, "TLS_RSA_WITH_CAMELLIA_128_CBC_SHA", .rsa, "RSA", .cbc, 128, false),
        Example(0x000A, "TLS_RSA_WITH_3DES_EDE_CBC_SHA", .rsa, "RSA", .des, 112, false),
        Example(0x0009, "TLS_RSA_WITH_DES_CBC_SHA", .rsa, "RSA", .des, 56, false),
        Example(0x0005, "TLS_RSA_WITH_RC4_128_SHA", .rsa, "RSA", .rc4, 128, false),
        Example(0x0003, "TLS_RSA_EXPORT_WITH_RC4_40_MD5", .rsa, "RSA", .export, 40, false),
        Example(0x0011, "TLS_DHE_DSS_EXPORT_WITH_DES40_CBC_SHA", .ephemeralDiffieHellman, "DSS", .export, 40, true),
        Example(0x0062, "TLS_RSA_EXPORT1024_WITH_DES_CBC_SHA", .rsa, "RSA", .export, 56, false),
        Example(0x003B, "TLS_RSA_WITH_NULL_SHA256", .rsa, "RSA", .null, 0, false),
        Example(0x008C, "TLS_PSK_WITH_AES_128_CBC_SHA", .preshared, "PSK", .cbc, 128, false),
        Example(0x00A8, "TLS_PSK_WITH_AES_128_GCM_SHA256", .preshared, "PSK", .aead, 128, false),
        Example(0x0090, "TLS_DHE_PSK_WITH_AES_128_CBC_SHA", .ephemeralDiffieHellman, "PSK", .cbc, 128, true),
        Example(0x0094, "TLS_RSA_PSK_WITH_AES_128_CBC_SHA", .rsa, "PSK", .cbc, 128, false),
        Example(0xC01D, "TLS_SRP_SHA_WITH_AES_128_CBC_SHA", .password, "SRP", .cbc, 128, false),
        Example(0x001E, "TLS_KRB5_WITH_DES_CBC_SHA", .kerberos, "KRB5", .des, 56, false),
    ]

    @Test("a name tells what a suite does", arguments: examples)
    func properties(example: Example) {
        let suite = CipherSuite(example.value)
        #expect(suite.name == example.name)
        #expect(CipherSuite(name: example.name) == suite)
        #expect(suite.keyExchange == example.exchange)
        #expect(suite.authentication == example.authentication)
        #expect(suite.cipherClass == example.kind)
        #expect(suite.bits == example.bits)
        #expect(suite.hasForwardSecrecy == example.isForward)
    }

    @Test("values that nobody registered have their number for a name")
    func unknown() {
        #expect(CipherSuite(0xABCD).name == "0xABCD")
        #expect(NamedGroup(0xABCD).name == "0xABCD")
        #expect(CipherSuite(name: "TLS_WITH_LOVE") == nil)
    }

    @Test(
        "groups are known by name",
        arguments: [
            (0x001D, "X25519", 256), (0x0017, "secp256r1", 256), (0x0015, "secp224r1", 224), (0x0001, "sect163k1", 163),
            (0x001C, "brainpoolP512r1", 512), (0x0104, "ffdhe8192", 8192), (0x11EC, "X25519MLKEM768", 256),
            (0x11EB, "SecP256r1MLKEM768", 256), (0x11ED, "SecP384r1MLKEM1024", 384),
            (0x6399, "X25519Kyber768Draft00", 256),
        ] as [(UInt16, String, Int)])
    func groups(value: UInt16, name: String, bits: Int) {
        #expect(NamedGroup(value).name == name)
        #expect(NamedGroup(value).bits == bits)
    }
}

extension CipherSuite {
    /// Whether TLS 1.3 negotiates it (RFC 8446 §B.4 and its successors): such a name tells no key exchange.
    public var isTLS13: Bool {
        switch value {
        case 0x1301...0x1307, 0x00C6, 0x00C7, 0xC0B4, 0xC0B5, 0xC103...0xC106: true
        default: false
        }
    }

    /// How both sides come to the same secret.
    public var keyExchange: KeyExchange {
        if isTLS13 { return .separate }
        switch parts.exchange.first {
        case "RSA" where parts.exchange.dropFirst().first == "PSK": return .rsa
        case "RSA": return .rsa
        case "DHE": return .ephemeralDiffieHellman
        case "DH": return isAnonymous ? .ephemeralDiffieHellman : .staticDiffieHellman
        case "ECDHE", "ECCPWD", "CECPQ1": return .ephemeralElliptic
        case "ECDH": return isAnonymous ? .ephemeralElliptic : .staticElliptic
        case "PSK": return .preshared
        case "SRP": return .password
        case "KRB5": return .kerberos
        default: return .other
        }
    }

    /// Nobody proves who they are: whoever stands between reads and changes everything.
    public var isAnonymous: Bool { parts.exchange.contains("anon") || name == "TLS_NULL_WITH_NULL_NULL" }

    /// What the server proves itself with: `RSA`, `ECDSA`, `DSS`, `PSK`, `KRB5`, `none`; `any` in TLS 1.3.
    public var authentication: String {
        if isTLS13 { return "any" }
        if isAnonymous { return "none" }
        let words = parts.exchange.filter { $0 != "EXPORT" && $0 != "EXPORT1024" && $0 != "FIPS" }
        for word in words.dropFirst() where ["RSA", "ECDSA", "DSS", "PSK"].contains(word) { return String(word) }
        return words.first.map(String.init) ?? "other"
    }

    /// Whether what was recorded stays secret when the server's key is lost later.
    public var hasForwardSecrecy: Bool {
        switch keyExchange {
        case .ephemeralDiffieHellman, .ephemeralElliptic, .separate: true
        case .rsa, .staticDiffieHellman, .staticElliptic, .preshared, .password, .kerberos, .other: false
        }
    }

    /// What makes it weak or strong.
    public var cipherClass: CipherClass {
        let words = parts.cipher
        if isIntegrityOnly { return .null }
        if parts.exchange.contains("EXPORT") || parts.exchange.contains("EXPORT1024") { return .export }
        if words.contains("RC4") { return .rc4 }
        if words.contains("3DES") || words.contains("DES") || words.contains("DES40") { return .des }
        if isTLS13 || !Self.authenticatedModes.isDisjoint(with: words) { return .aead }
        return words.contains("CBC") ? .cbc : .other
    }

    /// The strength of the cipher in bits; of triple DES what an attack in the middle leaves, 112.
    public var bits: Int {
        let words = parts.cipher
        if isIntegrityOnly { return 0 }
        if words.contains("3DES") { return 112 }
        if words.contains("DES40") || words.contains("40") { return 40 }
        if words.contains("DES") || words.contains("56") { return 56 }
        if words.contains("128") || words.contains("IDEA") || words.contains("SEED") || words.contains("SM4") {
            return 128
        }
        if words.contains("128L") || words.contains("RC2") { return 128 }
        return words.contains("FORTEZZA") ? 80 : 256
    }

    /// Whether libraries that many servers use have ever had it: neither pre-shared keys nor the ways of single countries.
    var isWidespread: Bool {
        let isCommonExchange: Bool =
            switch keyExchange {
            case .rsa, .ephemeralDiffieHellman, .staticDiffieHellman, .ephemeralElliptic, .staticElliptic: true
            case .preshared, .password, .kerberos, .separate, .other: false
            }
        return isCommonExchange && !name.contains("PSK") && !name.contains("SALSA") && !name.contains("CECPQ")
            && !name.contains("ECCPWD") && !name.contains("SM4") && !name.contains("ARIA")
    }

    /// Whether the key exchange runs over one of the named groups that are elliptic curves.
    public var usesCurve: Bool { keyExchange == .ephemeralElliptic }

    private var isIntegrityOnly: Bool { parts.cipher.contains("NULL") || value == 0xC0B4 || value == 0xC0B5 }

    private static let authenticatedModes: Set<Substring> = [
        "GCM", "CCM", "POLY1305", "MGM", "OMAC", "AEGIS",
    ]

    /// The words of the name before and behind `WITH`; a name without it has only a cipher.
    private var parts: (exchange: [Substring], cipher: [Substring]) {
        let words = name.split(separator: "_").drop { $0 == "OLD" }.dropFirst()
        guard let with = words.firstIndex(of: "WITH") else {
            // The Chinese suites of GB/T 38636 put the exchange first and no word between.
            return isTLS13 ? ([], Array(words)) : (Array(words.prefix(1)), Array(words.dropFirst()))
        }
        return (Array(words[..<with]), Array(words[words.index(after: with)...]))
    }
}

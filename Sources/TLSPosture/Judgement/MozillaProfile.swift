/// What Mozilla's guideline demands of servers, version 6.0.
///
/// Source: https://ssl-config.mozilla.org/guidelines/6.0.json (mozilla/ssl-config-generator), as far as it is about the server
/// itself and not about HTTP.
public struct MozillaProfile: Hashable, Sendable {
    /// The two profiles of version 6.0.
    public enum Name: String, Sendable, Codable, CaseIterable {
        /// For clients that all speak TLS 1.3.
        case modern
        /// For nearly every client.
        case intermediate
    }

    /// Which of them it is.
    public let name: Name
    /// The versions that a server may speak.
    let versions: Set<ProtocolVersion>
    /// The suites of TLS 1.3, and those before it.
    let suitesOfTLS13, suitesBefore: Set<String>
    /// The groups for the key exchange, by IANA's name.
    let groups: Set<String>
    /// Kinds of keys, of which a server needs at least one; curves of which each elliptic key must be one.
    let certificateTypes, certificateCurves: [String]
    /// Signatures of certificates, of which a server needs at least one.
    let certificateSignatures: [String]
    /// The longest that a certificate may hold, and the longest that is recommended, in days.
    let longestLifetime, recommendedLifetime: Int
    /// The smallest sizes in bits; `nil` where nothing is demanded.
    let smallestRSA, smallestDH: Int?
    let smallestECDH: Int
    /// Whether it asks for OCSP stapling, which no checker enforces.
    let wantsStapling = true

    /// The profile of a name.
    public static func named(_ name: Name) -> MozillaProfile {
        switch name {
        case .modern: modern
        case .intermediate: intermediate
        }
    }

    private static let suitesOf13: Set = [
        "TLS_AES_128_GCM_SHA256", "TLS_AES_256_GCM_SHA384", "TLS_CHACHA20_POLY1305_SHA256",
    ]
    private static let groups: Set = ["X25519MLKEM768", "X25519", "secp256r1", "secp384r1"]
    private static let curves = ["secp256r1", "secp384r1"]
    private static let ellipticSignatures = ["ecdsa-with-SHA256", "ecdsa-with-SHA384", "ecdsa-with-SHA512"]

    static let modern = MozillaProfile(
        name: .modern, versions: [.tls13], suitesOfTLS13: suitesOf13, suitesBefore: [], groups: groups,
        certificateTypes: ["ecdsa"], certificateCurves: curves, certificateSignatures: ellipticSignatures,
        longestLifetime: 90, recommendedLifetime: 90, smallestRSA: nil, smallestDH: nil, smallestECDH: 256)

    static let intermediate = MozillaProfile(
        name: .intermediate, versions: [.tls12, .tls13], suitesOfTLS13: suitesOf13,
        suitesBefore: [
            "TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256", "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256",
            "TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384", "TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384",
            "TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256", "TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256",
        ],
        groups: groups, certificateTypes: ["ecdsa", "rsa"], certificateCurves: curves,
        certificateSignatures: ["sha256WithRSAEncryption"] + ellipticSignatures, longestLifetime: 366,
        recommendedLifetime: 90, smallestRSA: 2048, smallestDH: 2048, smallestECDH: 256)
}

import Kernel

/// What only a scan of TLS tells, beside what every scan does.
public struct TLSDetails: Hashable, Sendable, Codable {
    /// A certificate that the server shows.
    public struct CertificateDetails: Hashable, Sendable, Codable {
        /// Whose it is and who signed it.
        public let subject, issuer: String
        /// The names that it is for.
        public let names: [String]
        /// When it begins and when it ends to hold.
        public let notBefore, notAfter: Instant
        /// `RSA 2048`, `secp256r1`.
        public let key: String
        /// What it is signed with.
        public let signature: String
        /// SHA-256 over it.
        public let fingerprint: String
        /// Whether a client that has the anchors would go on, and why not.
        public let trusted: Bool
        /// The clauses of ``ChainJudgement/Fault/reason``.
        public let faults: [String]
        /// How many certificates came along.
        public let chainLength: Int
        /// Where certificate timestamps were found: `certificate`, `handshake`, `ocsp`.
        public let timestamps: [String]
        /// Whether an OCSP response came along.
        public let stapled: Bool

        enum CodingKeys: String, CodingKey {
            case subject, issuer, names, key, signature, fingerprint, trusted, faults, timestamps, stapled
            case notBefore = "not_before"
            case notAfter = "not_after"
            case chainLength = "chain_length"
        }
    }

    /// What the server can do besides.
    public struct Features: Hashable, Sendable, Codable {
        /// Compression, of TLS itself.
        public let compression: Bool
        /// Whether clients that fall back are refused; `nil` where there is nothing to fall back to.
        public let fallbackRefused: Bool?
        /// Whether renegotiation is tied to its connection; `nil` where there is only TLS 1.3.
        public let secureRenegotiation: Bool?
        /// Extended master secrets, the same.
        public let extendedMasterSecret: Bool?
        /// Tickets for sessions before TLS 1.3, the same.
        public let sessionTickets: Bool?
        /// Protocols inside.
        public let applicationProtocols: [String]
        /// Whether the server's order of suites counts, by version.
        public let ownOrder: [String: Bool]
        /// The smallest prime and the smallest curve, in bits.
        public let dhBits, ecdhBits: Int?
        /// Whether a key exchange withstands quantum computers.
        public let postQuantum: Bool
        /// Whether it wants to see the client's certificate.
        public let clientCertificate: Bool

        enum CodingKeys: String, CodingKey {
            case compression
            case fallbackRefused = "fallback_refused"
            case secureRenegotiation = "secure_renegotiation"
            case extendedMasterSecret = "extended_master_secret"
            case sessionTickets = "session_tickets"
            case applicationProtocols = "alpn"
            case ownOrder = "server_order"
            case dhBits = "dh_bits"
            case ecdhBits = "ecdh_bits"
            case postQuantum = "post_quantum"
            case clientCertificate = "client_certificate"
        }
    }

    /// The suites that the server takes in each version, by ``ProtocolVersion/key``, in the order in which it chose them.
    public let protocols: [String: [String]]
    /// The groups for the key exchange.
    public let groups: [String]
    /// The certificate that it shows first.
    public let certificate: CertificateDetails?
    /// Others that it shows to other clients.
    public let otherCertificates: [CertificateDetails]
    /// Mozilla's profiles by name.
    public let profiles: [String: ProfileJudgement]
    /// What else it can do.
    public let features: Features
    /// Whether the server answered every question; what it takes beyond what was found is not known otherwise.
    public let complete: Bool
    /// How many connections the scan opened.
    public let connections: Int

    enum CodingKeys: String, CodingKey {
        case protocols, groups, certificate, profiles, features, complete, connections
        case otherCertificates = "other_certificates"
    }
}

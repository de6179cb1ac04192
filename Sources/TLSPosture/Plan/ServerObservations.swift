/// What the answers of one server amount to.
public struct ServerObservations: Hashable, Sendable {
    /// What was found in one handshake that led to an agreement before TLS 1.3.
    public struct Agreement: Hashable, Sendable {
        /// The version and the suite that both agreed on.
        public let version: ProtocolVersion
        /// The suite.
        public let suite: CipherSuite
        /// The key that the server made for it.
        public let key: EphemeralKey?
        /// Whether it compresses.
        public internal(set) var compresses: Bool
        /// Whether renegotiation is secure.
        public let hasSecureRenegotiation: Bool
        /// Whether it knows extended master secrets.
        public let hasExtendedMasterSecret: Bool
        /// Whether it hands out session tickets.
        public let hasSessionTicket: Bool
    }

    /// Certificates as they came, and what came with them.
    public struct Chain: Hashable, Sendable {
        /// As DER, the server's own first.
        public let certificates: [[UInt8]]
        /// The OCSP response beside it, if one ever came.
        public var stapled: [UInt8]?
        /// Certificate timestamps from the handshake.
        public var timestamps: [[UInt8]]
    }

    /// Every agreement, in the order in which the server made them.
    public internal(set) var agreements: [Agreement] = []
    /// The ciphers of SSL 2 that it takes; `nil` where it does not speak that.
    public internal(set) var ssl2: [String]?
    /// The groups that it takes in TLS 1.3, in the order in which it chose them.
    public internal(set) var groupsOfTLS13: [NamedGroup] = []
    /// The curves that it takes before TLS 1.3, the same.
    public internal(set) var curvesBeforeTLS13: [NamedGroup] = []
    /// Each different certificate that it shows.
    public internal(set) var chains: [Chain] = []
    /// Whether it follows its own order of suites, for each version with more than one.
    public internal(set) var prefersOwnOrder: [ProtocolVersion: Bool] = [:]
    /// Whether it refuses clients that fall back; `nil` where there is nothing to fall back to.
    public internal(set) var refusesFallback: Bool?
    /// The protocols that it wants to speak inside.
    public internal(set) var applicationProtocols: [String] = []
    /// Whether it wants to see the client's certificate.
    public internal(set) var wantsClientCertificate = false
    /// What a reader must know about the scan itself.
    public internal(set) var remarks: [String] = []
    /// How many questions were met with silence: what the server would have said to them is not known.
    public internal(set) var unanswered = 0
    /// How many connections were opened.
    public internal(set) var connections = 0

    /// What nothing was observed of yet.
    public init() {}

    /// The suites that it takes in one version, in the order in which it chose them.
    public func suites(in version: ProtocolVersion) -> [CipherSuite] {
        agreements.filter { $0.version == version }.map(\.suite)
    }

    /// The versions that it speaks, the latest first; SSL 2 apart.
    public var versions: [ProtocolVersion] {
        ProtocolVersion.allCases.reversed().filter { version in agreements.contains { $0.version == version } }
    }

    /// Whether it ever agreed to anything.
    public var isTLSServer: Bool { !agreements.isEmpty || ssl2 != nil }

    /// How many connections came to no new agreement.
    var connectionsWithoutAgreement: Int { connections - agreements.count }

    mutating func note(_ remark: String) {
        if !remarks.contains(remark) { remarks.append(remark) }
    }

    /// Takes an agreement over; one that is known already only for its certificate.
    mutating func record(_ flight: ServerFlight) {
        if let place = agreements.firstIndex(where: { $0.version == flight.version && $0.suite == flight.suite }) {
            agreements[place].compresses = agreements[place].compresses || flight.compresses
        } else {
            agreements.append(
                Agreement(
                    version: flight.version, suite: flight.suite, key: flight.key, compresses: flight.compresses,
                    hasSecureRenegotiation: flight.hasSecureRenegotiation,
                    hasExtendedMasterSecret: flight.hasExtendedMasterSecret, hasSessionTicket: flight.hasSessionTicket))
        }
        if case .curve(let group) = flight.key {
            if flight.version == .tls13 {
                record(groupOfTLS13: group)
            } else if !curvesBeforeTLS13.contains(group) {
                curvesBeforeTLS13.append(group)
            }
        }
        if let name = flight.applicationProtocol, !applicationProtocols.contains(name) {
            applicationProtocols.append(name)
        }
        wantsClientCertificate = wantsClientCertificate || flight.wantsClientCertificate
        recordChain(of: flight)
    }

    mutating func record(groupOfTLS13 group: NamedGroup) {
        if !groupsOfTLS13.contains(group) { groupsOfTLS13.append(group) }
    }

    private mutating func recordChain(of flight: ServerFlight) {
        guard !flight.certificates.isEmpty else { return }
        guard let place = chains.firstIndex(where: { $0.certificates == flight.certificates }) else {
            chains.append(
                Chain(certificates: flight.certificates, stapled: flight.stapled, timestamps: flight.timestamps))
            return
        }
        chains[place].stapled = chains[place].stapled ?? flight.stapled
        if chains[place].timestamps.isEmpty { chains[place].timestamps = flight.timestamps }
    }
}

/// Whether a server speaks SSL 2.
struct SSL2Track: Track {
    private var isDone = false

    let isOptional = false

    func hello(_ observed: ServerObservations) -> TrackHello? { isDone ? nil : .ssl2 }

    mutating func take(_ answer: ServerAnswer, _ observed: inout ServerObservations) {
        isDone = true
        if case .ssl2(let ciphers) = answer { observed.ssl2 = ciphers }
    }
}

/// Whether a server refuses clients that fall back to a lower version than both could speak (RFC 7507).
struct FallbackTrack: Track {
    let version: ProtocolVersion
    let serverName: String?
    private let suites: [UInt16]
    private var isDone = false

    let isOptional = true

    /// - Parameter version: The next below the highest that the server speaks before TLS 1.3.
    init(_ version: ProtocolVersion, suites: [CipherSuite], serverName: String?) {
        self.version = version
        self.serverName = serverName
        self.suites = suites.map(\.value)
    }

    func hello(_ observed: ServerObservations) -> TrackHello? {
        guard !isDone else { return nil }
        return .tls(
            ClientHello(
                version: version, suites: suites + [CipherSuite.fallbackSignal], groups: NamedGroup.beforeTLS13,
                serverName: serverName))
    }

    mutating func take(_ answer: ServerAnswer, _ observed: inout ServerObservations) {
        isDone = true
        // Many refuse with another alert than the one that is meant for it, and are as safe.
        if case .agreed = answer { observed.refusesFallback = false } else { observed.refusesFallback = true }
    }
}

/// The certificates that a server shows in TLS 1.3, where they are encrypted: one for each kind of key.
struct CertificateTrack: Track {
    let serverName: String?
    private let suites: [UInt16]
    private let group: NamedGroup
    private var kinds: [[UInt16]]

    let isOptional = true

    /// - Parameters:
    ///   - suites: Those of TLS 1.3 that the server takes and whose records can be opened; at least one.
    ///   - group: One that it takes and for which there can be a key.
    ///   - known: How it signed before.
    init(suites: [UInt16], group: NamedGroup, known: UInt16?, serverName: String?) {
        self.serverName = serverName
        self.suites = suites
        self.group = group
        kinds = [SignatureScheme.elliptic, SignatureScheme.rsa].filter { kind in !(known.map(kind.contains) ?? false) }
    }

    func hello(_ observed: ServerObservations) -> TrackHello? {
        guard let kind = kinds.first else { return nil }
        var hello = ClientHello(version: .tls13, suites: suites, groups: [group], serverName: serverName)
        hello.signatureSchemes = kind
        hello.takesAnyCertificate = true
        hello.keys = KeyOffer(for: [group])
        return .tls(hello)
    }

    mutating func take(_ answer: ServerAnswer, _ observed: inout ServerObservations) {
        if !kinds.isEmpty { kinds.removeFirst() }
        if case .agreed(let flight) = answer, flight.version == .tls13 { observed.record(flight) }
    }
}

/// Which curves a server takes before TLS 1.3, beyond those that it chose while its suites were asked for.
struct CurveTrack: Track {
    let version: ProtocolVersion
    let serverName: String?
    private let suites: [UInt16]
    /// The curve of the server's own key, without which a server that has no other refuses (RFC 8422 §5.1).
    private let curveOfCertificate: NamedGroup?
    private var curves: [NamedGroup]

    let isOptional = true

    /// - Parameters:
    ///   - suites: Those with an ephemeral curve that the server takes.
    ///   - curveOfCertificate: Set where all of these sign with an elliptic key.
    init(
        _ version: ProtocolVersion, suites: [CipherSuite], curveOfCertificate: NamedGroup?, serverName: String?,
        observed: ServerObservations
    ) {
        self.version = version
        self.serverName = serverName
        self.suites = suites.map(\.value)
        self.curveOfCertificate = curveOfCertificate
        let known = Set(observed.groupsOfTLS13 + observed.curvesBeforeTLS13)
        curves = NamedGroup.curvesBeforeTLS13.filter { !known.contains($0) && $0 != curveOfCertificate }
    }

    func hello(_ observed: ServerObservations) -> TrackHello? {
        guard !curves.isEmpty else { return nil }
        return .tls(
            ClientHello(
                version: version, suites: suites, groups: curves + [curveOfCertificate].compactMap { $0 },
                serverName: serverName))
    }

    mutating func take(_ answer: ServerAnswer, _ observed: inout ServerObservations) {
        guard case .agreed(let flight) = answer, flight.version == version, case .curve(let curve) = flight.key,
            curves.contains(curve)
        else {
            if case .agreed(let flight) = answer, flight.key == curveOfCertificate.map(EphemeralKey.curve) {
                observed.record(flight)
            }
            curves = []
            return
        }
        observed.record(flight)
        curves.removeAll { $0 == curve }
    }
}

/// Whether a server follows its own order of suites or the client's: it is offered what it takes, its last choice first.
struct OrderTrack: Track {
    let version: ProtocolVersion
    let serverName: String?
    private let suites: [UInt16]
    private let groups: [NamedGroup]
    private var isDone = false

    let isOptional = true

    /// - Parameter suites: What the server takes, in the order in which it chose; at least two.
    init(_ version: ProtocolVersion, suites: [CipherSuite], serverName: String?, observed: ServerObservations) {
        self.version = version
        self.serverName = serverName
        self.suites = suites.reversed().map(\.value)
        groups = version == .tls13 ? observed.groupsOfTLS13 : NamedGroup.beforeTLS13
    }

    func hello(_ observed: ServerObservations) -> TrackHello? {
        isDone ? nil : .tls(ClientHello(version: version, suites: suites, groups: groups, serverName: serverName))
    }

    mutating func take(_ answer: ServerAnswer, _ observed: inout ServerObservations) {
        isDone = true
        switch answer {
        case .agreed(let flight) where flight.version == version:
            observed.prefersOwnOrder[version] = flight.suite.value != suites.first
        case .retry(let suite, _) where version == .tls13:
            observed.prefersOwnOrder[version] = suite.value != suites.first
        default: break
        }
    }
}

/// The first words: a hello as a browser would send it, and plainer ones for servers that it makes fall silent.
struct GreetingTrack: Track {
    private enum Attempt: Int, CaseIterable { case today, plain, old }

    let serverName: String?
    private var attempt: Attempt? = .today
    /// What came to the last attempt.
    private(set) var outcome: ServerAnswer?

    let isOptional = false

    init(serverName: String?) { self.serverName = serverName }

    /// What nearly every server of the last twenty years has one of.
    private static let common: [UInt16] = [
        0xC02B, 0xC02F, 0xC02C, 0xC030, 0xCCA9, 0xCCA8, 0xC009, 0xC013, 0xC00A, 0xC014, 0x009C, 0x009D, 0x002F, 0x0035,
        0x009E, 0x0033, 0x000A, 0x0005,
    ]

    func hello(_ observed: ServerObservations) -> TrackHello? {
        guard let attempt else { return nil }
        var hello = ClientHello(version: .tls13, suites: Self.common, groups: NamedGroup.common, serverName: serverName)
        switch attempt {
        case .today:
            hello.alsoOffersTLS12 = true
            hello.suites = HandshakeKeys.suites + Self.common
            hello.keys = KeyOffer(for: [.x25519, .secp256r1])
        case .plain, .old:
            hello.version = attempt == .plain ? .tls12 : .tls10
            hello.isBare = true
        }
        return .tls(hello)
    }

    mutating func take(_ answer: ServerAnswer, _ observed: inout ServerObservations) {
        outcome = answer
        switch answer {
        case .agreed(let flight): observed.record(flight)
        case .retry(let suite, let group):
            observed.record(groupOfTLS13: group)
            observed.record(ServerFlight(version: .tls13, suite: suite))
        case .alert, .ssl2, .closed, .silence, .nonsense: break
        }
        let goesOn = answer == .closed || answer == .silence || answer == .nonsense
        attempt = goesOn ? attempt.flatMap { Attempt(rawValue: $0.rawValue + 1) } : nil
    }
}

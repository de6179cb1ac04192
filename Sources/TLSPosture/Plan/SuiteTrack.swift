/// Which suites a server takes in one version before TLS 1.3: everything is offered, what it picks is taken out, and so on
/// until it agrees to nothing that is left.
struct SuiteTrack: Track {
    /// How many suites a hello offers to a server that long ones make fall silent.
    private static let shortOffer = 60

    let version: ProtocolVersion
    let serverName: String?
    /// What is still to be offered, one hello's worth each.
    private var offers: [[UInt16]]
    private let isBare: Bool
    /// Whether the server agreed to this version in a short hello, so that it must agree to something in a long one.
    private let isKnownToAgree: Bool
    private var hasRetried = false
    private var hasAgreedToLong = false
    /// Whether the server may have stumbled over the hello instead of refusing what it offers.
    private(set) var mayHaveStumbled = false

    /// A server that needs many short hellos uses up what a scan may open.
    var isOptional: Bool { isBare }

    /// - Parameter inShortOffers: For a server that long hellos make fall silent.
    init(_ version: ProtocolVersion, serverName: String?, isKnownToAgree: Bool, inShortOffers: Bool) {
        self.version = version
        self.serverName = serverName
        isBare = inShortOffers
        self.isKnownToAgree = isKnownToAgree
        // What the greeting found is offered again: only here is compression offered with it.
        let suites = CipherSuite.beforeTLS13.filter { !inShortOffers || $0.isWidespread }.map(\.value)
        offers =
            inShortOffers
            ? stride(from: 0, to: suites.count, by: Self.shortOffer).map {
                Array(suites[$0..<min($0 + Self.shortOffer, suites.count)])
            } : [suites]
    }

    func hello(_ observed: ServerObservations) -> TrackHello? {
        guard let offer = offers.first else { return nil }
        var hello = ClientHello(
            version: version, suites: offer, groups: isBare ? NamedGroup.common : NamedGroup.beforeTLS13,
            serverName: serverName)
        hello.isBare = isBare
        hello.compressions = [1, 0]
        if version == .ssl3 { hello.suites.append(CipherSuite.renegotiationSignal) }
        return .tls(hello)
    }

    mutating func take(_ answer: ServerAnswer, _ observed: inout ServerObservations) {
        guard let offer = offers.first else { return }
        guard case .agreed(let flight) = answer, flight.version == version else {
            return takeRefusal(answer, &observed)
        }
        guard offer.contains(flight.suite.value) else {
            observed.note("In \(version) the server chose \(flight.suite.name), which was not offered to it.")
            offers = []
            return
        }
        hasRetried = false
        hasAgreedToLong = true
        observed.record(flight)
        offers[0].removeAll { $0 == flight.suite.value }
        if offers[0].isEmpty { offers.removeFirst() }
    }

    private mutating func takeRefusal(_ answer: ServerAnswer, _ observed: inout ServerObservations) {
        let hasAgreed = isKnownToAgree || !observed.suites(in: version).isEmpty
        // A server that has agreed before and now says nothing may have been busy.
        if answer == .silence || answer == .closed, hasAgreed, !hasRetried {
            hasRetried = true
            return
        }
        if answer == .silence {
            observed.note(
                hasAgreed
                    ? "In \(version) the server stopped answering; it may take more suites than were found."
                    : "The server does not answer a hello of \(version); that counts as a refusal.")
        }
        hasRetried = false
        if !isBare, answer.isSuspicious || (isKnownToAgree && !hasAgreedToLong) { mayHaveStumbled = true }
        offers.removeFirst()
        if answer == .silence { offers = [] }
    }
}

extension NamedGroup {
    /// What nearly every server has one of.
    static let common = [x25519, secp256r1, secp384r1, secp521r1]
}

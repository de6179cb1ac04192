import Crypto
import Kernel
import X509

/// Everything that is asked of one server, as a machine without sockets: it says what to send next, and takes what came back.
///
/// A greeting comes first, then every version on a line of its own, then what depends on the answers. Questions are combined
/// where one hello can answer several, so that a scan opens at most ``mostConnectionsWithoutAgreement`` connections more
/// than there are pairs of version and suite that the server takes.
public struct ScanPlan: Sendable {
    /// How many connections may lead to nothing new.
    public static let mostConnectionsWithoutAgreement = 25

    private enum Stage { case greeting, versions, details, done }

    private let serverName: String?
    private var applicationProtocols: [String]
    private let randomness: Randomness
    private var stage = Stage.greeting
    private var greeting: GreetingTrack
    private var tracks: [any Track]
    /// The question that is out for each track, and the track that each question came from.
    private var waiting: [Int: Int] = [:]
    private var asksShort = false
    private var nextID = 0
    /// What is known so far.
    public private(set) var observed = ServerObservations()

    /// A plan for one server.
    ///
    /// - Parameters:
    ///   - serverName: The name to ask for (RFC 6066 §3); `nil` for a server that is known by an address.
    ///   - applicationProtocols: The protocols to offer inside (RFC 7301); none where it is no HTTP.
    ///   - randomness: Where the random parts of hellos come from.
    public init(
        serverName: String?, applicationProtocols: [String] = ["h2", "http/1.1"], randomness: Randomness
    ) {
        self.serverName = serverName
        self.applicationProtocols = applicationProtocols
        self.randomness = randomness
        greeting = GreetingTrack(serverName: serverName)
        tracks = []
    }

    /// Whether every question is answered.
    public var isDone: Bool { stage == .done }

    /// The next question.
    ///
    /// - Returns: `nil` when an answer must come first, or when everything is answered.
    public mutating func next() -> Question? {
        while stage != .done {
            if stage == .greeting {
                if waiting.isEmpty, let hello = greeting.hello(observed) { return ask(hello, from: -1) }
                guard waiting.isEmpty else { return nil }
                beginVersions()
                continue
            }
            for (place, track) in tracks.enumerated() where !waiting.values.contains(place) {
                guard let hello = track.hello(observed) else { continue }
                if track.isOptional,
                    observed.connectionsWithoutAgreement + track.reserve >= Self.mostConnectionsWithoutAgreement
                {
                    observed.note("The scan stopped at its limit of connections; what it lists may not be complete.")
                    continue
                }
                return ask(hello, from: place)
            }
            guard waiting.isEmpty else { return nil }
            advance()
        }
        return nil
    }

    /// Takes the answer to a question of this plan's; any other is passed over.
    public mutating func take(_ answer: ServerAnswer, to question: Question) {
        guard let place = waiting.removeValue(forKey: question.id) else { return }
        if answer == .silence { observed.unanswered += 1 }
        if case .alert(let alert) = answer, alert.code == Alert.noApplicationProtocol, question.offersProtocols {
            // Whatever is spoken inside, it is none of those: the same is asked again without them.
            applicationProtocols = []
            return
        }
        if place < 0 {
            greeting.take(answer, &observed)
        } else {
            tracks[place].take(answer, &observed)
        }
    }

    private mutating func ask(_ hello: TrackHello, from place: Int) -> Question {
        defer { nextID += 1 }
        waiting[nextID] = place
        observed.connections += 1
        switch hello {
        case .ssl2:
            return Question(
                id: nextID, bytes: SSL2.hello(challenge: randomness.bytes(16)), version: nil, message: [], keys: nil,
                offersProtocols: false)
        case .tls(var hello):
            hello.applicationProtocols = applicationProtocols
            // Middleboxes want to see a session in TLS 1.3 (RFC 8446 §D.4); before, it would ask for a resumption.
            let message = hello.message(
                random: randomness.bytes(32), session: hello.version == .tls13 ? randomness.bytes(32) : [])
            return Question(
                id: nextID, bytes: ClientHello.record(message, version: hello.version), version: hello.version,
                message: message, keys: hello.keys, offersProtocols: !applicationProtocols.isEmpty && !hello.isBare)
        }
    }

    // MARK: - Stages

    private mutating func beginVersions() {
        // To a server that said nothing three times there is no more to say; each question would cost its whole time.
        guard greeting.outcome != .silence else {
            stage = .done
            return
        }
        stage = .versions
        tracks = [TLS13Track(serverName: serverName, observed: observed)]
        for version in ProtocolVersion.allCases.reversed() where version != .tls13 {
            tracks.append(suiteTrack(version, inShortOffers: false))
        }
        tracks.append(SSL2Track())
    }

    private func suiteTrack(_ version: ProtocolVersion, inShortOffers: Bool) -> SuiteTrack {
        SuiteTrack(
            version, serverName: serverName, isKnownToAgree: !observed.suites(in: version).isEmpty,
            inShortOffers: inShortOffers)
    }

    private mutating func advance() {
        guard stage == .versions else {
            stage = .done
            return
        }
        if !asksShort, asksAgainInShort() { return }
        stage = .details
        tracks = detailTracks()
    }

    /// Where a server agreed to a short hello and stumbled over every long one, the long ones prove nothing.
    private mutating func asksAgainInShort() -> Bool {
        asksShort = true
        let stumbled = tracks.compactMap { $0 as? SuiteTrack }.filter(\.mayHaveStumbled)
        guard case .agreed(let greeting) = greeting.outcome,
            stumbled.contains(where: { $0.version == greeting.version })
        else { return false }
        observed.note("The server does not answer long hellos; suites were offered to it in short ones.")
        tracks = stumbled.map { suiteTrack($0.version, inShortOffers: true) }
        return true
    }

    private func detailTracks() -> [any Track] {
        var tracks: [any Track] = []
        let before = observed.versions.filter { $0 < .tls13 }
        let suites13 = observed.suites(in: .tls13)
        let readable = suites13.map(\.value).filter(HandshakeKeys.suites.contains)
        if !readable.isEmpty, let group = observed.groupsOfTLS13.first(where: KeyOffer.known.contains) {
            let known: UInt16? = if case .agreed(let flight) = greeting.outcome { flight.signatureScheme } else { nil }
            tracks.append(CertificateTrack(suites: readable, group: group, known: known, serverName: serverName))
        }
        if before.count >= 2 {
            tracks.append(FallbackTrack(before[1], suites: observed.suites(in: before[1]), serverName: serverName))
        }
        for version in [before.first, suites13.isEmpty ? nil : .tls13].compactMap({ $0 }) {
            let suites = observed.suites(in: version)
            guard suites.count >= 2 else { continue }
            tracks.append(OrderTrack(version, suites: suites, serverName: serverName, observed: observed))
        }
        if let version = before.first {
            let elliptic = observed.suites(in: version).filter(\.usesCurve)
            let signsOnlyElliptic = elliptic.allSatisfy { $0.authentication == "ECDSA" }
            if !elliptic.isEmpty {
                tracks.append(
                    CurveTrack(
                        version, suites: elliptic, curveOfCertificate: signsOnlyElliptic ? curveOfCertificate : nil,
                        serverName: serverName, observed: observed))
            }
        }
        return tracks
    }

    private var curveOfCertificate: NamedGroup? {
        observed.chains.lazy.compactMap { CertificateFacts.curve(of: $0.certificates) }.first
    }
}

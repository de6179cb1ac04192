/// One line of questions, each of which depends on the answer before it. Several lines may be followed at once.
protocol Track: Sendable {
    /// The next hello; `nil` when there is nothing left to ask.
    func hello(_ observed: ServerObservations) -> TrackHello?
    /// Takes the answer to the hello before.
    mutating func take(_ answer: ServerAnswer, _ observed: inout ServerObservations)
    /// Whether a scan that has used up its connections can go without.
    var isOptional: Bool { get }
    /// How many connections an optional one must leave to others.
    var reserve: Int { get }
}

extension Track {
    var reserve: Int { 0 }
}

/// What a track wants to be sent.
enum TrackHello: Sendable {
    case tls(ClientHello)
    case ssl2
}

extension ServerAnswer {
    /// Whether this is how a server answers that does not like the shape of a hello, rather than what it offers.
    var isSuspicious: Bool {
        switch self {
        case .closed, .silence, .nonsense: true
        case .alert(let alert): [10, 22, 47, 50, 80].contains(alert.code)
        case .agreed, .retry, .ssl2: false
        }
    }
}

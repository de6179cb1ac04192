/// Which suites and which groups a server takes in TLS 1.3.
///
/// A hello without a key makes the server name suite and group at once (RFC 8446 §4.1.4), and both are taken out of the
/// next one; when nothing is left of the one, the other goes on alone.
struct TLS13Track: Track {
    private enum Phase { case both, groups, suites, keys, done }

    let serverName: String?
    private var phase = Phase.both
    private var suites: [UInt16]
    private var groups: [NamedGroup]
    private var foundGroups: [NamedGroup]
    private var foundSuites: [UInt16]
    /// Whether the last refusal of all suites that are left came while a group was offered that the server takes.
    private var groupsFoundAfterRefusal = 0
    /// Whether the server has ever named a group by itself; one that wants a key in each hello never does.
    private var hasNamedGroup = false
    private var hasRetried = false

    /// The answer to a group alone is no agreement, and counts against the connections that a scan may open.
    var isOptional: Bool { phase == .groups }
    /// Enough for the other versions and for the questions that come after them.
    let reserve = 9

    /// - Parameter observed: What the greeting found.
    init(serverName: String?, observed: ServerObservations) {
        self.serverName = serverName
        foundSuites = observed.suites(in: .tls13).map(\.value)
        foundGroups = observed.groupsOfTLS13
        suites = CipherSuite.tls13.map(\.value).filter { [foundSuites] in !foundSuites.contains($0) }
        groups = NamedGroup.inTLS13.filter { [foundGroups] in !foundGroups.contains($0) }
    }

    func hello(_ observed: ServerObservations) -> TrackHello? {
        var hello = ClientHello(version: .tls13, suites: suites, groups: groups, serverName: serverName)
        switch phase {
        case .both: break
        case .groups: hello.suites = foundSuites
        case .suites:
            hello.groups = foundGroups
            hello.keys = KeyOffer(for: Array(foundGroups.filter(KeyOffer.known.contains).prefix(1)))
        case .keys:
            hello.suites = foundSuites
            hello.groups = Array(groups.filter(KeyOffer.known.contains).prefix(1))
            hello.keys = KeyOffer(for: hello.groups)
        case .done: return nil
        }
        guard !hello.suites.isEmpty, !hello.groups.isEmpty else { return nil }
        return .tls(hello)
    }

    mutating func take(_ answer: ServerAnswer, _ observed: inout ServerObservations) {
        switch answer {
        case .retry(let suite, let group):
            hasNamedGroup = true
            observed.record(groupOfTLS13: group)
            found(suite, group, ServerFlight(version: .tls13, suite: suite), &observed)
        case .agreed(let flight) where flight.version == .tls13:
            guard case .curve(let group) = flight.key else {
                phase = .done
                return
            }
            found(flight.suite, group, flight, &observed)
        case .silence where !foundSuites.isEmpty && !hasRetried, .closed where !foundSuites.isEmpty && !hasRetried:
            hasRetried = true
        case .agreed, .alert, .closed, .silence, .nonsense, .ssl2: refused(answer, &observed)
        }
    }

    private mutating func found(
        _ suite: CipherSuite, _ group: NamedGroup, _ flight: ServerFlight, _ observed: inout ServerObservations
    ) {
        hasRetried = false
        let isNew =
            switch phase {
            case .both: suites.contains(suite.value) && groups.contains(group)
            case .groups, .keys: groups.contains(group)
            case .suites: suites.contains(suite.value)
            case .done: false
            }
        guard isNew else {
            observed.note("In TLS 1.3 the server chose \(suite.name) with \(group.name), which was not offered to it.")
            phase = .done
            return
        }
        observed.record(flight)
        if phase == .groups { groupsFoundAfterRefusal += 1 }
        suites.removeAll { $0 == suite.value }
        groups.removeAll { $0 == group }
        if !foundSuites.contains(suite.value) { foundSuites.append(suite.value) }
        if !foundGroups.contains(group) { foundGroups.append(group) }
        if phase == .both, suites.isEmpty { phase = .groups }
        if phase == .both, groups.isEmpty { phase = .suites }
    }

    private mutating func refused(_ answer: ServerAnswer, _ observed: inout ServerObservations) {
        hasRetried = false
        switch phase {
        case .both: phase = foundSuites.isEmpty ? .done : .groups
        // While a group that the server takes was offered with them, it refused the suites themselves.
        case .groups: phase = groupsFoundAfterRefusal > 0 || suites.isEmpty ? .done : .suites
        case .suites: phase = hasNamedGroup || foundGroups.isEmpty ? .done : .keys
        case .keys:
            if let place = groups.firstIndex(where: KeyOffer.known.contains) { groups.remove(at: place) }
        case .done: break
        }
        if answer == .silence {
            observed.note("The server does not answer every hello of TLS 1.3; that counts as a refusal.")
            if foundSuites.isEmpty { phase = .done }
        }
    }
}

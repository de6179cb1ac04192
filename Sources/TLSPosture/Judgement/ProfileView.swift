/// What a profile is compared with: a server as one kind of client sees it.
///
/// People compare with sslyze, whose clients are two versions of OpenSSL and see less than there is. So a server is looked at
/// twice: as sslyze sees it, for the issues that it would name, and as it is, for those that it would miss.
struct ProfileView {
    /// By the name in a sentence: `TLSv1.2`.
    var versions: [String] = []
    var suitesOfTLS13: [String] = []
    var suitesBefore: [String] = []
    var groups: [String] = []
    var smallestDH: Int?
    var smallestECDH: Int?
    var compresses = false
    var refusesFallback = true
    var hasSecureRenegotiation = true
    var hasExtendedMasterSecret = true

    /// The server as it is.
    init(_ observed: ServerObservations) {
        self.init(observed, agreements: observed.agreements)
        groups = Self.unique(observed.groupsOfTLS13 + observed.curvesBeforeTLS13).map(\.name)
    }

    /// The server as sslyze 6.3 sees it: it asks for most suites with a client that knows none of the curves of 2016 and
    /// later, for curves only in the latest version and one at a time, and for extended master secrets only without TLS 1.3.
    init(asSslyzeSees observed: ServerObservations) {
        let curves = observed.groupsOfTLS13 + observed.curvesBeforeTLS13
        let knowsOldCurve = curves.contains { $0.value <= Self.lastOldCurve }
        let seen = observed.agreements.filter {
            !$0.suite.usesCurve || knowsOldCurve || ($0.version == .tls12 && $0.suite.isUnknownToOldClients)
        }
        self.init(observed, agreements: seen)
        let latest = seen.map(\.version).max()
        if latest == .tls13 {
            hasExtendedMasterSecret = true
            groups = observed.groupsOfTLS13.filter { $0.kind == .curve && !$0.name.hasSuffix("tls13") }.map(\.name)
        } else if let latest {
            groups = Self.curvesAskedAlone(in: latest, observed).map(\.name)
        }
    }

    /// brainpoolP512r1, the last value that OpenSSL 1.0.2 knows.
    private static let lastOldCurve: UInt16 = 0x001C

    private init(_ observed: ServerObservations, agreements: [ServerObservations.Agreement]) {
        let names: [ProtocolVersion: String] = [
            .ssl3: "SSLv3", .tls10: "TLSv1", .tls11: "TLSv1.1", .tls12: "TLSv1.2", .tls13: "TLSv1.3",
        ]
        let spoken = Set(agreements.map(\.version))
        versions = (observed.ssl2 == nil ? [] : ["SSLv2"]) + spoken.sorted().compactMap { names[$0] }
        let before = agreements.filter { $0.version < .tls13 }
        suitesOfTLS13 = agreements.filter { $0.version == .tls13 }.map(\.suite.name)
        suitesBefore = Self.unique(before.map(\.suite.name)) + (observed.ssl2 ?? [])
        for key in agreements.compactMap(\.key) {
            switch key {
            case .finiteField(let bits, _): smallestDH = min(smallestDH ?? bits, bits)
            case .curve(let group) where group.kind == .curve:
                smallestECDH = min(smallestECDH ?? group.bits, group.bits)
            case .explicitCurve(let bits): smallestECDH = min(smallestECDH ?? bits, bits)
            case .curve: break
            }
        }
        compresses = before.contains(where: \.compresses)
        refusesFallback = observed.refusesFallback ?? true
        // What a server can do, it does in the latest version; SSL 3 has no place to say it.
        let latest = before.filter { agreement in agreement.version == before.map(\.version).max() }
        hasSecureRenegotiation = latest.allSatisfy(\.hasSecureRenegotiation)
        hasExtendedMasterSecret = latest.allSatisfy { $0.hasExtendedMasterSecret || $0.version == .ssl3 }
    }

    /// Asked for one curve alone, a server that only signs with an elliptic key refuses all curves but its key's.
    private static func curvesAskedAlone(in version: ProtocolVersion, _ observed: ServerObservations) -> [NamedGroup] {
        let curves = observed.curvesBeforeTLS13
        // Suites that prove nobody are not offered with it.
        let elliptic = observed.suites(in: version).filter { $0.usesCurve && !$0.isAnonymous }
        guard elliptic.allSatisfy({ $0.authentication == "ECDSA" }) else { return curves }
        let own = observed.chains.compactMap { CertificateFacts.curve(of: $0.certificates) }
        return curves.filter(own.contains)
    }

    private static func unique<Element: Hashable>(_ elements: [Element]) -> [Element] {
        var seen: Set<Element> = []
        return elements.filter { seen.insert($0).inserted }
    }
}

extension CipherSuite {
    /// Whether OpenSSL 1.0.2 does not have it, so that a newer client asks for it, which knows the curves of 2016 too.
    fileprivate var isUnknownToOldClients: Bool {
        ["CHACHA20", "CCM", "ARIA", "CAMELLIA"].contains { name.contains($0) }
    }
}

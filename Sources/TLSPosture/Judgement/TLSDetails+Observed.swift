extension TLSDetails {
    /// What the observations of one server amount to.
    ///
    /// - Parameters:
    ///   - chains: The judgements of its chains, in the same order.
    ///   - profiles: How it keeps to each profile.
    init(
        _ observed: ServerObservations, chains: [ChainJudgement], profiles: [MozillaProfile.Name: ProfileJudgement]
    ) {
        var protocols = Dictionary(
            uniqueKeysWithValues: ProtocolVersion.allCases.map { ($0.key, observed.suites(in: $0).map(\.name)) })
        protocols["ssl_2_0"] = observed.ssl2 ?? []
        self.protocols = protocols
        groups = ProfileView(observed).groups
        let certificates = zip(observed.chains, chains).compactMap(CertificateDetails.init)
        certificate = certificates.first
        otherCertificates = Array(certificates.dropFirst())
        self.profiles = Dictionary(uniqueKeysWithValues: profiles.map { ($0.rawValue, $1) })
        features = Features(observed)
        complete = observed.unanswered == 0
        connections = observed.connections
    }
}

extension TLSDetails.CertificateDetails {
    init?(_ chain: ServerObservations.Chain, _ judgement: ChainJudgement) {
        guard let leaf = judgement.leaf else { return nil }
        subject = leaf.subject
        issuer = leaf.issuer
        names = leaf.names.map(\.description)
        notBefore = leaf.notBefore
        notAfter = leaf.notAfter
        key = leaf.key.title
        signature = leaf.signatureAlgorithm
        fingerprint = leaf.fingerprint
        trusted = judgement.isTrusted
        faults = judgement.faults.map(\.reason)
        chainLength = chain.certificates.count
        timestamps = chain.timestampSources(leaf)
        stapled = chain.stapled != nil
    }
}

extension ServerObservations.Chain {
    /// Where certificate timestamps were found (RFC 6962 §3.3).
    func timestampSources(_ leaf: CertificateFacts) -> [String] {
        let needle = CertificateExtensions.timestampsInResponse
        return [
            leaf.timestamps > 0 ? "certificate" : nil, timestamps.isEmpty ? nil : "handshake",
            stapled.map { $0.firstRange(of: needle) != nil } == true ? "ocsp" : nil,
        ].compactMap { $0 }
    }
}

extension TLSDetails.Features {
    init(_ observed: ServerObservations) {
        let view = ProfileView(observed)
        let before = observed.agreements.filter { $0.version < .tls13 }
        compression = view.compresses
        fallbackRefused = observed.refusesFallback
        secureRenegotiation = before.isEmpty ? nil : view.hasSecureRenegotiation
        extendedMasterSecret = before.isEmpty ? nil : view.hasExtendedMasterSecret
        sessionTickets = before.isEmpty ? nil : before.contains(where: \.hasSessionTicket)
        applicationProtocols = observed.applicationProtocols
        ownOrder = Dictionary(uniqueKeysWithValues: observed.prefersOwnOrder.map { ($0.key, $1) })
        dhBits = view.smallestDH
        ecdhBits = view.smallestECDH
        postQuantum = observed.groupsOfTLS13.contains { $0.kind == .postQuantum }
        clientCertificate = observed.wantsClientCertificate
    }
}

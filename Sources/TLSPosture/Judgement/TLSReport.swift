import Kernel
import ScanResults

/// A scan of one TLS server, judged.
public typealias TLSReport = ScanReport<TLSDetails>

extension ScanReport<TLSDetails> {
    /// Judges what was observed of a server.
    ///
    /// - Parameters:
    ///   - target: `host:port`.
    ///   - host: The name or the address that was asked for, without brackets.
    ///   - address: Its 4 or 16 bytes, where it is an address.
    ///   - start: When the scan began.
    ///   - end: When it ended; certificates are judged as of then.
    public static func judging(
        _ observed: ServerObservations, target: String, host: String, address: [UInt8]?, anchors: TrustAnchors,
        systemAnchors: TrustAnchors, from start: Instant, to end: Instant
    ) async -> TLSReport {
        var chains: [ChainJudgement] = []
        for chain in observed.chains {
            chains.append(
                await ChainJudgement.judge(
                    chain.certificates, host: host, address: address, anchors: anchors, systemAnchors: systemAnchors,
                    now: end))
        }
        let profiles = Dictionary(
            uniqueKeysWithValues: MozillaProfile.Name.allCases.map {
                ($0, ProfileJudgement(observed, chains: chains, profile: .named($0)))
            })
        var findings = ServerFindings(target: target, observed: observed).all
        for (chain, judgement) in zip(observed.chains, chains) {
            findings += CertificateFindings(target: target, host: host, chain: chain, judgement: judgement).all
        }
        let grade = profiles[.intermediate].flatMap { GradeRule.grade(observed, chains: chains, intermediate: $0) }
        let summary = ScanSummary(
            .tls, of: target, from: start, to: end, grade: grade, findings: findings,
            remarks: observed.remarks + Self.remarks(observed, chains))
        return TLSReport(summary, details: TLSDetails(observed, chains: chains, profiles: profiles))
    }

    private static func remarks(_ observed: ServerObservations, _ chains: [ChainJudgement]) -> [String] {
        var remarks: [String] = []
        if observed.chains.isEmpty, observed.isTLSServer {
            remarks.append("No certificate could be read, so that nothing is said about it.")
        }
        if MozillaProfile.intermediate.wantsStapling, !observed.chains.isEmpty,
            observed.chains.allSatisfy({ $0.stapled == nil })
        {
            remarks.append("No OCSP response is stapled. Mozilla's profiles ask for one, and no checker enforces it.")
        }
        return remarks
    }
}

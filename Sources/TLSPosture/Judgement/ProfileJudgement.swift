/// How far a server keeps to one of Mozilla's profiles.
///
/// The keys of issues are those of sslyze's checker, so that both can be compared; the sentences are ours.
public struct ProfileJudgement: Hashable, Sendable, Codable {
    /// Whether it keeps to it in everything.
    public let compliant: Bool
    /// Each deviation that sslyze sees as well: its key there, and a sentence.
    public let issues: [String: String]
    /// Each deviation that sslyze's clients cannot see.
    public let further: [String: String]

    /// Compares a server with a profile.
    public init(_ observed: ServerObservations, chains: [ChainJudgement], profile: MozillaProfile) {
        // In TLS 1.3 it never asks for a second certificate.
        let seenChains = observed.versions == [.tls13] ? Array(chains.prefix(1)) : chains
        let seen = Self.issues(ProfileView(asSslyzeSees: observed), profile)
            .merging(Self.certificateIssues(seenChains, profile)) { first, _ in first }
        let all = Self.issues(ProfileView(observed), profile)
            .merging(Self.certificateIssues(chains, profile)) { first, _ in first }
        // The keys are what sslyze sees; the sentences tell everything.
        issues = seen.merging(all.filter { seen[$0.key] != nil }) { $1 }
        further = all.filter { seen[$0.key] == nil }
        compliant = issues.isEmpty && further.isEmpty
    }

    private static func issues(_ view: ProfileView, _ profile: MozillaProfile) -> [String: String] {
        var issues: [String: String] = [:]
        func unwanted(_ key: String, _ what: String, _ found: [String], _ wanted: Set<String>) {
            let rest = found.filter { !wanted.contains($0) }
            if !rest.isEmpty { issues[key] = "\(what) \(rest.joined(separator: ", ")) should be switched off." }
        }
        let wanted = Set(profile.versions.map { $0 == .tls13 ? "TLSv1.3" : "TLSv1.2" })
        unwanted("tls_versions", "Versions:", view.versions, wanted)
        unwanted("ciphersuites", "Suites of TLS 1.3:", view.suitesOfTLS13, profile.suitesOfTLS13)
        unwanted("ciphers", "Suites:", view.suitesBefore, profile.suitesBefore)
        unwanted("tls_curves", "Groups:", view.groups, profile.groups)
        if let bits = view.smallestDH, let least = profile.smallestDH, bits < least {
            issues["dh_param_size"] = "Diffie-Hellman uses a prime of \(bits) bits; it should have at least \(least)."
        }
        if let bits = view.smallestECDH, bits < profile.smallestECDH {
            issues["ecdh_param_size"] =
                "ECDH uses a curve of \(bits) bits; it should have at least \(profile.smallestECDH)."
        }
        if view.compresses {
            issues["tls_vulnerability_compression"] =
                "TLS compresses what clients send, which gives secrets away (CRIME)."
        }
        if !view.refusesFallback {
            issues["tls_vulnerability_fallback_scsv"] =
                "Clients can be made to fall back to an older version: TLS_FALLBACK_SCSV is not honoured."
        }
        if !view.hasSecureRenegotiation {
            issues["tls_vulnerability_renegotiation"] = "Renegotiation is not tied to its connection (RFC 5746)."
        }
        if !view.hasExtendedMasterSecret {
            issues["tls_vulnerability_extended_master_secret"] = "Extended master secrets are not known (RFC 7627)."
        }
        return issues
    }

    private static func certificateIssues(_ chains: [ChainJudgement], _ profile: MozillaProfile) -> [String: String] {
        guard !chains.isEmpty else {
            return ["certificate_path_validation": "No certificate could be read, so that none can be trusted."]
        }
        var issues: [String: String] = [:]
        for chain in chains where !chain.isTrusted {
            issues["certificate_path_validation"] =
                "The certificate for \(chain.leaf?.subject ?? "an unreadable name") is not trusted: "
                + chain.faults.map(\.reason).joined(separator: ", ") + "."
        }
        let leaves = chains.compactMap(\.leaf)
        for leaf in leaves {
            switch leaf.key {
            case .elliptic(let curve) where !profile.certificateCurves.contains(curve):
                issues["certificate_curves"] =
                    "The certificate's key is on \(curve); it should be on \(profile.certificateCurves.joined(separator: " or "))."
            case .rsa(let bits) where bits < profile.smallestRSA ?? 0:
                issues["rsa_key_size"] =
                    "The certificate's RSA key has \(bits) bits; it should have at least \(profile.smallestRSA ?? 0)."
            case .elliptic, .rsa, .other: break
            }
            if leaf.lifetimeInDays > profile.longestLifetime {
                issues["maximum_certificate_lifespan"] =
                    "The certificate holds for \(leaf.lifetimeInDays) days; it should be at most \(profile.longestLifetime)."
            }
        }
        if !leaves.contains(where: { profile.certificateTypes.contains($0.key.kind) }) {
            issues["certificate_types"] =
                "There is no certificate with a key of the kind \(profile.certificateTypes.joined(separator: " or "))."
        }
        if !leaves.contains(where: { profile.certificateSignatures.contains($0.signatureAlgorithm) }) {
            issues["certificate_signatures"] =
                "There is no certificate signed with \(profile.certificateSignatures.joined(separator: ", "))."
        }
        return issues
    }
}

extension ChainJudgement.Fault {
    /// What is wrong, as a clause.
    public var reason: String {
        switch self {
        case .expired: "it has ended"
        case .notYetValid: "it has not begun"
        case .selfSigned: "it is signed by itself"
        case .unknownIssuer: "its authority is not known"
        case .missingIntermediate: "the certificate of its issuer is missing"
        case .wrongName: "it is for another name"
        case .notForServers: "it is not meant for servers"
        case .brokenSignature: "its signature can be forged"
        case .unreadable: "it cannot be read"
        }
    }
}

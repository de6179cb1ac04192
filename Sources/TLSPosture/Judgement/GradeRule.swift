import ScanResults

/// The grade of a server: the best one that no rule forbids.
///
/// - `T`: no client can trust the certificate (authority, dates, purpose, a hash that can be forged).
/// - `M`: the certificate is sound and for another name.
/// - `F`: SSL 2; a suite that encrypts nothing, proves nobody, is for export or has less than 112 bits; a prime or an RSA key
///   of less than 1024 bits; renegotiation that is not tied to its connection.
/// - `C`: neither TLS 1.2 nor 1.3; SSL 3 with a block cipher (POODLE); compression (CRIME); RC4 or triple DES in TLS 1.1 or later.
/// - `B`: SSL 3, TLS 1.0 or 1.1 at all; RC4 or triple DES at all; a prime or an RSA key of less than 2048 bits, a curve of
///   less than 224; nothing with forward secrecy; nothing that encrypts and authenticates in one; fallback is not refused; a
///   certificate that some browsers refuse, because the OCSP response that it demands is missing or it is in no public log.
/// - `A-`: no TLS 1.3.
/// - `A`: anything else that deviates from the intermediate profile.
/// - `A+`: none of these.
///
/// The caps follow testssl.sh and SSL Labs where both agree (docs/decisions/0016-tls-posture.md).
enum GradeRule {
    static func grade(_ observed: ServerObservations, chains: [ChainJudgement], intermediate: ProfileJudgement)
        -> ScanGrade?
    {
        guard observed.isTLSServer else { return nil }
        let faults = Set(chains.flatMap(\.faults))
        if !faults.subtracting([.wrongName]).isEmpty { return .untrusted }
        if faults.contains(.wrongName) { return .mismatch }
        if isBroken(observed, chains) { return .f }
        // A server whose certificate nobody saw has no grade.
        guard !chains.isEmpty else { return nil }
        if isOutdated(observed) { return .c }
        if isWeak(observed, chains) { return .b }
        if observed.suites(in: .tls13).isEmpty { return .aMinus }
        return intermediate.compliant ? .aPlus : .a
    }

    private static func isBroken(_ observed: ServerObservations, _ chains: [ChainJudgement]) -> Bool {
        let view = ProfileView(observed)
        return observed.ssl2 != nil || !view.hasSecureRenegotiation || smallestPrime(observed) < 1024
            || smallestRSA(chains) < 1024
            || observed.agreements.contains { $0.suite.isBroken }
    }

    private static func isOutdated(_ observed: ServerObservations) -> Bool {
        let latest = observed.versions.first ?? .ssl3
        return latest < .tls12
            || observed.agreements.contains { agreement in
                agreement.compresses
                    || (agreement.version == .ssl3 && [.cbc, .des].contains(agreement.suite.cipherClass))
                    || (agreement.version >= .tls11 && [.rc4, .des].contains(agreement.suite.cipherClass))
            }
    }

    private static func isWeak(_ observed: ServerObservations, _ chains: [ChainJudgement]) -> Bool {
        let suites = observed.agreements.map(\.suite)
        return observed.versions.contains { $0 < .tls12 }
            || suites.contains { [.rc4, .des].contains($0.cipherClass) }
            || smallestPrime(observed) < 2048 || smallestRSA(chains) < 2048
            || (ProfileView(observed).smallestECDH ?? 256) < 224
            || !suites.contains(where: \.hasForwardSecrecy) || !suites.contains { $0.cipherClass == .aead }
            || observed.refusesFallback == false
            || zip(observed.chains, chains).contains { isRefusedBySome($0, $1) }
    }

    private static func isRefusedBySome(_ chain: ServerObservations.Chain, _ judgement: ChainJudgement) -> Bool {
        guard let leaf = judgement.leaf else { return false }
        return (leaf.mustStaple && chain.stapled == nil)
            || (judgement.isPubliclyTrusted && chain.timestampSources(leaf).isEmpty)
    }

    static func smallestPrime(_ observed: ServerObservations) -> Int { ProfileView(observed).smallestDH ?? .max }

    static func smallestRSA(_ chains: [ChainJudgement]) -> Int {
        chains.compactMap { chain in
            if case .rsa(let bits) = chain.leaf?.key { return bits }
            return nil
        }.min() ?? .max
    }
}

extension CipherSuite {
    /// Whether whoever listens or stands between can read what it protects.
    var isBroken: Bool { isAnonymous || cipherClass == .null || cipherClass == .export || bits < 112 }
}

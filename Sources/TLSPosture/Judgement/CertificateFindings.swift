import Kernel
import ScanResults

/// What is wrong with one of a server's certificates. Messages name dates and never what is left of a time.
struct CertificateFindings {
    let target: String
    let host: String
    let chain: ServerObservations.Chain
    let judgement: ChainJudgement
    let now: Instant

    /// A certificate that a program renews is renewed a month before its end: one with less than this was forgotten.
    private static let renewalTime = Period.days(14)

    var all: [Finding] { judgement.faults.map(finding) + (judgement.leaf.map(remarks) ?? []) }

    private func finding(
        _ rule: String, _ title: String, _ severity: Severity, _ message: String, _ fix: Fix, weakness: Int = 295
    ) -> Finding {
        Finding(
            rule: "tls.certificate.\(rule)", title: title, severity: severity, message,
            // The certificate's own marks change with each renewal; the kind of its key does not.
            at: .init(target, part: judgement.leaf?.key.kind), fix: fix, weakness: weakness)
    }

    private func finding(_ fault: ChainJudgement.Fault) -> Finding {
        let renewal = Fix("Renew the certificate, and let a program do it from now on (ACME, RFC 8555).")
        let subject = judgement.leaf?.subject ?? "the server"
        switch fault {
        case .expired:
            return finding(
                "expired", "An expired certificate", .critical,
                "The certificate for \(subject) ended on \(date(judgement.leaf?.notAfter)).", renewal, weakness: 298)
        case .notYetValid:
            return finding(
                "not-yet-valid", "A certificate that has not begun", .high,
                "The certificate for \(subject) begins on \(date(judgement.leaf?.notBefore)).",
                Fix("Install it when it holds, or set the clock of the machine that made it."), weakness: 298)
        case .selfSigned:
            return finding(
                "self-signed", "A self-signed certificate", .high,
                "The certificate for \(subject) is signed by itself.",
                Fix("Get a certificate from an authority that clients know; or name yours with --ca."), weakness: 295)
        case .unknownIssuer:
            return finding(
                "unknown-issuer", "An unknown authority", .high,
                "The certificate for \(subject) leads to an authority that is not trusted: \(judgement.leaf?.issuer ?? "").",
                Fix("Get a certificate from an authority that clients know; or name yours with --ca."))
        case .missingIntermediate:
            return finding(
                "missing-intermediate", "An incomplete chain", .high,
                "The certificate of the issuer is neither sent nor known: \(judgement.leaf?.issuer ?? "").",
                TLSFixes.chain)
        case .wrongName:
            let names = (judgement.leaf?.names ?? []).map(\.description).joined(separator: ", ")
            return finding(
                "wrong-name", "A certificate for another name", .high,
                "The certificate is not for \(host), but for \(names.isEmpty ? "no name" : names).",
                Fix("Get a certificate that names \(host)."), weakness: 297)
        case .notForServers:
            return finding(
                "purpose", "A certificate for another purpose", .high,
                "The certificate for \(subject) is not meant for servers.",
                Fix("Get a certificate with the extended key usage serverAuth."))
        case .brokenSignature:
            return finding(
                "weak-signature", "A signature that can be forged", .high,
                "The certificate for \(subject) is signed with \(judgement.leaf?.signatureAlgorithm ?? "").", renewal,
                weakness: 328)
        case .unreadable:
            return finding(
                "unreadable", "An unreadable certificate", .high, "The certificate cannot be read.", renewal)
        }
    }

    private func remarks(_ leaf: CertificateFacts) -> [Finding] {
        var found: [Finding] = []
        if case .rsa(let bits) = leaf.key, bits < 2048 {
            found.append(
                finding(
                    "key-size", "A small key", bits < 1024 ? .critical : .high,
                    "The certificate's RSA key has \(bits) bits.",
                    Fix("Make a key on P-256, or an RSA key of 2048 bits."),
                    weakness: 326))
        }
        if leaf.notAfter > now, leaf.notAfter < now + Self.renewalTime, leaf.lifetimeInDays > 30 {
            found.append(
                finding(
                    "ends-soon", "A certificate that ends soon", .medium,
                    "The certificate ends on \(date(leaf.notAfter)), within \(Self.renewalTime) of this scan.",
                    Fix("Renew the certificate now, and let a program do it from now on (ACME, RFC 8555).")))
        }
        let longest = MozillaProfile.intermediate.longestLifetime
        if leaf.lifetimeInDays > longest {
            found.append(
                finding(
                    "lifetime", "A certificate that holds too long", .low,
                    "The certificate holds for \(leaf.lifetimeInDays) days, from \(date(leaf.notBefore)) to \(date(leaf.notAfter)); at most \(longest) are sound.",
                    Fix("Get certificates for 90 days, and let a program renew them (ACME, RFC 8555).")))
        }
        if judgement.isPubliclyTrusted, chain.timestampSources(leaf).isEmpty {
            found.append(
                finding(
                    "transparency", "No certificate transparency", .medium,
                    "The certificate carries no proof that it was logged, so that browsers refuse it (RFC 6962).",
                    Fix("Ask the authority for a certificate with embedded timestamps.")))
        }
        if leaf.mustStaple, chain.stapled == nil {
            found.append(
                finding(
                    "must-staple", "A missing OCSP response", .high,
                    "The certificate demands an OCSP response beside it, and none came (RFC 7633).", TLSFixes.stapling))
        }
        if !judgement.isInOrder {
            found.append(
                finding(
                    "order", "A chain out of order", .low,
                    "The certificates do not follow each other as issuer and subject.",
                    TLSFixes.chain))
        }
        if judgement.carriesRoot {
            found.append(
                finding(
                    "root-included", "A root in the chain", .informational,
                    "The chain carries its root, which every client must have already.", TLSFixes.chain))
        }
        return found
    }

    private func date(_ moment: Instant?) -> String {
        moment.map { String($0.description.prefix(10)) } ?? "an unknown day"
    }
}

import Kernel
import ScanResults
import TLSPosture
import WebPosture

/// What scans of sites can show.
public enum SiteChecks {
    /// That the first page's headers, cookies and redirects are good.
    public static let webGrade: CheckID = "site.web-grade"
    /// That only what Mozilla's intermediate profile allows is spoken.
    public static let tlsProfile: CheckID = "site.tls-profile"
    /// That the certificate holds and will not end soon.
    public static let certificate: CheckID = "site.certificate"
    /// That a passive scan of the pages finds nothing bad.
    public static let passiveScan: CheckID = "site.passive-scan"

    /// The declarations, for the catalogue.
    public static let all = [
        Check(
            id: webGrade, title: "Web posture at least A",
            measures: "The site gets at least an A in the twelve tests of Mozilla's HTTP Observatory.",
            population: .site, cadence: .hours(24), freshness: .hours(50),
            keywords: ["web scan", "observatory", "security headers", "sites are scanned"]),
        Check(
            id: tlsProfile, title: "Intermediate TLS",
            measures: "The site's server speaks only what Mozilla's intermediate profile (6.0) allows.",
            population: .site, cadence: .hours(24), freshness: .hours(50),
            keywords: ["via https", "transport layer security", "tls", "encrypted in transit"]),
        Check(
            id: certificate, title: "Certificate holds for 14 days",
            measures: "The site's certificate is trusted, is for its name, and does not end within 14 days.",
            population: .site, cadence: .hours(24), freshness: .hours(50),
            keywords: ["certificate", "via https", "tls"]),
        Check(
            id: passiveScan, title: "Passive scan finds nothing bad",
            measures: "A passive scan of the site's pages finds nothing of medium severity or worse.",
            population: .site, cadence: .hours(24), freshness: .hours(50),
            keywords: ["dast", "web scan", "automated security testing", "sites are scanned"]),
    ]

    /// Which kind of scan a check needs.
    public static func kind(of check: CheckID) -> ScanSummary.Kind {
        switch check {
        case passiveScan: .site
        case tlsProfile, certificate: .tls
        default: .web
        }
    }

    /// The checks that a kind of scan serves.
    static func checks(of kind: ScanSummary.Kind) -> [Check] { all.filter { self.kind(of: $0.id) == kind } }

    /// What a scan of the web posture shows.
    static func judge(_ report: ScanReport<WebDetails>) -> [CheckID: Measurement] {
        guard let grade = report.summary.grade else { return [:] }
        let score = report.summary.score.map { " (score \($0))" } ?? ""
        let failed = report.details.tests.filter { !$0.value.pass }.map(\.key).sorted()
        return [
            webGrade: Measurement(
                grade >= .a ? .pass : .fail, value: "grade \(grade)\(score)",
                evidence: report.details.tests.sorted { $0.key < $1.key }.map {
                    Evidence(source: $0.key, content: $0.value.result)
                },
                fix: grade >= .a
                    ? nil
                    : "Mend what the scan found\(failed.isEmpty ? "" : ": \(failed.joined(separator: ", "))").")
        ]
    }

    /// What a scan of the server's TLS shows.
    static func judge(_ report: ScanReport<TLSDetails>) -> [CheckID: Measurement] {
        [tlsProfile: profile(report), certificate: certificate(report)]
    }

    private static func profile(_ report: ScanReport<TLSDetails>) -> Measurement {
        let versions = report.details.protocols.filter { !$0.value.isEmpty }
        guard !versions.isEmpty, let judgement = report.details.profiles[MozillaProfile.Name.intermediate.rawValue]
        else {
            return Measurement(
                .fail, value: "no TLS is spoken here", fix: "Serve the site over HTTPS with TLS 1.2 and 1.3.")
        }
        let deviations = judgement.issues.sorted { $0.key < $1.key }
        return Measurement(
            judgement.compliant ? .pass : .fail,
            value: judgement.compliant
                ? "keeps to the intermediate profile"
                : "\(deviations.count) deviations: \(deviations.map(\.key).joined(separator: ", "))",
            evidence: versions.sorted { $0.key < $1.key }.map {
                Evidence(source: $0.key, content: $0.value.joined(separator: " "))
            },
            fix: judgement.compliant ? nil : deviations.map(\.value).joined(separator: " "))
    }

    /// How long before its end a certificate no longer passes.
    private static let notice = Period.days(14)

    private static func certificate(_ report: ScanReport<TLSDetails>) -> Measurement {
        let all = [report.details.certificate].compactMap { $0 } + report.details.otherCertificates
        guard let first = all.min(by: { $0.notAfter < $1.notAfter }) else {
            return Measurement(.unknown, value: "no certificate could be read")
        }
        let evidence = all.map {
            Evidence(
                source: $0.names.joined(separator: ", "),
                content: "by \($0.issuer), \($0.notBefore) to \($0.notAfter), SHA-256 \($0.fingerprint)")
        }
        let day = first.notAfter.description.prefix(10)
        if let untrusted = all.first(where: { !$0.trusted }) {
            return Measurement(
                .fail, value: "not trusted: \(untrusted.faults.joined(separator: ", "))", evidence: evidence,
                fix: "Get a certificate for this name from an authority that browsers trust, and send its whole chain.")
        }
        let holds = first.notAfter - notice > report.summary.finishedAt
        return Measurement(
            holds ? .pass : .fail, value: "ends on \(day)", evidence: evidence,
            fix: holds ? nil : "Renew the certificate, and let a program do it from now on (ACME).")
    }

    /// What a passive scan of the pages shows.
    static func judge(_ report: ScanReport<SiteDetails>) -> [CheckID: Measurement] {
        let pages = report.details.pages.count
        let bad = report.summary.findings.filter { $0.severity >= .medium }
        let visited = "\(pages) \(pages == 1 ? "page" : "pages") visited"
        return [
            passiveScan: Measurement(
                bad.isEmpty ? .pass : .fail,
                value: bad.isEmpty
                    ? "nothing bad found, \(visited)"
                    : "\(bad.count) of medium severity or worse, \(visited)",
                evidence: bad.prefix(20).map { Evidence(source: $0.location.text, content: $0.message) },
                fix: bad.first?.fix?.advice ?? (bad.isEmpty ? nil : "Mend what the scan found."))
        ]
    }
}

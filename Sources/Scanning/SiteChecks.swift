import Kernel
import ScanResults
import TLSPosture
import WebPosture

/// What scans of sites can show.
public enum SiteChecks {
    /// That the first page was graded.
    public static let observatory: CheckID = "scanning.observatory"
    /// That the pages were scanned.
    public static let pagesScanned: CheckID = "scanning.dast"
    /// That the first page's headers, cookies and redirects are good.
    public static let webGrade: CheckID = "site.web-grade"
    /// That everything is reached over HTTPS.
    public static let httpsOnly: CheckID = "site.https-only"
    /// That only what Mozilla's intermediate profile allows is spoken.
    public static let tlsSettings: CheckID = "site.tls-settings"
    /// That the certificate holds and will not end soon.
    public static let certificate: CheckID = "site.certificate"
    /// That a passive scan of the pages finds nothing bad.
    public static let pagesClean: CheckID = "site.pages-clean"

    /// The declarations, for the catalogue.
    ///
    /// That a site is scanned and that the scan finds nothing are two promises, and so two checks.
    public static let all = [
        check(
            observatory, "Graded by the Observatory's rules",
            "The site was graded by the twelve tests of Mozilla's HTTP Observatory, whatever the grade.",
            ["observatory", "web scan", "graded"]),
        check(
            webGrade, "Web posture at least A",
            "The site gets at least an A in the twelve tests of Mozilla's HTTP Observatory.",
            ["security headers", "grade a"]),
        check(
            httpsOnly, "HTTPS only",
            "The site is served over HTTPS, and plain HTTP leads there at once or is not answered.",
            ["https", "encrypted in transit"]),
        check(
            tlsSettings, "Intermediate TLS",
            "The site's server speaks only what Mozilla's intermediate profile (6.0) allows.",
            ["transport layer security", "tls", "encrypted in transit"]),
        check(
            certificate, "Certificate holds for 14 days",
            "The site's certificate is trusted, is for its name, and does not end within 14 days.",
            ["certificate"]),
        check(
            pagesScanned, "Pages scanned",
            "The site's pages were visited and looked at by passive rules, whatever they found.",
            ["dast", "web scan", "automated security testing", "sites are scanned"]),
        check(
            pagesClean, "Pages without bad findings",
            "A passive scan of the site's pages finds nothing of medium severity or worse.",
            ["no weaknesses on our sites"]),
    ]

    private static func check(
        _ id: CheckID, _ title: String, _ measures: String, _ keywords: [String]
    ) -> Check {
        Check(
            id: id, title: title, measures: measures, population: .site, cadence: .hours(12), freshness: .hours(26),
            keywords: keywords)
    }

    /// Which kind of scan a check needs.
    public static func kind(of check: CheckID) -> ScanSummary.Kind {
        switch check {
        case pagesScanned, pagesClean: .site
        case tlsSettings, certificate: .tls
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
        let evidence = report.details.tests.sorted { $0.key < $1.key }.map {
            Evidence(source: $0.key, content: $0.value.result)
        }
        let value = "grade \(grade)\(score)"
        return [
            observatory: Measurement(.pass, value: value, evidence: evidence),
            webGrade: Measurement(
                grade >= .a ? .pass : .fail, value: value, evidence: evidence,
                fix: grade >= .a
                    ? nil : "Mend what the scan found\(failed.isEmpty ? "" : ": \(failed.joined(separator: ", "))")."),
            httpsOnly: https(report.details),
        ]
    }

    private static func https(_ details: WebDetails) -> Measurement {
        let redirection = details.tests[ObservatoryTest.redirection.rawValue]
        let transport = details.tests[ObservatoryTest.strictTransportSecurity.rawValue]
        let evidence = details.redirects.map { Evidence(source: "from plain HTTP", content: $0) }
        if transport?.result == ObservatoryResult.hstsNoHTTPS.rawValue {
            return Measurement(
                .fail, value: "nothing answers over HTTPS", evidence: evidence, fix: "Serve the site over HTTPS.")
        }
        let isLed = redirection?.pass ?? false
        return Measurement(
            isLed ? .pass : .fail, value: redirection?.description ?? "not known", evidence: evidence,
            fix: isLed ? nil : "Answer plain HTTP with a redirect to the same host over HTTPS.")
    }

    /// What a scan of the server's TLS shows.
    static func judge(_ report: ScanReport<TLSDetails>) -> [CheckID: Measurement] {
        [tlsSettings: profile(report), certificate: certificate(report)]
    }

    private static func profile(_ report: ScanReport<TLSDetails>) -> Measurement {
        let versions = report.details.protocols.filter { !$0.value.isEmpty }
        guard !versions.isEmpty, let judgement = report.details.profiles[MozillaProfile.Name.intermediate.rawValue]
        else {
            return Measurement(
                .fail, value: "no TLS is spoken here", fix: "Serve the site over HTTPS with TLS 1.2 and 1.3.")
        }
        let deviations = judgement.issues.sorted { $0.key < $1.key }
        guard !deviations.isEmpty || report.details.complete else {
            // Silence is no refusal: a slow server must not look better than a quick one.
            return Measurement(
                .unknown, value: "keeps to the intermediate profile as far as it answered",
                fix: "Scan again when the server is less busy, or look what drops its connections.")
        }
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
        let read = report.details.pages.count { (200..<300).contains($0.status) }
        let isWhole = report.details.end == .complete || report.details.end == .pages
        let bad = report.summary.findings.filter { $0.severity >= .medium }
        let visited = "\(pages) \(pages == 1 ? "page" : "pages") visited"
        return [
            pagesScanned: Measurement(
                read > 0 ? .pass : .unknown, value: visited,
                evidence: report.details.pages.prefix(20).map {
                    Evidence(source: $0.address, content: "status \($0.status)")
                }),
            pagesClean: Measurement(
                bad.isEmpty ? (read > 0 && isWhole ? .pass : .unknown) : .fail,
                value: bad.isEmpty
                    ? "nothing bad found, \(visited)\(isWhole ? "" : ", not all of them")"
                    : "\(bad.count) of medium severity or worse, \(visited)",
                evidence: bad.prefix(20).map { Evidence(source: $0.location.text, content: $0.message) },
                fix: bad.first?.fix?.advice ?? (bad.isEmpty ? nil : "Mend what the scan found.")),
        ]
    }
}

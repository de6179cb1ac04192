import Kernel
import ScanResults
import WebPosture

/// What scans of sites can show.
public enum SiteChecks {
    /// That the first page's headers, cookies and redirects are good.
    public static let webGrade: CheckID = "site.web-grade"
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
            id: passiveScan, title: "Passive scan finds nothing bad",
            measures: "A passive scan of the site's pages finds nothing of medium severity or worse.",
            population: .site, cadence: .hours(24), freshness: .hours(50),
            keywords: ["dast", "web scan", "automated security testing", "sites are scanned"]),
    ]

    /// Which kind of scan a check needs.
    static func kind(of check: CheckID) -> ScanSummary.Kind {
        switch check {
        case passiveScan: .site
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
}

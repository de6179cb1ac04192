import Kernel
import Mustache
import ScanResults
import Verdicts
import Wire

extension PageRenderer {
    /// One site: what its newest scans found, the worst first, and how it came out over time.
    public func site(_ detail: SiteDetail, mayChange: Bool, in frame: PageFrame) -> String {
        render(SiteShowPage(detail: detail, mayChange: mayChange, now: frame.now), in: frame)
    }

    /// One scan of a site.
    public func siteScan(_ result: ScanResult, of site: SiteSummary, in frame: PageFrame) -> String {
        render(SiteScanPage(site: site, result: result, now: frame.now), in: frame)
    }
}

struct SiteShowPage: Page {
    static let template = "site-show"
    let detail: SiteDetail
    let mayChange: Bool
    let now: Instant

    var title: String { detail.site.name }
    var place: Place? { .sites }

    func child(named name: String) -> Any? {
        switch name {
        case "lead": lead
        case "mayChange": mayChange
        case "id": detail.site.id
        case "isEmpty": detail.newest.isEmpty
        case "checks": detail.checks.enumerated().map { HostCheckItem(check: $1, position: $0, now: now) }
        case "results": detail.newest.map { ResultPart(site: detail.site, result: $0, now: now) }
        case "hasChart": !chart.lines.isEmpty
        case "chart": chart
        case "history": detail.history.prefix(Self.rows).map { HistoryRow(site: detail.site, scan: $0, now: now) }
        case "hasMore": detail.history.count > Self.rows
        case "more": grouped(detail.history.count - Self.rows)
        default: SiteRow(site: detail.site, now: now).child(named: name)
        }
    }

    private static let rows = 60

    private var chart: GradeChart { GradeChart(history: detail.history, now: now) }

    private var lead: String {
        guard !detail.newest.isEmpty else { return "Registered, and not scanned yet." }
        let worse = detail.newest.filter { $0.comparison?.isWorse ?? false }.map { $0.scan.kind.title }
        if !worse.isEmpty { return "Worse than in the scan before: \(enumeration(worse))." }
        let counts = detail.newest.flatMap(\.summary.findings).count { $0.severity > .informational }
        return counts == 0
            ? "The newest scans found nothing wrong." : "The newest scans found \(count(counts, "thing")) to mend."
    }
}

/// A scan that is shown on a page of its own.
struct SiteScanPage: Page {
    static let template = "site-scan"
    let site: SiteSummary
    let result: ScanResult
    let now: Instant

    var title: String { "\(result.scan.kind.title) of \(site.name)" }
    var place: Place? { .sites }

    func child(named name: String) -> Any? {
        switch name {
        case "siteName": site.name
        case "siteAddress": Address.site(site.id)
        default: ResultPart(site: site, result: result, now: now).child(named: name)
        }
    }
}

/// What one scan found, with what changed since the one before.
struct ResultPart: MustacheParent {
    let site: SiteSummary
    let result: ScanResult
    let now: Instant

    func child(named name: String) -> Any? {
        switch name {
        case "anchor": "scan-\(result.scan.kind.rawValue)"
        case "kindWords": result.scan.kind.title
        case "grade": result.scan.grade?.rawValue ?? false
        case "score": result.scan.score ?? false
        case "finished": Moment(result.scan.finishedAt, now: now)
        case "scanAddress": Address.siteScan(site.id, result.scan.id)
        case "sarifAddress": "\(Address.siteScan(site.id, result.scan.id))/sarif"
        case "change": change ?? false
        case "isWorse": result.comparison?.isWorse ?? false
        case "hasFindings": !result.summary.findings.isEmpty
        case "findings": findings
        case "hasGone": !gone.isEmpty
        case "gone": gone.map { FindingPart(finding: $0, state: .absent) }
        case "hasRemarks": !result.summary.remarks.isEmpty
        case "remarks": result.summary.remarks
        default: nil
        }
    }

    private var gone: [Finding] { result.comparison?.findings(.absent) ?? [] }

    private var findings: [FindingPart] {
        let states = result.comparison?.states ?? [:]
        return result.summary.findings.map { FindingPart(finding: $0, state: states[$0.fingerprint]) }
    }

    /// How it stands to the scan before, in one sentence.
    private var change: String? {
        guard let comparison = result.comparison else { return nil }
        var parts: [String] = []
        if let before = comparison.earlierGrade, let grade = comparison.grade, before != grade {
            parts.append("grade \(before) before, \(grade) now")
        }
        let new = comparison.findings(.new).count
        if new > 0 { parts.append("\(count(new, "finding is", "findings are")) new") }
        if !gone.isEmpty { parts.append("\(count(gone.count, "is", "are")) gone") }
        return parts.isEmpty ? "Nothing changed since the scan before." : enumeration(parts).capitalisedStart + "."
    }
}

/// One row of the table behind the chart.
private struct HistoryRow: MustacheParent {
    let site: SiteSummary
    let scan: ScanEntry
    let now: Instant

    func child(named name: String) -> Any? {
        switch name {
        case "kindWords": scan.kind.title
        case "gradeWord": scan.grade?.rawValue ?? "–"
        case "scoreWord": scan.score.map { "\($0)" } ?? "–"
        case "finished": Moment(scan.finishedAt, now: now)
        case "scanAddress": Address.siteScan(site.id, scan.id)
        case "countWords":
            Severity.allCases.reversed().compactMap { severity in
                scan.counts[severity.rawValue].map { "\($0) \(severity.word.lowercased())" }
            }.joined(separator: ", ")
        default: nil
        }
    }
}

extension String {
    fileprivate var capitalisedStart: String { prefix(1).uppercased() + dropFirst() }
}

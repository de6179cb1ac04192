import Kernel
import Pages
import ScanResults
import Wire

/// Sites and scans for the pages about them.
struct SiteSamples {
    /// What stands wherever somebody else's words can; the samples' own where it is `nil`.
    var text: String?

    private func words(_ own: String) -> String { text ?? own }

    private func entry(_ kind: ScanSummary.Kind, _ grade: ScanGrade?, daysAgo: Int) -> ScanEntry {
        ScanEntry(
            id: "0192f0c1-2b7a-7e11-9d3e-00000000000\(daysAgo % 10)", kind: kind,
            finishedAt: Samples.now - .days(daysAgo), grade: grade, score: grade == nil ? nil : 85,
            counts: ["high": 1, "low": 2])
    }

    private func finding(_ rule: String, _ severity: Severity) -> Finding {
        Finding(
            rule: words(rule), title: words("Framing by other sites"), severity: severity,
            words("Every site can frame the page."),
            at: Finding.Location(words("https://maps.example/"), part: words("X-Frame-Options")),
            evidence: words("x-frame-options: ALLOWALL"),
            fix: Fix(
                words("Keep other sites from framing the page."), snippets: [.nginx: words("add_header A \"b\";")]),
            weakness: 1021, zapRule: 10020)
    }

    private func summary(_ kind: ScanSummary.Kind, _ grade: ScanGrade?, _ findings: [Finding], daysAgo: Int)
        -> ScanSummary
    {
        ScanSummary(
            kind, of: words("https://maps.example/"), from: Samples.now - .days(daysAgo),
            to: Samples.now - .days(daysAgo), grade: grade, findings: findings,
            remarks: [words("The page did not come whole; what came was judged.")])
    }

    var site: SiteSummary {
        SiteSummary(
            id: "0192f0c1-2b7a-7e11-9d3e-0123456789ab", name: words("maps.example"),
            address: words("https://maps.example/"), isInternal: true, sendsFields: true,
            kinds: ScanSummary.Kind.allCases, registeredAt: Samples.now - .days(60),
            scans: [entry(.web, .bPlus, daysAgo: 0), entry(.tls, .a, daysAgo: 0), entry(.site, nil, daysAgo: 0)],
            results: ["fail": 1, "pass": 3, "unknown": 1])
    }

    var result: ScanResult {
        let before = summary(.web, .a, [finding("web.b", .low), finding("web.c", .medium)], daysAgo: 1)
        let now = summary(.web, .bPlus, [finding("web.a", .high), finding("web.b", .low)], daysAgo: 0)
        return ScanResult(
            scan: entry(.web, .bPlus, daysAgo: 0), summary: now, comparison: ScanComparison(from: before, to: now),
            comparedTo: Samples.now - .days(1))
    }

    var detail: SiteDetail {
        SiteDetail(
            site: site, checks: Samples.host.checks, newest: [result],
            history: (0..<70).map { entry(.web, $0 < 3 ? .bPlus : .a, daysAgo: $0) }
                + [entry(.tls, .a, daysAgo: 0), entry(.site, nil, daysAgo: 0)])
    }

    private var bare: SiteSummary {
        SiteSummary(
            id: site.id, name: site.name, address: site.address, isInternal: false, sendsFields: false, kinds: [.web],
            registeredAt: site.registeredAt, scans: [], results: [:])
    }

    func pages(_ renderer: PageRenderer, in frame: PageFrame) -> [RenderedPage] {
        let wrong = FilledForm(
            values: ["address": words("ftp://x"), "web": "on"],
            problems: ["address": words("This is no address of a site.")], problem: words("Look again."))
        return [
            RenderedPage(name: "sites", html: renderer.sites([site, bare], mayChange: true, form: wrong, in: frame)),
            RenderedPage(name: "site", html: renderer.site(detail, mayChange: true, in: frame)),
            RenderedPage(name: "site scan", html: renderer.siteScan(result, of: site, in: frame)),
        ]
    }

    func empty(_ renderer: PageRenderer, in frame: PageFrame) -> [RenderedPage] {
        [
            RenderedPage(name: "sites, empty", html: renderer.sites([], mayChange: true, in: frame)),
            RenderedPage(
                name: "site, never scanned",
                html: renderer.site(
                    SiteDetail(site: bare, checks: [], newest: [], history: []), mayChange: false, in: frame)),
        ]
    }
}

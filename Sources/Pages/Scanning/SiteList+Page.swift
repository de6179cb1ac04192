import Kernel
import Mustache
import ScanResults
import Wire

extension PageRenderer {
    /// Every registered site, those with something to see to first, and the form that registers another.
    ///
    /// - Parameter form: What was filled in and could not be accepted.
    public func sites(
        _ sites: [SiteSummary], mayChange: Bool, form: FilledForm = FilledForm(), in frame: PageFrame
    ) -> String {
        render(SiteListPage(sites: sites, mayChange: mayChange, form: form, now: frame.now), in: frame)
    }
}

struct SiteListPage: Page {
    static let template = "site-list"
    let title = "Sites"
    let place: Place? = .sites
    let sites: [SiteSummary]
    let mayChange: Bool
    let form: FilledForm
    let now: Instant

    func child(named name: String) -> Any? {
        switch name {
        case "headline": headline
        case "lead": lead
        case "isEmpty": sites.isEmpty
        case "sites": sites.sorted { Self.key($0) < Self.key($1) }.map { SiteRow(site: $0, now: now) }
        case "mayChange": mayChange
        case "formOpen": !form.isUntouched
        case "formProblem": form.problem ?? false
        case "addressField":
            Field(
                name: "address", label: "Address of the first page", kind: .text,
                help: "Such as https://www.example.com. Only sites of your own: their pages are visited.",
                longest: 2048,
                form: form)
        case "kinds": ScanSummary.Kind.allCases.map { KindBox(kind: $0, form: form) }
        default: nil
        }
    }

    private var failing: Int { sites.count { $0.results["fail", default: 0] > 0 } }

    private var headline: String {
        if sites.isEmpty { return "No site yet." }
        if sites.count == 1 { return failing == 0 ? "The one site fails no check." : "The one site fails a check." }
        return failing == 0
            ? "No site fails a check."
            : "\(grouped(failing)) of \(count(sites.count, "site")) \(failing == 1 ? "fails" : "fail") a check."
    }

    private var lead: String {
        let never = sites.count { $0.scans.isEmpty }
        let expired = sites.count { $0.results["expired", default: 0] > 0 }
        var parts: [String] = []
        if expired > 0 { parts.append("\(grouped(expired)) of \(grouped(sites.count)) with results that ran out") }
        if never > 0 { parts.append("\(grouped(never)) of \(grouped(sites.count)) never scanned") }
        return parts.isEmpty
            ? "\(count(sites.count, "site is", "sites are")) registered, and each has fresh results."
            : enumeration(parts) + "."
    }

    private static func key(_ site: SiteSummary) -> (Int, Int, String) {
        (-site.results["fail", default: 0], -site.results["expired", default: 0], site.name)
    }
}

/// One kind of scan to choose.
private struct KindBox: MustacheParent {
    let kind: ScanSummary.Kind
    let form: FilledForm

    func child(named name: String) -> Any? {
        switch name {
        case "kind": kind.rawValue
        case "kindWords": kind.title
        case "kindHelp": kind.explanation
        case "isChosen": form.isUntouched || form.values[kind.rawValue] != nil
        default: nil
        }
    }
}

/// One site in the list.
struct SiteRow: MustacheParent {
    let site: SiteSummary
    let now: Instant

    func child(named name: String) -> Any? {
        switch name {
        case "siteName": site.name
        case "address": Address.site(site.id)
        case "firstPage": site.address
        case "grades": site.kinds.map { kind in GradePart(kind: kind, scan: site.scans.first { $0.kind == kind }) }
        case "scanned": site.scans.map(\.finishedAt).max().map { Moment($0, now: now) } ?? false
        case "registered": Moment(site.registeredAt, now: now)
        case "isInternal": site.isInternal
        case "sendsFields": site.sendsFields
        case "results":
            ResultMark.order.compactMap { name in
                site.results[name].flatMap { $0 > 0 ? ResultMark(name: name, count: $0) : nil }
            }
        default: nil
        }
    }
}

/// The grade of the newest scan of one kind.
struct GradePart: MustacheParent {
    let kind: ScanSummary.Kind
    let scan: ScanEntry?

    func child(named name: String) -> Any? {
        switch name {
        case "kindWords": kind.title
        case "gradeWord": scan.map { $0.grade?.rawValue ?? Self.words($0.counts) } ?? "not yet"
        default: nil
        }
    }

    /// A scan of pages has no grade; what is to be mended says more.
    private static func words(_ counts: [String: Int]) -> String {
        let bad = Severity.allCases.filter { $0 >= .medium }.map { counts[$0.rawValue, default: 0] }.reduce(0, +)
        return bad == 0 ? "nothing bad" : "\(grouped(bad)) to mend"
    }
}

extension ScanSummary.Kind {
    var explanation: String {
        switch self {
        case .web: "Headers, cookies and redirects of the first page"
        case .tls: "Versions, suites and the certificate"
        case .site: "Weaknesses on the pages, found by reading them only"
        }
    }
}

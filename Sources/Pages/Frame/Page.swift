import Kernel
import Mustache

/// A view model: everything that its template names, already in words.
protocol Page: MustacheParent {
    static var template: String { get }
    /// What the browser's tab says.
    var title: String { get }
    /// Which entry of the navigation it belongs to.
    var place: Place? { get }
    /// Whether it is about the reader's own account.
    var isOfAccount: Bool { get }
    /// What an open page follows, to load its content again; `nil` where that would do something in the reader's name.
    var live: LiveStream? { get }
}

extension Page {
    var place: Place? { nil }
    var isOfAccount: Bool { false }
    var live: LiveStream? { .verdicts }
}

/// The entries of the navigation.
enum Place: String, CaseIterable {
    case overview = "Overview"
    case policies = "Policies"
    case hosts = "Hosts"
    case sites = "Sites"
    case alerts = "Alerts"
    case logs = "Logs"
    case people = "People"
    case ledger = "Ledger"
    case settings = "Settings"

    /// What opens it, by the permission's name.
    var permission: String {
        switch self {
        case .overview: "commitments.read"
        case .policies: "policies.read"
        case .hosts: "hosts.read"
        case .sites: "sites.read"
        case .alerts: "alerts.read"
        case .logs: "logs.read"
        case .people: "people.read"
        case .ledger: "ledger.read"
        case .settings: "settings.read"
        }
    }

    var address: String {
        switch self {
        case .overview: "/"
        case .policies: "/policies"
        case .hosts: "/hosts"
        case .sites: "/sites"
        case .alerts: "/alerts"
        case .logs: "/logs"
        case .people: "/people"
        case .ledger: "/ledger"
        case .settings: "/settings"
        }
    }
}

/// A page within its frame: the root that a template sees. A page's own names come first.
struct FramedPage: MustacheParent {
    let page: any Page
    let frame: PageFrame

    func child(named name: String) -> Any? {
        if let own = page.child(named: name) { return own }
        switch name {
        case "title": return page.title
        case "organisation": return frame.organisation
        case "person": return frame.person
        case "isOfAccount": return page.isOfAccount
        case "csrf": return frame.csrf
        case "mayAskForExceptions": return frame.reach.includes("exceptions.request")
        case "mayApproveExceptions": return frame.reach.includes("exceptions.approve")
        case "opensEvidence": return frame.reach.includes("evidence.read")
        case "opensPolicies": return frame.reach.includes("policies.read")
        case "opensHosts": return frame.reach.includes("hosts.read")
        case "opensSites": return frame.reach.includes("sites.read")
        case "opensAlerts": return frame.reach.includes("alerts.read")
        case "opensLogs": return frame.reach.includes("logs.read")
        case "opensLedger": return frame.reach.includes("ledger.read")
        case "opensSettings": return frame.reach.includes("settings.read")
        case "opensServiceAccounts": return frame.reach.includes("tokens.read")
        case "followsVerdicts": return frame.reach.includes("commitments.read")
        case "stream": return page.live.flatMap { frame.reach.includes($0.permission) ? $0 : nil } ?? false
        case "home": return Place.allCases.first { frame.reach.includes($0.permission) }?.address ?? "/account"
        case "trustAddress": return frame.slug.map { "/trust/" + $0.asPathSegment }
        case "notices": return frame.notices.map(NoticeLine.init)
        case "navigation":
            return Place.allCases.filter { frame.reach.includes($0.permission) }
                .map { NavigationEntry(place: $0, isCurrent: $0 == page.place) }
        case "styleAddress": return PageAsset.named("style.css")?.address
        case "scriptAddress": return PageAsset.named("vouchsafe.js")?.address
        case "scriptIntegrity": return PageAsset.named("vouchsafe.js")?.integrity
        default: return nil
        }
    }
}

private struct NavigationEntry: MustacheParent {
    let place: Place
    let isCurrent: Bool

    func child(named name: String) -> Any? {
        switch name {
        case "name": place.rawValue
        case "address": place.address
        case "isCurrent": isCurrent
        default: nil
        }
    }
}

private struct NoticeLine: MustacheParent {
    let notice: PageFrame.Notice

    func child(named name: String) -> Any? {
        switch name {
        case "tone": notice.tone.rawValue
        case "text": notice.text
        case "symbol":
            switch notice.tone {
            case .done: "pass"
            case .warning: "error"
            case .problem: "broken"
            }
        default: nil
        }
    }
}

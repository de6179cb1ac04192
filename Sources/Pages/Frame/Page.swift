import Kernel
import Mustache

/// A view model: everything that its template names, already in words.
protocol Page: MustacheParent {
    static var template: String { get }
    /// What the browser's tab says.
    var title: String { get }
    /// Which entry of the navigation it belongs to.
    var place: Place? { get }
}

extension Page {
    var place: Place? { nil }
}

/// The entries of the navigation.
enum Place: String, CaseIterable {
    case overview = "Overview"
    case policies = "Policies"
    case hosts = "Hosts"
    case people = "People"
    case ledger = "Ledger"
    case settings = "Settings"

    var address: String {
        switch self {
        case .overview: "/"
        case .policies: "/policies"
        case .hosts: "/hosts"
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
    let assets: AssetAddresses

    func child(named name: String) -> Any? {
        if let own = page.child(named: name) { return own }
        switch name {
        case "title": return page.title
        case "organisation": return frame.organisation
        case "person": return frame.person
        case "csrf": return frame.csrf
        case "mayWrite": return !frame.readsOnly
        case "trustAddress": return frame.slug.map { "/trust/" + $0.asPathSegment }
        case "notices": return frame.notices.map(NoticeLine.init)
        case "navigation": return Place.allCases.map { NavigationEntry(place: $0, isCurrent: $0 == page.place) }
        case "styleAddress": return assets.style
        case "scriptAddress": return assets.script
        default: return nil
        }
    }
}

/// Addresses that change with the content, so that browsers may keep the files for ever.
struct AssetAddresses: Sendable {
    let style, script: String
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

import Kernel
import Mustache
import Wire

extension PageRenderer {
    /// The alerts, those that nobody saw to in time first. The page follows `/alerts/events`.
    ///
    /// - Parameter state: Which are shown: `open` (with those that somebody sees to), `acknowledged`, `closed` or `all`.
    public func alerts(
        _ overview: AlertOverview, showing state: String, mayHandle: Bool, in frame: PageFrame
    ) -> String {
        render(
            AlertListPage(
                overview: overview, choice: AlertChoice(rawValue: state) ?? .open, mayHandle: mayHandle,
                now: frame.now),
            in: frame)
    }
}

/// Which alerts a list shows.
enum AlertChoice: String, CaseIterable {
    case open, acknowledged, closed, all

    var title: String {
        switch self {
        case .open: "Open"
        case .acknowledged: "Acknowledged"
        case .closed: "Closed"
        case .all: "All"
        }
    }

    var heading: String {
        switch self {
        case .open: "Open and acknowledged alerts"
        case .acknowledged: "Acknowledged alerts"
        case .closed: "Closed alerts"
        case .all: "All alerts"
        }
    }

    /// What is said where there is none.
    var absence: String {
        switch self {
        case .open: "No alert is open, and none is acknowledged."
        case .acknowledged: "No alert is acknowledged and not closed."
        case .closed: "No alert has been closed."
        case .all: "There has been no alert."
        }
    }

    var address: String { self == .open ? "/alerts" : "/alerts?state=\(rawValue)" }

    /// The list of them, seen from this one.
    var neighbours: [NeighbourEntry] {
        Self.allCases.map { NeighbourEntry(label: $0.title, address: $0.address, isHere: $0 == self) }
    }
}

struct AlertListPage: Page {
    static let template = "alert-list"
    let title = "Alerts"
    let place: Place? = .alerts
    let overview: AlertOverview
    let choice: AlertChoice
    let mayHandle: Bool
    let now: Instant

    var live: LiveStream? {
        LiveStream(address: "/alerts/events", event: "alerts", permission: "alerts.read", edition: overview.edition)
    }

    func child(named name: String) -> Any? {
        switch name {
        case "headline": headline
        case "asOf": Moment(now, now: nil)
        case "reloadAddress": choice.address
        case "openLevels": LevelMark.counts(overview.open)
        case "openTotal": openTotal == 0 ? false : count(openTotal, "open alert")
        case "choices": choice.neighbours
        case "listHeading": choice.heading
        case "isEmpty": overview.alerts.isEmpty
        case "absence": choice.absence
        case "teaches": choice == .open || choice == .all
        case "groups": groups
        case "rest": shown.rest ?? false
        case "mayHandle": mayHandle
        default: nil
        }
    }

    private var openTotal: Int { overview.open.values.reduce(0, +) }

    private var shown: Shown<AlertSummary> { Shown(overview.alerts, atMost: 300) }

    private var headline: String {
        if overview.overdue > 0 { return "\(count(overview.overdue, "alert")) nobody has seen to in time." }
        guard openTotal == 0 else {
            return "\(count(openTotal, "alert waits", "alerts wait")) to be seen to."
        }
        let handled = overview.alerts.count { $0.state == "acknowledged" }
        return handled == 0
            ? "No alert is open." : "No alert waits; somebody sees to \(grouped(handled))."
    }

    /// In the order in which they need a person; within a group as they came.
    private var groups: [AlertGroup] {
        let rows = shown.items.map { AlertRow(alert: $0, now: now) }
        return AlertStanding.allCases.compactMap { standing in
            let some = rows.filter { $0.standing == standing }
            return some.isEmpty ? nil : AlertGroup(standing: standing, rows: some)
        }
    }
}

/// How far an alert is seen to, in the order in which it needs a person.
enum AlertStanding: String, CaseIterable {
    case overdue = "Nobody has seen to these in time"
    case waiting = "Waiting to be seen to"
    case handled = "Somebody sees to these"
    case closed = "Closed"
}

private struct AlertGroup: MustacheParent {
    let standing: AlertStanding
    let rows: [AlertRow]

    func child(named name: String) -> Any? {
        switch name {
        case "groupHeading": standing.rawValue
        case "groupCount": grouped(rows.count)
        case "isLate": standing == .overdue
        case "rows": rows
        default: nil
        }
    }
}

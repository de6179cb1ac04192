import Kernel
import Mustache
import Wire

extension PageRenderer {
    /// Every enrolled host, those with something to see to first.
    public func hosts(_ hosts: [HostSummary], in frame: PageFrame) -> String {
        render(HostListPage(hosts: hosts, now: frame.now), in: frame)
    }
}

struct HostListPage: Page {
    static let template = "host-list"
    let title = "Hosts"
    let place: Place? = .hosts
    let hosts: [HostSummary]
    let now: Instant

    func child(named name: String) -> Any? {
        switch name {
        case "headline": headline
        case "lead": lead
        case "isEmpty": hosts.isEmpty
        case "hosts": hosts.sorted { Self.key($0) < Self.key($1) }.map { HostRow(host: $0, now: now) }
        default: nil
        }
    }

    private var failing: Int { hosts.count { $0.results["fail", default: 0] > 0 } }

    private var headline: String {
        if hosts.isEmpty { return "No host yet." }
        if hosts.count == 1 { return failing == 0 ? "The one host fails no check." : "The one host fails a check." }
        return failing == 0
            ? "No host fails a check."
            : "\(grouped(failing)) of \(count(hosts.count, "host")) \(failing == 1 ? "fails" : "fail") a check."
    }

    private var lead: String {
        let silent = hosts.count { $0.observedAt == nil }
        let expired = hosts.count { $0.results["expired", default: 0] > 0 }
        var parts: [String] = []
        if expired > 0 { parts.append("\(grouped(expired)) of \(grouped(hosts.count)) with results that ran out") }
        if silent > 0 { parts.append("\(grouped(silent)) of \(grouped(hosts.count)) never observed") }
        return parts.isEmpty
            ? "\(count(hosts.count, "host is", "hosts are")) enrolled, and each has fresh results."
            : enumeration(parts) + "."
    }

    private static func key(_ host: HostSummary) -> (Int, Int, String) {
        (-host.results["fail", default: 0], -host.results["expired", default: 0], host.name)
    }
}

/// One host in the list.
struct HostRow: MustacheParent {
    let host: HostSummary
    let now: Instant

    func child(named name: String) -> Any? {
        switch name {
        case "hostName": host.name
        case "address": Address.host(host.id)
        case "observed": host.observedAt.map { Moment($0, now: now) } ?? false
        case "enrolled": Moment(host.enrolledAt, now: now)
        case "results":
            ResultMark.order.compactMap { name in
                host.results[name].flatMap { $0 > 0 ? ResultMark(name: name, count: $0) : nil }
            }
        default: nil
        }
    }
}

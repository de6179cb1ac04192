import Kernel
import Mustache
import Verdicts
import Wire

/// The commitments of one policy, by section, in the order of the policy.
struct PolicyGroup: MustacheParent {
    private let id: String
    private let title: String
    private let counts: VerdictCounts
    private let sections: [SectionGroup]
    private let position: Int

    static func all(in report: StatusReport, policies: [PolicySummary], now: Instant) -> [PolicyGroup] {
        let titles = Dictionary(policies.map { ($0.id, $0.title) }, uniquingKeysWith: { first, _ in first })
        return report.commitments.grouped(by: \.policy).enumerated().map { position, group in
            PolicyGroup(
                id: group.key, title: titles[group.key] ?? group.key,
                counts: VerdictCounts(of: group.members.lazy.map(\.verdict)),
                sections: group.members.grouped(by: \.section).map {
                    SectionGroup(heading: $0.key, rows: $0.members.map { CommitmentRow($0, now: now) })
                },
                position: position)
        }
    }

    func child(named name: String) -> Any? {
        switch name {
        case "anchor": "policy-\(position)"
        case "policyTitle": title
        case "address": Address.policy(id)
        case "share": counts.shareLine
        case "sections": sections
        default: nil
        }
    }
}

private struct SectionGroup: MustacheParent {
    let heading: String
    let rows: [CommitmentRow]

    func child(named name: String) -> Any? {
        switch name {
        case "heading": heading
        case "rows": rows
        default: nil
        }
    }
}

/// One commitment in a table.
struct CommitmentRow: MustacheParent {
    private let status: CommitmentStatus
    private let address: String
    private let observed: Moment?
    private let exceptionLine: String?

    init(_ status: CommitmentStatus, now: Instant) {
        self.status = status
        address = Address.commitment(status.policy, status.id)
        observed = status.observedAt.map { Moment($0, now: now) }
        exceptionLine = status.exception.map { exception in
            let until = Moment(exception.until, now: nil).text
            return exception.approvedBy == nil
                ? "An exception until \(until) waits for approval" : "Accepted exception until \(until)"
        }
    }

    func child(named name: String) -> Any? {
        switch name {
        case "name": status.verdict.rawValue
        case "word": status.verdict.word
        case "address": address
        case "summary": status.summary
        case "reason": status.reason
        case "owner": status.owner
        case "observed": observed ?? false
        case "exception": exceptionLine ?? false
        default: nil
        }
    }
}

extension Sequence {
    /// Members with the same key together, keys in the order of their first member.
    func grouped<Key: Hashable>(by key: (Element) -> Key) -> [(key: Key, members: [Element])] {
        var positions: [Key: Int] = [:]
        var groups: [(key: Key, members: [Element])] = []
        for element in self {
            let own = key(element)
            if let position = positions[own] {
                groups[position].members.append(element)
            } else {
                positions[own] = groups.count
                groups.append((own, [element]))
            }
        }
        return groups
    }
}

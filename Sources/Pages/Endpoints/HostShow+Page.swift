import Kernel
import Mustache
import Verdicts
import Wire

extension PageRenderer {
    /// One host with the latest result of every check.
    public func host(_ detail: HostDetail, in frame: PageFrame) -> String {
        render(HostShowPage(detail: detail, now: frame.now), in: frame)
    }
}

struct HostShowPage: Page {
    static let template = "host-show"
    let detail: HostDetail
    let now: Instant

    var title: String { detail.host.name }
    var place: Place? { .hosts }

    func child(named name: String) -> Any? {
        switch name {
        case "lead": lead
        case "groups": groups
        case "isEmpty": detail.checks.isEmpty
        default: HostRow(host: detail.host, now: now).child(named: name)
        }
    }

    private var lead: String {
        let applicable = detail.checks.count { $0.standing.result != .notApplicable }
        let passing = detail.checks.count { $0.standing.result == .pass && $0.standing.isFresh }
        return
            "\(grouped(passing)) of \(count(applicable, "check")) that apply here \(passing == 1 ? "passes" : "pass")."
    }

    private var groups: [ResultGroup] {
        let headings: [(String, [String])] = [
            ("Fails", ["fail"]), ("Cannot be told", ["error", "unknown", "never"]), ("Ran out", ["expired"]),
            ("Passes", ["pass"]), ("Does not apply", ["not-applicable"]),
        ]
        let numbered = detail.checks.enumerated().map { HostCheckItem(check: $1, position: $0, now: now) }
        return headings.enumerated().compactMap { position, heading in
            let checks = numbered.filter { heading.1.contains($0.mark.name) }
            return checks.isEmpty ? nil : ResultGroup(heading: heading.0, position: position, checks: checks)
        }
    }
}

private struct ResultGroup: MustacheParent {
    let heading: String
    let position: Int
    let checks: [HostCheckItem]

    func child(named name: String) -> Any? {
        switch name {
        case "heading": heading
        case "anchor": "group-\(position)"
        case "count": grouped(checks.count)
        case "checks": checks
        default: nil
        }
    }
}

/// One check on this host or site, and the commitments that depend on it.
struct HostCheckItem: MustacheParent {
    let check: SubjectCheck
    let row: SubjectRow
    let mark: ResultMark

    init(check: SubjectCheck, position: Int, now: Instant) {
        self.check = check
        row = SubjectRow(standing: check.standing, anchor: "check-\(position)", now: now)
        mark = ResultMark(check.standing.result, isFresh: check.standing.isFresh)
    }

    func child(named name: String) -> Any? {
        switch name {
        case "checkTitle": check.title
        case "subjectName": check.title
        case "hasCommitments": !check.commitments.isEmpty
        case "commitments": check.commitments.map(CommitmentLink.init)
        default: row.child(named: name)
        }
    }
}

/// A commitment named from elsewhere.
private struct CommitmentLink: MustacheParent {
    let commitment: CommitmentReference

    func child(named name: String) -> Any? {
        switch name {
        case "name": commitment.verdict.rawValue
        case "word": commitment.verdict.word
        case "address": Address.commitment(commitment.policy, commitment.id)
        case "summary": commitment.summary
        default: nil
        }
    }
}

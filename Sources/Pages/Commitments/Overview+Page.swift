import Kernel
import Mustache
import Verdicts
import Wire

extension PageRenderer {
    /// The first page after signing in: what broke and who must act, then counts, then every commitment.
    ///
    /// - Parameter policies: they give the titles; a policy that is missing here is called by its id.
    public func overview(_ report: StatusReport, policies: [PolicySummary], in frame: PageFrame) -> String {
        render(OverviewPage(report, policies: policies, now: frame.now), in: frame)
    }
}

struct OverviewPage: Page {
    static let template = "overview"
    let title = "Overview"
    let place: Place? = .overview
    private let report: StatusReport
    private let now: Instant
    private let concerns: [Concern]
    private let unproven: [CommitmentRow]
    private let groups: [PolicyGroup]

    init(_ report: StatusReport, policies: [PolicySummary], now: Instant) {
        self.report = report
        self.now = now
        concerns = Concern.all(in: report, now: now)
        unproven = report.commitments.filter { $0.verdict == .unproven }.map { CommitmentRow($0, now: now) }
        groups = PolicyGroup.all(in: report, policies: policies, now: now)
    }

    func child(named name: String) -> Any? {
        switch name {
        case "headline": headline
        case "lead": lead
        case "asOf": Moment(report.asOf, now: now)
        case "isEmpty": report.commitments.isEmpty
        case "hasConcerns": !concerns.isEmpty
        case "concerns": concerns
        case "concernCount": grouped(concerns.count)
        case "tally": Tally(counts: report.counts)
        case "hasUnproven": !unproven.isEmpty
        case "unproven": unproven
        case "unprovenLine":
            "\(count(unproven.count, "commitment")) of \(grouped(report.counts.total)) still "
                + (unproven.count == 1 ? "lacks evidence" : "lack evidence")
        case "policies": groups
        case "hasSeveralPolicies": groups.count > 1
        default: nil
        }
    }

    /// The worst that there is, in one sentence.
    private var headline: String {
        let counts = report.counts
        if counts.broken > 0 { return "\(count(counts.broken, "promise is", "promises are")) broken." }
        if counts.stale > 0 { return "\(count(counts.stale, "promise has", "promises have")) run out of evidence." }
        if counts.unproven > 0 { return "Nothing is broken." }
        return counts.kept > 0 ? "Every promise is kept." : "Nothing can be shown yet."
    }

    private var lead: String {
        let counts = report.counts
        var others: [String] = []
        if counts.broken > 0, counts.stale > 0 { others.append("\(grouped(counts.stale)) ran out of evidence") }
        if counts.unproven > 0 {
            others.append("\(grouped(counts.unproven)) \(counts.unproven == 1 ? "lacks" : "lack") evidence so far")
        }
        return counts.shareLine + (others.isEmpty ? "." : "; \(enumeration(others)).")
    }
}

/// Something that a person must see to.
struct Concern: MustacheParent {
    private let status: CommitmentStatus
    private let action: String
    private let fragment: String
    private let reason: String
    private let name: String
    private let word: String
    private let now: Instant

    /// Broken ones first, then those whose evidence ran out, then exceptions that wait for approval or end within
    /// a week.
    static func all(in report: StatusReport, now: Instant) -> [Concern] {
        let exceptions = report.commitments.filter { status in
            guard let exception = status.exception, status.verdict != .broken, status.verdict != .stale else {
                return false
            }
            return exception.approvedBy == nil && now < exception.until || endsSoon(exception, now: now)
        }
        let needing = [Verdict.broken, .stale].flatMap { verdict in report.commitments.filter { $0.verdict == verdict }
        }
        return (needing + exceptions).map { Concern($0, now: now) }
    }

    private init(_ status: CommitmentStatus, now: Instant) {
        self.status = status
        self.now = now
        switch status.verdict {
        case .broken, .stale:
            let isBroken = status.verdict == .broken
            name = status.verdict.rawValue
            word = status.verdict.word
            reason = status.reason
            action = isBroken ? "What fails, and the fix" : "Which evidence ran out"
            fragment = isBroken ? "#remedies" : "#checks"
        default:
            let waits = status.exception?.approvedBy == nil
            name = "exception"
            word = waits ? "Exception waits" : "Exception ends soon"
            reason =
                waits
                ? "Someone asked for an exception; it needs approval." : "Its accepted exception ends within a week."
            action = "Decide on the exception"
            fragment = "#exceptions"
        }
    }

    private static func endsSoon(_ exception: ExceptionNotice, now: Instant) -> Bool {
        now < exception.until && exception.until < now + .days(7)
    }

    private var since: Instant? { name == "exception" ? status.exception?.grantedAt : status.since }

    func child(named name: String) -> Any? {
        switch name {
        case "name": self.name
        case "word": word
        case "summary": status.summary
        case "reason": reason
        case "owner": status.owner
        case "address": Address.commitment(status.policy, status.id)
        case "actionAddress": Address.commitment(status.policy, status.id) + fragment
        case "action": action
        case "since": since.map { Moment($0, now: now) } ?? false
        default: nil
        }
    }
}

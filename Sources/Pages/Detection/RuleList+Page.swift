import Kernel
import Mustache
import Wire

extension PageRenderer {
    /// The rules that run: what of them can see anything here, how much is heard of each, and what was made quiet.
    public func rules(_ overview: RuleOverview, mayChange: Bool, in frame: PageFrame) -> String {
        render(RuleListPage(overview: overview, mayChange: mayChange, now: frame.now), in: frame)
    }
}

struct RuleListPage: Page {
    static let template = "rule-list"
    let title = "Detection rules"
    let place: Place? = .logs
    let overview: RuleOverview
    let mayChange: Bool
    let now: Instant

    func child(named name: String) -> Any? {
        switch name {
        case "logPlaces": LogPlace.rules.neighbours
        case "headline": headline
        case "setName": LogText.line(overview.name)
        case "installed": overview.installedAt.map { Moment($0, now: now) } ?? false
        case "ruleWords": "\(grouped(overview.rules)) of \(grouped(total)) look at single events"
        case "correlationWords": "\(grouped(overview.correlations)) at what others match"
        case "hasRules": total > 0
        case "asOf": Moment(now, now: nil)
        case "hasRejected": rejectedCount > 0
        case "rejectedLine": "\(count(rejectedCount, "rule")) cannot be used"
        case "rejected": rejected.items.map { LogText.line($0, longest: 500) }
        case "moreRejected": rejected.rest ?? false
        case "tactics": TacticMap(tactics: overview.tactics).cells
        case "steps": HeatStep.all
        case "hasNoise": !overview.noise.isEmpty
        case "noise": overview.noise.prefix(20).map(NoiseRow.init)
        case "hasSuppressions": !overview.suppressions.isEmpty
        case "suppressions":
            suppressions.items.map { SuppressionRow(suppression: $0, mayChange: mayChange, now: now) }
        case "moreSuppressions": suppressions.rest ?? false
        case "hasTunings": !overview.tunings.isEmpty
        case "tunings": tunings.items.map { TuningRow(tuning: $0, mayChange: mayChange, now: now) }
        case "moreTunings": tunings.rest ?? false
        default: nil
        }
    }

    private var total: Int { overview.rules + overview.correlations }
    private var rejectedCount: Int { max(overview.rejectedCount, overview.rejected.count) }
    private var rejected: Shown<String> { Shown(overview.rejected, atMost: 100, of: rejectedCount) }
    private var orphaned: Int { overview.tunings.count { !$0.isInForce } }

    /// Those whose rule is gone first: somebody must look whether another rule took its place.
    private var tunings: Shown<TuningSummary> {
        Shown(overview.tunings.filter { !$0.isInForce } + overview.tunings.filter(\.isInForce), atMost: 200)
    }

    private var suppressions: Shown<SuppressionSummary> { Shown(overview.suppressions, atMost: 200) }

    private var headline: String {
        if total == 0 { return "No detection rule runs." }
        if rejectedCount > 0 {
            return "\(grouped(rejectedCount)) of \(count(total + rejectedCount, "detection rule")) cannot be used."
        }
        if orphaned > 0 {
            return orphaned == 1
                ? "1 tuning is for a rule that is gone." : "\(grouped(orphaned)) tunings are for rules that are gone."
        }
        return "\(count(total, "detection rule runs", "detection rules run"))."
    }
}

private struct NoiseRow: MustacheParent {
    let noise: RuleNoise

    func child(named name: String) -> Any? {
        switch name {
        case "ruleTitle": LogText.line(noise.title)
        case "noiseAlerts": grouped(noise.alerts)
        case "noiseEvents": grouped(noise.events)
        case "acted": "\(grouped(noise.acted)) of \(grouped(noise.alerts))"
        case "isIgnored": noise.acted == 0
        default: nil
        }
    }
}

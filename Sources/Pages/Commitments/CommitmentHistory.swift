import Kernel
import Mustache
import Verdicts
import Wire

/// The last 90 days as one strip, drawn from the moments at which the verdict changed.
struct HistoryStrip {
    /// Newest first.
    let history: [VerdictChange]
    let now: Instant

    static let window = Period.days(90)

    /// Stretches of 1000 units; time before the first known change stays empty.
    var segments: [Segment] {
        var segments: [Segment] = []
        var end = now
        for change in history {
            let start = max(change.at, now - Self.window)
            if start < end {
                let left = position(of: start)
                segments.append(
                    Segment(name: change.verdict.rawValue, x: left, width: max(2, position(of: end) - left)))
                end = start
            }
            if change.at <= now - Self.window { break }
        }
        return segments.reversed()
    }

    /// The same in words, for those who do not see it.
    var description: String {
        guard let newest = history.first else { return "No history" }
        let changes = history.count { $0.at > now - Self.window }
        return "The last 90 days: \(count(changes, "change")), now \(newest.verdict.word.lowercased())"
    }

    private func position(of instant: Instant) -> Int {
        let passed = (instant - (now - Self.window)).milliseconds
        return Int(passed * 1000 / Self.window.milliseconds)
    }
}

/// One window of time, divided among the verdicts.
struct ShareLine: MustacheParent {
    let share: ShareOfTime

    func child(named name: String) -> Any? {
        switch name {
        case "window": "Last \(count(share.days, "day"))"
        case "kept": percentage(share.kept)
        case "broken": percentage(share.broken)
        case "stale": percentage(share.stale)
        case "unproven": percentage(share.unproven)
        default: nil
        }
    }
}

/// One change of the verdict, and what brought it.
struct ChangeLine: MustacheParent {
    let change: VerdictChange
    let detail: CommitmentDetail
    let now: Instant

    func child(named name: String) -> Any? {
        switch name {
        case "name": change.verdict.rawValue
        case "word": change.verdict.word
        case "at": Moment(change.at, now: now)
        case "changeReason": change.reason
        case "cause": cause ?? false
        default: nil
        }
    }

    private var cause: String? {
        guard let id = change.check else { return nil }
        let check = detail.checks.first { $0.id == id }
        let title = check?.title ?? id
        guard let subject = change.subject else { return "Brought by \(title)" }
        let name = check?.subjects.first { $0.subject == subject }?.name ?? subject
        return "Brought by \(title) on \(name)"
    }
}

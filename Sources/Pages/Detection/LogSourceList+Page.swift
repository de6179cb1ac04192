import Kernel
import Mustache
import Wire

extension PageRenderer {
    /// Every log source, those that are silent or lose records first, and the form that registers another.
    ///
    /// - Parameter form: What was filled in and could not be accepted.
    public func logSources(
        _ overview: LogSourceOverview, mayChange: Bool, form: FilledForm = FilledForm(), in frame: PageFrame
    ) -> String {
        render(LogSourceListPage(overview: overview, mayChange: mayChange, form: form, now: frame.now), in: frame)
    }
}

struct LogSourceListPage: Page {
    static let template = "log-source-list"
    let title = "Logs"
    let place: Place? = .logs
    let overview: LogSourceOverview
    let mayChange: Bool
    let form: FilledForm
    let now: Instant

    private var sources: [LogSourceSummary] { overview.sources }

    func child(named name: String) -> Any? {
        switch name {
        case "logPlaces": LogPlace.sources.neighbours
        case "headline": headline
        case "lead": lead
        case "archive": archive
        case "asOf": Moment(now, now: nil)
        case "isCollecting": overview.isCollecting
        case "isEmpty": sources.isEmpty
        case "sources": sources.sorted { Self.key($0) < Self.key($1) }.map { LogSourceRow(source: $0, now: now) }
        case "mayChange": mayChange
        case "formOpen": !form.isUntouched
        case "formProblem": form.problem ?? false
        case "nameField":
            Field(
                name: "name", label: "Name", kind: .text, help: "What people call it, such as “web servers”.",
                longest: 100, form: form)
        case "formatChoice":
            Choice(
                name: "format", label: "Form of its records", options: LogFormatWords.all, standard: "json", form: form)
        case "silenceField":
            Field(
                name: "silenceHours", label: "Hours without a record until it counts as silent", kind: .number,
                help: "24 unless it sends seldom.", range: 1...8784, form: silenceForm)
        default: nil
        }
    }

    private var silenceForm: FilledForm {
        form.values["silenceHours"] == nil
            ? FilledForm(values: ["silenceHours": "24"], problems: form.problems, problem: form.problem) : form
    }

    private var headline: String {
        if sources.isEmpty { return "No log source yet." }
        guard overview.isCollecting else { return "No logs are collected here." }
        let silent = sources.count { $0.isSilent }
        let losing = sources.count { $0.lost > 0 }
        if silent > 0 {
            return "\(grouped(silent)) of \(count(sources.count, "log source")) \(silent == 1 ? "is" : "are") silent."
        }
        if losing > 0 {
            return "\(grouped(losing)) of \(count(sources.count, "log source")) lost records in the last 24 hours."
        }
        return sources.count == 1 ? "The one log source sends." : "All \(grouped(sources.count)) log sources send."
    }

    private var lead: String {
        let total = grouped(sources.count)
        let parts = [
            (sources.count { $0.lost > 0 }, "lost records"),
            (sources.count { $0.faults > 0 }, "sent records in another form"),
            (sources.count { $0.canFire == 0 }, "can be seen by no rule"),
        ].filter { $0.0 > 0 }.map { "\(grouped($0.0)) of \(total) \($0.1)" }
        let events = sources.map(\.events).reduce(0, +)
        return "\(count(events, "event")) in the last 24 hours."
            + (parts.isEmpty ? "" : " \(enumeration(parts)).")
    }

    private var archive: String {
        "The archive holds \(count(overview.archivedRecords, "record")) in \(size(ofBytes: overview.archivedBytes)). "
            + "Each is kept for \(count(overview.retentionDays, "day"))."
    }

    /// Silence hides everything, loss some of it, another form what it says; a source that no rule sees helps nobody.
    private static func key(_ source: LogSourceSummary) -> (Int, Int, Int, Int, String) {
        (source.isSilent ? 0 : 1, -source.lost, -source.faults, source.canFire == 0 ? 0 : 1, source.name)
    }
}

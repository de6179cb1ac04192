import Kernel
import Mustache
import Wire

extension PageRenderer {
    /// One log source: what comes, what is lost, and what rules can see in it.
    public func logSource(
        _ detail: LogSourceDetail, mayChange: Bool, maySearch: Bool, in frame: PageFrame
    ) -> String {
        render(
            LogSourceShowPage(detail: detail, mayChange: mayChange, maySearch: maySearch, now: frame.now), in: frame)
    }
}

struct LogSourceShowPage: Page {
    static let template = "log-source-show"
    let detail: LogSourceDetail
    let mayChange: Bool
    let maySearch: Bool
    let now: Instant

    private var source: LogSourceSummary { detail.source }

    var title: String { LogText.line(source.name, longest: 100) }
    var place: Place? { .logs }

    func child(named name: String) -> Any? {
        switch name {
        case "lead": lead
        case "mayChange": mayChange
        case "searchAddress": maySearch ? "/logs/search?source=\(source.id.asPathSegment)" : false
        case "removalAddress": "\(Address.logSource(source.id))/removal"
        case "chart": LogHourChart(hours: detail.hours, now: now)
        case "hasChart": !detail.hours.isEmpty
        case "hasFaults": !detail.faults.isEmpty
        case "faults": detail.faults.prefix(50).map(FaultPart.init)
        case "coverageLine": coverageLine
        case "hasBlind": !detail.blind.isEmpty
        case "blindLine": "\(count(detail.blindCount, "rule")) cannot fire here, because fields are missing"
        case "blind": blind.items.map(BlindPart.init)
        case "moreBlind": blind.rest ?? false
        case "hasFields": !detail.fields.isEmpty
        case "fieldCount": grouped(detail.fields.count)
        case "fieldNames": fields.items.map { LogText.line($0, longest: 120) }
        case "moreFields": fields.rest ?? false
        case "hasChecks": !detail.checks.isEmpty
        case "checks": detail.checks.enumerated().map { HostCheckItem(check: $1, position: $0, now: now) }
        case "command": command ?? false
        default: LogSourceRow(source: source, now: now).child(named: name)
        }
    }

    private var blind: Shown<BlindRule> { Shown(detail.blind, atMost: 100, of: detail.blindCount) }
    private var fields: Shown<String> { Shown(detail.fields, atMost: 300) }

    private var lead: String {
        guard source.lastSeen != nil else { return "No record has come from it yet." }
        if source.isSilent { return "Silent for longer than \(words(for: source.silenceAfter))." }
        if source.lost > 0 { return "\(count(source.lost, "record was", "records were")) lost in the last 24 hours." }
        if source.faults > 0 {
            return "\(count(source.faults, "record")) of the last 24 hours could not be read in its form."
        }
        return source.canFire == 0 ? "It sends, and no rule can see anything in it." : "It sends, and rules look at it."
    }

    private var coverageLine: String {
        guard source.applicable > 0 else {
            return source.lastSeen == nil
                ? "What it sends decides which rules are for it, and nothing has come yet."
                : "No rule is for logs of this kind."
        }
        return "\(grouped(source.canFire)) of \(count(source.applicable, "rule")) for logs of this kind can fire "
            + "with the fields that its events have."
    }

    /// The example for sources that programs send to by themselves; the others are set up on the server.
    private var command: String? {
        guard source.way.contains("over HTTPS") || source.way.lowercased().hasPrefix("https") else { return nil }
        return "curl -H \"Authorization: Bearer TOKEN\" --data-binary @\(LogFormatWords.fileName(source.format)) "
            + "https://THIS-SERVER/api/v1/logs/\(source.id.asPathSegment)/records"
    }
}

private struct FaultPart: MustacheParent {
    let fault: LogFaultCount

    func child(named name: String) -> Any? {
        switch name {
        case "faultReason": LogText.line(fault.reason)
        case "faultCount": grouped(fault.count)
        case "hasSamples": !fault.samples.isEmpty
        case "samples": fault.samples.prefix(10).map { LogText.line($0, longest: 300) }
        default: nil
        }
    }
}

private struct BlindPart: MustacheParent {
    let rule: BlindRule

    func child(named name: String) -> Any? {
        switch name {
        case "blindTitle": LogText.line(rule.title)
        case "missing": rule.missing.prefix(20).map { LogText.line($0, longest: 120) }
        default: nil
        }
    }
}

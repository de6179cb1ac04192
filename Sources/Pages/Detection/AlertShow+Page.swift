import Kernel
import Mustache
import Wire

extension PageRenderer {
    /// One alert: what matched, what the rule says about itself, and what is to be done.
    ///
    /// - Parameter form: What was filled into one of the page's forms and could not be accepted. Its value `form` says
    ///   which: `acknowledgement`, `closing`, `suppression` or `tuning`; without it, the fields tell.
    public func alert(
        _ detail: AlertDetail, mayHandle: Bool, form: FilledForm = FilledForm(), in frame: PageFrame
    ) -> String {
        render(AlertShowPage(detail: detail, mayHandle: mayHandle, form: form, now: frame.now), in: frame)
    }
}

struct AlertShowPage: Page {
    static let template = "alert-show"
    let detail: AlertDetail
    let mayHandle: Bool
    let form: FilledForm
    let now: Instant

    var title: String { LogText.line(detail.alert.title, longest: 120) }
    var place: Place? { .alerts }

    func child(named name: String) -> Any? {
        switch name {
        case "lead": lead
        case "mayHandle": mayHandle
        case "ruleIdentity": LogText.line(detail.alert.rule)
        case "eventsShown": eventsShown
        case "hasEvents": !events.items.isEmpty
        case "matched":
            events.items.enumerated().map { AlertEventPart(event: $1, position: $0, now: now) }
        case "hasSteps": !detail.steps.isEmpty
        case "steps": Array(detail.steps.suffix(200)).map { AlertStepPart(step: $0, now: now) }
        default:
            AlertDecisions(detail: detail, mayHandle: mayHandle, form: form).child(named: name)
                ?? RuleWords(detail: detail).child(named: name)
                ?? row.child(named: name)
        }
    }

    private var row: AlertRow { AlertRow(alert: detail.alert, now: now, longestValue: 2000) }

    private var events: Shown<AlertEvent> { Shown(detail.events, atMost: 20) }

    private var lead: String {
        switch row.standing {
        case .overdue: "Nobody has seen to it in time."
        case .waiting: "Nobody has said yet that they see to it."
        case .handled: "Somebody sees to it. Close it when it is known what came of it."
        case .closed: "Closed: \(AlertOutcome.words(detail.alert.outcome))."
        }
    }

    private var eventsShown: String {
        let shown = events.items.count
        return shown >= detail.alert.count
            ? count(shown, "event")
            : "\(grouped(shown)) of \(grouped(detail.alert.count)) events, the first and the last"
    }
}

/// A matched event: its fields as a table.
private struct AlertEventPart: MustacheParent {
    let event: AlertEvent
    let position: Int
    let now: Instant

    func child(named name: String) -> Any? {
        switch name {
        case "eventID": "event-\(position)"
        case "isFirst": position == 0
        case "number": position + 1
        case "happened": Moment(event.at, now: now)
        case "eventSource": LogText.line(event.source, longest: 100)
        case "hasFields": !event.fields.isEmpty
        case "fields": fields.items
        case "moreFields": fields.rest ?? false
        default: nil
        }
    }

    /// At most 200 of them, and 16,000 characters in all: an event may have a field that is the whole record.
    private var fields: Shown<FieldPart> {
        var room = 16_000
        var parts: [FieldPart] = []
        for field in event.fields.prefix(200) where room > 0 {
            let part = FieldPart(name: field.name, value: field.value, longest: min(4000, room), keepsLines: true)
            room -= part.fieldName.utf8.count + part.fieldValue.utf8.count
            parts.append(part)
        }
        return Shown(parts, atMost: parts.count, of: event.fields.count)
    }
}

/// What somebody did about it.
private struct AlertStepPart: MustacheParent {
    let step: AlertStep
    let now: Instant

    func child(named name: String) -> Any? {
        switch name {
        case "stepAt": Moment(step.at, now: now)
        case "who": LogText.line(step.who)
        case "what": LogText.line(step.what)
        case "note": step.note.isEmpty ? false : LogText.block(step.note)
        default: nil
        }
    }
}

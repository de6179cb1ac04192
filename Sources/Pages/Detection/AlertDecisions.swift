import Mustache
import Wire

/// The forms of an alert's page: each opens by itself when it comes back with a problem.
struct AlertDecisions: MustacheParent {
    let detail: AlertDetail
    let mayHandle: Bool
    let form: FilledForm

    /// Which of the forms.
    private enum Kind: String {
        case acknowledgement, closing, suppression, tuning
    }

    func child(named name: String) -> Any? {
        switch name {
        case "formProblem": form.problem ?? false
        case "mayAcknowledge": mayHandle && detail.alert.state == "open"
        case "mayClose": mayHandle && detail.alert.state != "closed"
        case "mayTune": mayHandle && !detail.tunable.isEmpty
        case "closingOpen": filled == .closing
        case "suppressionOpen": filled == .suppression
        case "tuningOpen": filled == .tuning
        case "acknowledgementAddress": address(.acknowledgement)
        case "closingAddress": address(.closing)
        case "suppressionAddress": address(.suppression)
        case "tuningAddress": address(.tuning)
        case "acknowledgementNote":
            Field(
                name: "note", label: "Note", kind: .long, help: "What you look at first, for whoever comes after you.",
                longest: 4000, within: "acknowledgement", isOptional: true, form: form(.acknowledgement))
        case "outcomeChoice":
            RadioChoice(
                name: "outcome", label: "What came of it",
                options: AlertOutcome.allCases.map {
                    RadioChoice.Option(value: $0.rawValue, title: "\($0.word): \($0.meaning)")
                }, form: form(.closing))
        case "closingNote":
            Field(
                name: "note", label: "Note", kind: .long, help: "What was found, and what was done about it.",
                longest: 4000, within: "closing", form: form(.closing))
        case "suppressionReason":
            Field(
                name: "reason", label: "Why", kind: .long,
                help: "One or two sentences that somebody else understands in a year.", longest: 4000,
                within: "suppression", form: form(.suppression))
        case "suppressionDays":
            Field(
                name: "days", label: "For how many days", kind: .number, help: "1 to 90.", range: 1...90,
                form: form(.suppression, otherwise: ["days": "7"]))
        case "tuningChoice": tuningChoice
        case "tuningReason":
            Field(
                name: "reason", label: "Why", kind: .long, help: "Why events with this value are expected.",
                longest: 4000, within: "tuning", form: form(.tuning))
        default: nil
        }
    }

    private var tuningChoice: RadioChoice {
        RadioChoice(
            name: "choice", label: "Which events the rule leaves alone",
            help: "Events with this value no longer match this rule, from any source, until the tuning is removed.",
            options: detail.tunable.prefix(60).enumerated().map { position, field in
                RadioChoice.Option(
                    value: "\(position)", title: "\(LogText.line(field.name, longest: 120)) is",
                    code: LogText.line(field.value, longest: 300))
            }, form: form(.tuning))
    }

    private func address(_ kind: Kind) -> String { "\(Address.alert(detail.alert.id))/\(kind.rawValue)" }

    /// Fields of the same name stand in several forms: what was filled into one must not appear in another.
    private func form(_ kind: Kind, otherwise standard: [String: String] = [:]) -> FilledForm {
        guard filled == kind else { return FilledForm(values: standard) }
        return FilledForm(
            values: form.values.merging(standard) { filled, _ in filled }, problems: form.problems,
            problem: form.problem)
    }

    private var filled: Kind? {
        if let kind = form.values["form"].flatMap(Kind.init) { return kind }
        let names = Set(form.values.keys).union(form.problems.keys)
        if names.contains("outcome") { return .closing }
        if names.contains("days") { return .suppression }
        if names.contains("choice") { return .tuning }
        if names.contains("reason") { return .suppression }
        return names.contains("note") ? .acknowledgement : nil
    }
}

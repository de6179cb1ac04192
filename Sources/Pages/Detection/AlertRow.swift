import Kernel
import Mustache
import Wire

/// One alert, in the list and at the head of its own page.
struct AlertRow: MustacheParent {
    let alert: AlertSummary
    let now: Instant
    /// How much of a value is shown: in a list it must not push the others away.
    var longestValue = 120

    var standing: AlertStanding {
        switch alert.state {
        case "closed": .closed
        case "acknowledged": .handled
        default: alert.dueAt.map { $0 < now } ?? false ? .overdue : .waiting
        }
    }

    func child(named name: String) -> Any? {
        switch name {
        case "alertAddress": Address.alert(alert.id)
        case "alertTitle": LogText.line(alert.title)
        case "level": LevelMark(level: alert.level)
        case "hasPairs": !alert.group.isEmpty
        case "pairs":
            Shown(alert.group.sorted { $0.key < $1.key }, atMost: Self.pairs).items.map {
                FieldPart(name: $0.key, value: $0.value, longest: longestValue)
            }
        case "morePairs": Shown(Array(alert.group), atMost: Self.pairs).rest ?? false
        case "sourceWords":
            alert.sources.isEmpty ? "–" : enumeration(alert.sources.map { LogText.line($0, longest: 80) })
        case "events": grouped(alert.count)
        case "eventWords": count(alert.count, "event")
        case "first": Moment(alert.firstAt, now: now)
        case "last": Moment(alert.lastAt, now: now)
        case "isOverdue": standing == .overdue
        case "waits": standing == .overdue || standing == .waiting
        case "due": alert.dueAt.map { Moment($0, now: now) } ?? false
        case "acknowledged": alert.acknowledgedAt.map { Moment($0, now: now) } ?? false
        case "isClosed": standing == .closed
        case "outcomeWords": AlertOutcome.words(alert.outcome)
        default: nil
        }
    }

    private static let pairs = 6
}

/// A field of an event with its value.
struct FieldPart: MustacheParent {
    let fieldName: String
    let fieldValue: String

    init(name: String, value: String, longest: Int, keepsLines: Bool = false) {
        fieldName = LogText.line(name, longest: 120)
        fieldValue = keepsLines ? LogText.block(value, longest: longest) : LogText.line(value, longest: longest)
    }

    func child(named name: String) -> Any? {
        switch name {
        case "fieldName": fieldName
        case "fieldValue": fieldValue
        default: nil
        }
    }
}

/// What came of an alert.
enum AlertOutcome: String, CaseIterable {
    case real, harmless, mistaken

    var word: String {
        switch self {
        case .real: "Real"
        case .harmless: "Harmless"
        case .mistaken: "Mistaken"
        }
    }

    var meaning: String {
        switch self {
        case .real: "it happened, and should not have"
        case .harmless: "it happened, and was allowed"
        case .mistaken: "the rule matched something that it is not about"
        }
    }

    /// What came of it, also where a later version knows more.
    static func words(_ outcome: String?) -> String {
        guard let outcome else { return "without an outcome" }
        return Self(rawValue: outcome)?.word.lowercased() ?? LogText.line(outcome, longest: 40)
    }
}

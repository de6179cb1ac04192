import Kernel
import Mustache
import Verdicts
import Wire

/// One exception: accepted, waiting or run out.
struct ExceptionLine: MustacheParent {
    let exception: ExceptionNotice
    let now: Instant

    func child(named name: String) -> Any? {
        switch name {
        case "state": state
        case "exceptionReason": exception.reason
        case "people": people
        case "granted": Moment(exception.grantedAt, now: now)
        case "until": Moment(exception.until, now: now)
        case "approvalAddress": isWaiting ? "/exceptions/\(exception.id.asPathSegment)/approval" : false
        default: nil
        }
    }

    private var isOver: Bool { exception.until <= now }
    private var isWaiting: Bool { !isOver && exception.approvedBy == nil }

    private var state: String {
        if isOver { return "Ran out" }
        return isWaiting ? "Waits for approval" : "Accepted"
    }

    private var people: String {
        let asked = exception.requestedBy.map { "Asked for by \($0)" }
        let approved = exception.approvedBy.map { "approved by \($0)" }
        let known = [asked, approved].compactMap { $0 }
        return known.isEmpty ? "Granted" : known.joined(separator: ", ")
    }

    /// The fields of the form that asks for one.
    static func fields(of form: FilledForm) -> [Field] {
        [
            Field(
                name: "reason", label: "Reason", kind: .long,
                help: "Why it is acceptable for now, and what limits the harm. It may be shown on the public page.",
                longest: 500, form: form),
            Field(
                name: "until", label: "Until", kind: .date,
                help: "The exception ends by itself at the start of this day (UTC).", form: form),
        ]
    }
}

/// The newest published statement.
struct ProofLine: MustacheParent {
    let proof: ProofSummary
    let now: Instant

    func child(named name: String) -> Any? {
        switch name {
        case "proofSentence": "The newest signed statement says “\(proof.verdict.word.lowercased())”."
        case "afterwards":
            proof.verdict == .kept
                ? "After that, verify says “was kept until” and no longer calls it kept."
                : "It says what was so at that time; a newer statement replaces it."
        case "entry": grouped(proof.entry)
        case "asOf": Moment(proof.asOf, now: now)
        case "proofUntil": Moment(proof.validUntil, now: now)
        default: nil
        }
    }
}

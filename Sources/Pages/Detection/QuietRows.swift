import Kernel
import Mustache
import Wire

/// A rule that is kept quiet for a while.
struct SuppressionRow: MustacheParent {
    let suppression: SuppressionSummary
    let mayChange: Bool
    let now: Instant

    func child(named name: String) -> Any? {
        switch name {
        case "ruleTitle": LogText.line(suppression.title)
        case "reason": LogText.block(suppression.reason)
        case "by": LogText.line(suppression.by)
        case "since": Moment(suppression.since, now: now)
        case "until": Moment(suppression.until, now: now)
        case "hasEnded": suppression.until <= now
        case "suppressed": count(suppression.suppressed, "match", "matches")
        case "endAddress":
            mayChange && suppression.until > now
                ? "/rules/suppressions/\(suppression.id.asPathSegment)/end" : false
        default: nil
        }
    }
}

/// A filter that tunes a rule.
struct TuningRow: MustacheParent {
    let tuning: TuningSummary
    let mayChange: Bool
    let now: Instant

    func child(named name: String) -> Any? {
        switch name {
        case "tuningID": tuning.id
        case "ruleTitle": LogText.line(tuning.title)
        case "isInForce": tuning.isInForce
        case "tunedField": LogText.line(tuning.field, longest: 120)
        case "tunedValue": LogText.line(tuning.value, longest: 300)
        case "reason": LogText.block(tuning.reason)
        case "by": LogText.line(tuning.by)
        case "since": Moment(tuning.since, now: now)
        case "yaml": LogText.block(tuning.yaml, longest: 8000)
        case "removalAddress": mayChange ? "/rules/tunings/\(tuning.id.asPathSegment)/removal" : false
        default: nil
        }
    }
}

import Kernel
import Mustache
import Wire

/// One log source, in the list and at the head of its own page.
struct LogSourceRow: MustacheParent {
    let source: LogSourceSummary
    let now: Instant

    func child(named name: String) -> Any? {
        switch name {
        case "sourceAddress": Address.logSource(source.id)
        case "sourceName": LogText.line(source.name)
        case "formWords": LogFormatWords.short(source.format)
        case "wayWords": LogText.line(source.way)
        case "registered": Moment(source.registeredAt, now: now)
        case "seen": source.lastSeen.map { Moment($0, now: now) } ?? false
        case "isSilent": source.isSilent
        case "silenceWords": words(for: source.silenceAfter)
        case "eventCount": grouped(source.events)
        case "rateWords": rate(perSecond: source.rate)
        case "hasTrouble": source.faults > 0 || source.lost > 0
        case "faultWords": source.faults > 0 ? "\(grouped(source.faults)) not in its form" : false
        case "lostWords": source.lost > 0 ? "\(grouped(source.lost)) lost" : false
        case "coverage": coverage
        case "isBlind": source.canFire == 0
        default: nil
        }
    }

    private var coverage: String {
        source.applicable == 0
            ? "no rule is for it"
            : "\(grouped(source.canFire)) of \(count(source.applicable, "rule")) can fire"
    }
}

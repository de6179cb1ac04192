import Kernel
import Sigma

/// Matches of one rule for one group, gathered over a moment: what becomes an alert, or is counted on one.
struct AlertArrival: Sendable {
    /// What makes matches one alert.
    struct Key: Hashable, Sendable {
        let rule: String
        /// `nil` where the group says enough: a correlation sees several sources as one.
        let source: Identifier<WatchedLog>?
        let group: [String: String]

        /// All of it as one text, for a keyed hash.
        var text: String {
            ([rule, source?.description ?? ""] + group.sorted { $0.key < $1.key }.flatMap { [$0.key, $0.value] })
                .map { "\($0.utf8.count):\($0)" }.joined()
        }
    }

    let key: Key
    let rule: RuleDescription
    let source: Identifier<WatchedLog>
    var count: Int
    var firstAt: Instant
    var lastAt: Instant
    var events: [Alert.Event]

    /// The same, counted for its rule and nothing else.
    var withoutGroup: AlertArrival {
        AlertArrival(
            key: Key(rule: key.rule, source: nil, group: [:]), rule: rule, source: source, count: count,
            firstAt: firstAt, lastAt: lastAt, events: events)
    }

    mutating func add(_ other: AlertArrival) {
        count += other.count
        firstAt = min(firstAt, other.firstAt)
        lastAt = max(lastAt, other.lastAt)
        events = Array((events + other.events).prefix(2 * Alert.shownEvents))
    }
}

import Kernel

/// What came of some records of a source, to be written down.
struct LaneOutcome: Sendable {
    let source: Identifier<WatchedLog>
    /// What matched, gathered by what makes one alert.
    var arrivals: [AlertArrival.Key: AlertArrival] = [:]
    /// The last record that is dealt with.
    var reached: RecordPlace?
    /// What was counted, by the hour.
    var counts: [Instant: LogCounts] = [:]
    /// When the last record came.
    var lastSeen: Instant?
    /// What was learned of the source's events; `nil` if nothing.
    var learned: LogProfile?

    /// The most different alerts that are gathered at once: beyond it matches are counted without their group.
    static let keyLimit = 2000

    init(source: Identifier<WatchedLog>) {
        self.source = source
    }

    mutating func add(_ arrival: AlertArrival) {
        if arrivals[arrival.key] != nil || arrivals.count < Self.keyLimit {
            if arrivals[arrival.key]?.add(arrival) == nil { arrivals[arrival.key] = arrival }
            return
        }
        let whole = arrival.withoutGroup
        if arrivals[whole.key]?.add(whole) == nil { arrivals[whole.key] = whole }
    }

    mutating func merge(_ other: LaneOutcome) {
        for arrival in other.arrivals.values { add(arrival) }
        reached = [reached, other.reached].compactMap { $0 }.max()
        counts.merge(other.counts) { left, right in
            var sum = left
            sum += right
            return sum
        }
        lastSeen = [lastSeen, other.lastSeen].compactMap { $0 }.max()
        if let newer = other.learned { learned = learned?.union(newer) ?? newer }
    }
}

/// The matches of one group of a correlation.
///
/// They lie on tracks: matches that happened near each other. Usually there is one, which moves along. A clock that jumps, or
/// old events that are read again, begin a track of their own, so that nothing is compared with what happened at another time,
/// and nobody who writes a wrong time into one event makes the others late.
struct CorrelationGroup {
    private var tracks: [CorrelationTrack] = []

    /// How many tracks are kept; the one that was used least lately goes.
    private static let trackLimit = 4

    /// The time of the newest match on the track that was used last.
    var newest: Double { tracks.last?.newest ?? -.infinity }

    /// How many matches are kept.
    var count: Int { tracks.reduce(0) { $0 + $1.entries.count } }

    mutating func add(
        _ entry: WindowEntry, of rule: CorrelationRule, keeping limit: Int
    ) -> CorrelationTrack.Outcome {
        var track: CorrelationTrack
        if let place = tracks.lastIndex(where: { $0.reaches(entry.time, rule) }) {
            track = tracks.remove(at: place)
        } else {
            if tracks.count >= Self.trackLimit { tracks.removeFirst() }
            track = CorrelationTrack(rule.kind, at: entry.time)
        }
        let outcome = track.add(entry, of: rule, keeping: limit)
        tracks.append(track)
        return outcome
    }

    /// The events of the window that was looked at last, the last of them.
    func events(last count: Int) -> [Int] { tracks.last?.events(last: count) ?? [] }
}

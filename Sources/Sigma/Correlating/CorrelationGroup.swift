/// The matches of one group of a correlation.
///
/// They lie on tracks: matches that happened near each other. Usually there is one, which moves along. A clock that jumps, or
/// old events that are read again, begin a track of their own, so that nothing is compared with what happened at another time,
/// and nobody who writes a wrong time into one event makes the others late.
struct CorrelationGroup {
    private var tracks: [CorrelationTrack] = []

    /// When it was used last, counted in matches that came.
    var lastUse = 0

    /// How many tracks are kept.
    private static let trackLimit = 4

    /// The time of the newest match on the track that was used last.
    var newest: Double { tracks.last?.newest ?? -.infinity }

    /// How many matches are kept.
    var count: Int { tracks.reduce(0) { $0 + $1.entries.count } }

    mutating func add(
        _ entry: WindowEntry, of rule: CorrelationRule, keeping limit: Int
    ) -> CorrelationTrack.Outcome {
        var forgotten = 0
        var track: CorrelationTrack
        if let place = tracks.lastIndex(where: { $0.reaches(entry.time, rule) }) {
            track = tracks.remove(at: place)
        } else {
            if tracks.count >= Self.trackLimit { forgotten = makeRoom(rule) }
            track = CorrelationTrack(rule.kind, at: entry.time)
        }
        var outcome = track.add(entry, of: rule, keeping: limit)
        outcome.forgotten += forgotten
        tracks.append(track)
        return outcome
    }

    /// Takes one track away, never the one that was used last: rather one that has ended, as it lies two timespans behind most
    /// others; of those the shortest, as a time that somebody made up begins a short one.
    ///
    /// - Returns: How many matches were forgotten that could still have counted.
    private mutating func makeRoom(_ rule: CorrelationRule) -> Int {
        let usual = tracks.map(\.newest).sorted()[tracks.count / 2]
        let hasEnded = { (track: CorrelationTrack) in track.newest <= usual - 2 * rule.seconds }
        let place = tracks.dropLast().indices.min { left, right in
            let (left, right) = (tracks[left], tracks[right])
            return (hasEnded(left) ? 0 : 1, left.entries.count) < (hasEnded(right) ? 0 : 1, right.entries.count)
        }
        let old = tracks.remove(at: place ?? 0)
        return hasEnded(old) ? 0 : old.entries.count
    }

    /// The events of the window that was looked at last, the last of them.
    func events(last count: Int) -> [Int] { tracks.last?.events(last: count) ?? [] }
}

/// The matches of one group of a correlation that happened near each other, and whether the condition holds.
///
/// Matches that come in order cost little: the window slides along. One that comes late is put where it belongs, and every
/// window that it falls into is looked at again. Matches are kept for twice the timespan, so that one that is late by less
/// than the timespan is judged as if it had been in time.
struct CorrelationTrack {
    private(set) var entries: ArraySlice<WindowEntry> = []
    /// The window that ends with the newest match: where it begins, and what is in it.
    private var first = 0
    private var content: WindowContent
    private(set) var newest: Double
    /// When the condition last became true, or was told of again; `nil` while it does not hold.
    private var toldAt: Double?

    /// A track that begins at a time.
    init(_ kind: CorrelationRule.Kind, at time: Double) {
        content = WindowContent(kind)
        newest = time
    }

    /// Tells whether a match at a time belongs here: it is less than two timespans from the newest.
    func reaches(_ time: Double, _ rule: CorrelationRule) -> Bool { abs(time - newest) < 2 * rule.seconds }

    /// What an arrival brought about.
    struct Outcome {
        /// The condition holds at this time.
        var holdsAt: Double?
        /// It began to hold, or goes on for another timespan.
        var isNews = false
        /// Matches that were forgotten for lack of room.
        var forgotten = 0
    }

    mutating func add(_ entry: WindowEntry, of rule: CorrelationRule, keeping limit: Int) -> Outcome {
        var outcome = Outcome()
        if entry.time >= newest {
            newest = entry.time
            entries.append(entry)
            content.insert(entry)
            slide(rule)
            if holds(content, entries[first...], rule) { outcome.holdsAt = entry.time }
        } else {
            (outcome.holdsAt, outcome.forgotten) = insertLate(entry, rule)
        }
        outcome.forgotten += shorten(rule, limit)
        if let time = outcome.holdsAt {
            if toldAt.map({ time >= $0 + rule.seconds }) ?? true {
                outcome.isNews = true
                toldAt = time
            }
        } else if entry.time >= newest {
            toldAt = nil
        }
        return outcome
    }

    /// Takes out of the window what happened a timespan before the newest match, and forgets what is older than two.
    private mutating func slide(_ rule: CorrelationRule) {
        while first < entries.endIndex, entries[first].time <= newest - rule.seconds {
            content.remove(entries[first])
            first += 1
        }
        while let oldest = entries.first, oldest.time <= newest - 2 * rule.seconds { entries.removeFirst() }
    }

    /// The most matches that are stepped over for one that comes late.
    private static let lateLimit = 1024

    private mutating func insertLate(_ entry: WindowEntry, _ rule: CorrelationRule) -> (
        holdsAt: Double?, forgotten: Int
    ) {
        // Behind all that happened at the same time or before.
        var place = entries.endIndex
        let bound = max(entries.startIndex, entries.endIndex - Self.lateLimit)
        while place > bound, entries[place - 1].time > entry.time { place -= 1 }
        // So much has happened since that looking at it all again, for each that is late, would stop the others.
        if place == bound, bound > entries.startIndex, entries[place - 1].time > entry.time { return (nil, 1) }
        entries.insert(entry, at: place)
        if entry.time > newest - rule.seconds {
            content.insert(entry)
            first = min(first, place)
        } else {
            first += 1
        }
        // Every window that ends with this match or with a later one within the timespan.
        var start = place
        let least = max(entries.startIndex, place - Self.lateLimit)
        while start > least, entries[start - 1].time > entry.time - rule.seconds { start -= 1 }
        // With more than that in one window, the next match in order will tell.
        if start == least, least > entries.startIndex { return (nil, 0) }
        var window = WindowContent(rule.kind)
        for index in start..<place { window.insert(entries[index]) }
        var end = place
        while end < entries.endIndex, entries[end].time < entry.time + rule.seconds {
            window.insert(entries[end])
            while entries[start].time <= entries[end].time - rule.seconds {
                window.remove(entries[start])
                start += 1
            }
            if holds(window, entries[start...end], rule) { return (entries[end].time, 0) }
            end += 1
        }
        return (nil, 0)
    }

    /// Forgets the oldest when there are too many. Of a rule that matches again and again, the first and the last count, where
    /// not more than the order of two is asked for.
    private mutating func shorten(_ rule: CorrelationRule, _ limit: Int) -> Int {
        let isThinned = rule.kind == .temporal || (rule.kind == .temporalOrdered && rule.rules.count < 3)
        var forgotten = 0
        if isThinned, entries.count >= 3 {
            let last = entries.endIndex - 1
            if last - 2 >= first, entries[last].source == entries[last - 1].source,
                entries[last - 1].source == entries[last - 2].source
            {
                content.remove(entries[last - 1])
                entries.remove(at: last - 1)
            }
        }
        while entries.count > limit, let oldest = entries.first {
            if first == entries.startIndex {
                content.remove(oldest)
                first += 1
                forgotten += 1
            }
            entries.removeFirst()
        }
        return forgotten
    }

    private func holds(
        _ content: WindowContent, _ window: ArraySlice<WindowEntry>, _ rule: CorrelationRule
    ) -> Bool {
        switch rule.condition {
        case .compares(let bounds, _, let percentile):
            guard let statistic = content.statistic(percentile: percentile),
                bounds.allSatisfy({ $0.comparison.holds(statistic, $0.value) })
            else { return false }
            guard rule.kind == .temporalOrdered else { return true }
            // There are enough different rules; they must also follow each other.
            return bounds.allSatisfy { $0.comparison.holds(Double(Self.longestOrder(window, rule)), $0.value) }
        case .rules(let combination):
            guard content.holds(combination) else { return false }
            guard rule.kind == .temporalOrdered else { return true }
            let present = rule.rules.indices.filter(content.has)
            return Self.longestOrder(window, rule) == present.count
        }
    }

    /// How many of the rules matched one after the other in their order, each with an event of its own.
    private static func longestOrder(_ window: ArraySlice<WindowEntry>, _ rule: CorrelationRule) -> Int {
        // For each rule, the length of the longest order that ends with it, and the event that it ends with.
        var longest = [Int](repeating: 0, count: rule.rules.count)
        var pending: [(source: Int, length: Int)] = []
        var event = Int.min
        for entry in window {
            if entry.event != event {
                for (source, length) in pending { longest[source] = max(longest[source], length) }
                pending = []
                event = entry.event
            }
            let before = longest[..<entry.source].max() ?? 0
            pending.append((entry.source, before + 1))
        }
        for (source, length) in pending { longest[source] = max(longest[source], length) }
        return longest.max() ?? 0
    }

    /// The events of the window that ends with the newest match, the last of them.
    func events(last count: Int) -> [Int] {
        var events: [Int] = []
        for entry in entries[first...].suffix(count) where events.last != entry.event { events.append(entry.event) }
        return events
    }
}

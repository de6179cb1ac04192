/// Follows matches through a rule set's correlations, in event time, with bounded memory.
///
/// A correlation is told of when it becomes true for a group, and again after each timespan for which it goes on. For those
/// that build on it, every match at which it holds counts where they ask what happened together or in order; where they
/// count, only what is told of.
public struct CorrelationEngine: Sendable {
    private let correlations: [RuleSet.ResolvedCorrelation]
    private let silent: Set<Int>
    private let limits: CorrelationLimits
    /// For each source, the correlations that look at it, and as which of their rules.
    private let listeners: [RuleSet.MatchSource: [(correlation: Int, place: Int)]]
    private var groups: [[GroupKey: CorrelationGroup]]
    private var entryCounts: [Int]
    private var arrivals = 0
    /// Matches that were forgotten for lack of room or came too late to be judged.
    public private(set) var forgotten = 0

    private struct GroupKey: Hashable {
        let values: [[UInt8]?]
    }

    /// An engine that has seen nothing yet.
    public init(_ set: RuleSet, limits: CorrelationLimits = CorrelationLimits()) {
        correlations = set.correlations
        silent = set.silentCorrelations
        self.limits = limits
        var listeners: [RuleSet.MatchSource: [(correlation: Int, place: Int)]] = [:]
        for (index, correlation) in set.correlations.enumerated() {
            for (place, source) in correlation.sources.enumerated() {
                listeners[source, default: []].append((index, place))
            }
        }
        self.listeners = listeners
        groups = Array(repeating: [:], count: set.correlations.count)
        entryCounts = Array(repeating: 0, count: set.correlations.count)
    }

    /// How many groups are remembered.
    public var groupCount: Int { groups.reduce(0) { $0 + $1.count } }

    /// Tells whether any correlation looks at a rule's matches.
    public func listens(to rule: Int) -> Bool { listeners[.rule(rule)] != nil }

    /// Takes the matches of one event.
    ///
    /// - Returns: The correlations that became true, in their order; those that only serve others are left out.
    public mutating func receive(_ arrival: CorrelationArrival) -> [CorrelationMatch] {
        var waiting: [Int: [(place: Int, isNews: Bool)]] = [:]
        for rule in arrival.rules {
            for (correlation, place) in listeners[.rule(rule)] ?? [] {
                waiting[correlation, default: []].append((place, true))
            }
        }
        var matches: [CorrelationMatch] = []
        // What a correlation builds on stands before it, so that one pass is enough.
        while let correlation = waiting.keys.min() {
            let places = waiting.removeValue(forKey: correlation) ?? []
            guard let match = add(places, to: correlation, arrival) else { continue }
            for (next, place) in listeners[.correlation(correlation)] ?? [] {
                waiting[next, default: []].append((place, match.isNews))
            }
            if match.isNews, !silent.contains(correlation) { matches.append(match.match) }
        }
        return matches
    }

    private mutating func add(
        _ places: [(place: Int, isNews: Bool)], to index: Int, _ arrival: CorrelationArrival
    ) -> (match: CorrelationMatch, isNews: Bool)? {
        let rule = correlations[index].rule
        let isTemporal = rule.kind == .temporal || rule.kind == .temporalOrdered
        var result: (match: CorrelationMatch, isNews: Bool)?
        for (place, isNews) in places.sorted(by: { $0.place < $1.place }) where isTemporal || isNews {
            let key = GroupKey(values: rule.groupBy.map { value(of: $0, index, place, arrival) })
            var group = groups[index].removeValue(forKey: key) ?? CorrelationGroup()
            let before = group.count
            let outcome = group.add(
                WindowEntry(
                    time: arrival.time, source: place, event: arrival.event,
                    value: conditionValue(index, place, arrival)),
                of: rule, keeping: isTemporal ? limits.temporalEntries : max(limits.entriesPerGroup, rule.neededEntries)
            )
            forgotten += outcome.forgotten
            if let time = outcome.holdsAt {
                let match = CorrelationMatch(
                    correlation: index, group: key.values.map { $0.map { String(decoding: $0, as: UTF8.self) } },
                    event: arrival.event,
                    events: outcome.isNews ? group.events(last: limits.shownEvents) : [], time: time)
                if result?.isNews != true { result = (match, outcome.isNews) }
            }
            entryCounts[index] += group.count - before
            arrivals += 1
            group.lastUse = arrivals
            groups[index][key] = group
            makeRoom(index)
        }
        return result
    }

    private func value(of field: String, _ index: Int, _ place: Int, _ arrival: CorrelationArrival) -> [UInt8]? {
        let real = correlations[index].aliases[field]?[place] ?? field
        return arrival.values[real].map { Array($0.prefix(limits.valueBytes)) }
    }

    private func conditionValue(_ index: Int, _ place: Int, _ arrival: CorrelationArrival) -> WindowEntry.Value {
        let rule = correlations[index].rule
        guard case .compares(_, let fields, _) = rule.condition, let field = fields.first else { return .none }
        switch rule.kind {
        case .eventCount, .temporal, .temporalOrdered: return .none
        case .valueCount:
            let values = fields.map { value(of: $0, index, place, arrival) }
            guard values.contains(where: { $0 != nil }) else { return .none }
            // Whoever has several fields to tell apart must not see two combinations as one.
            return .text(
                values.count == 1 ? values[0] ?? [] : values.flatMap { "\($0?.count ?? -1):".utf8 + ($0 ?? []) })
        case .valueSum, .valueAverage, .valuePercentile, .valueMedian:
            let text = value(of: field, index, place, arrival)
            // Beyond this a double no longer tells one from the next, and one value would drown all others.
            guard let number = text?.withUnsafeBufferPointer(ValueText.number), abs(number) <= 1e15 else {
                return .none
            }
            return .number(number)
        }
    }

    /// Forgets a tenth of the groups, those that were quiet the longest: by when their matches came, not by what they say.
    private mutating func makeRoom(_ index: Int) {
        guard groups[index].count > limits.groups || entryCounts[index] > limits.entries else { return }
        let newest = groups[index].values.map(\.newest).sorted()
        let usual = newest[newest.count / 2]
        let quiet = groups[index].sorted { $0.value.lastUse < $1.value.lastUse }.prefix(newest.count / 10 + 1)
        for (key, group) in quiet {
            // What lies two timespans behind most others has ended, and is no loss.
            if group.newest > usual - 2 * correlations[index].rule.seconds { forgotten += group.count }
            entryCounts[index] -= group.count
            groups[index][key] = nil
        }
    }
}

extension CorrelationRule {
    /// How many matches of a group the condition needs to see.
    fileprivate var neededEntries: Int {
        guard kind == .eventCount || kind == .valueCount, case .compares(let bounds, _, _) = condition else { return 0 }
        return Int(min(1_000_000, max(0, bounds.map(\.value).max() ?? 0))) + 1
    }

    /// Every field of events that the correlation asks for.
    var fields: [String] {
        var fields = groupBy + aliases.values.flatMap(\.values)
        if case .compares(_, let named, _) = condition { fields += named }
        return fields
    }
}

extension RuleSet {
    /// Every field of events that correlations ask for.
    public var correlationFields: [String] {
        Set(correlations.flatMap(\.rule.fields)).sorted()
    }
}

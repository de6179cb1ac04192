import Kernel
import LogFormats
import Sigma

/// Reads and matches the records of one source, in their order.
struct LaneReader: Sendable {
    private let source: WatchedLog
    private var reader: LogReader
    private let mapping: FieldMapping
    private let kind: Sigma.LogSource?
    private var sampled = 0
    private var profile: LogProfile
    private var lastKind: Sigma.LogSource?
    /// What could not be read, by its reason, since the start.
    private(set) var faults: [String: (count: Int, samples: [String])] = [:]
    /// When the newest record came.
    private var newest = Instant.distantPast

    /// How far an event's own time may be ahead of the moment at which it came: a clock that is wrong shall not blind others.
    private static let ahead = Period.minutes(5)

    init(_ source: WatchedLog) {
        self.source = source
        reader = LogReader(source.format)
        mapping = FieldMapping(source.settings.mapping)
        kind = source.statedKind
        profile = LogProfile(id: source.id)
    }

    /// What is already done with records up to some place, so that it is not done twice.
    struct Done {
        var counted: RecordPlace?
        var raised: RecordPlace?
    }

    /// Reads and matches a batch.
    ///
    /// - Parameter first: The place of its first record.
    mutating func read(
        _ batch: LogBatch, from first: RecordPlace, done: Done, with slots: MatcherSlots,
        correlating memory: CorrelationMemory, into outcome: inout LaneOutcome
    ) {
        newest = max(newest, batch.receivedAt)
        let hour = LogHours.hour(of: batch.receivedAt)
        slots.use { matcher in
            var counts = LogCounts()
            var events: [LogEvent] = []
            for index in 0..<batch.count {
                let place = RecordPlace(segment: first.segment, number: first.number + UInt64(index))
                let isCounted = done.counted.map { place > $0 } ?? true
                let raises = done.raised.map { place > $0 } ?? true
                let record = mapping.applied(to: Array(batch.record(index)))
                events.removeAll(keepingCapacity: true)
                if let fault = reader.read(record, receivedAt: batch.receivedAt, { events.append($0) }), isCounted {
                    counts.faults += 1
                    remember(fault.rawValue, record)
                }
                for event in events {
                    if isCounted { counts.events += 1 }
                    match(
                        event, receivedAt: batch.receivedAt, raises: raises, counts: &counts, isCounted: isCounted,
                        with: matcher, of: slots.rules, correlating: memory, into: &outcome)
                }
            }
            if !counts.isEmpty { outcome.counts[hour, default: LogCounts()] += counts }
        }
        if batch.count > 0 {
            outcome.reached = RecordPlace(segment: first.segment, number: first.number + UInt64(batch.count - 1))
        }
        outcome.lastSeen = newest
        if !profile.fields.isEmpty || !profile.kinds.isEmpty { outcome.learned = profile }
    }

    /// Takes what was waiting for more records.
    mutating func settle(
        with slots: MatcherSlots, correlating memory: CorrelationMemory, into outcome: inout LaneOutcome
    ) {
        var events: [LogEvent] = []
        reader.finish(receivedAt: newest) { events.append($0) }
        guard !events.isEmpty else { return }
        let hour = LogHours.hour(of: newest)
        slots.use { matcher in
            var counts = LogCounts()
            for event in events {
                counts.events += 1
                match(
                    event, receivedAt: newest, raises: true, counts: &counts, isCounted: true, with: matcher,
                    of: slots.rules, correlating: memory, into: &outcome)
            }
            outcome.counts[hour, default: LogCounts()] += counts
        }
        outcome.lastSeen = newest
    }

    /// Looks at something that this server noticed of the source itself.
    mutating func take(
        own event: LogEvent, at now: Instant, with slots: MatcherSlots, correlating memory: CorrelationMemory,
        into outcome: inout LaneOutcome
    ) {
        slots.use { matcher in
            var counts = LogCounts()
            match(
                event, receivedAt: now, raises: true, counts: &counts, isCounted: false, with: matcher,
                of: slots.rules, correlating: memory, into: &outcome, isOwn: true)
        }
    }

    private mutating func remember(_ reason: String, _ record: [UInt8]) {
        var known = faults[reason] ?? (0, [])
        known.count += 1
        let sample = String(decoding: record.prefix(300), as: UTF8.self)
        if known.samples.count < 5 { known.samples.append(sample) }
        faults[reason] = known
    }

    private mutating func match(
        _ event: LogEvent, receivedAt: Instant, raises: Bool, counts: inout LogCounts, isCounted: Bool,
        with matcher: RuleMatcher, of rules: ReadyRules, correlating memory: CorrelationMemory,
        into outcome: inout LaneOutcome, isOwn: Bool = false
    ) {
        let from = isOwn ? event.source : kind ?? event.source
        if !isOwn { learn(event, from) }
        guard event.json.withUnsafeBufferPointer({ matcher.match($0, from: from) }) == nil else {
            if isCounted {
                counts.faults += 1
                remember("no JSON object", event.json)
            }
            return
        }
        guard !matcher.matches.isEmpty else { return }
        let at = min(event.time ?? receivedAt, receivedAt + Self.ahead)
        var awaited: [Int] = []
        var spoken: [Int] = []
        for rule in matcher.matches {
            if rules.listens[Int(rule)] { awaited.append(Int(rule)) }
            if !rules.isSilent[Int(rule)] { spoken.append(Int(rule)) }
        }
        let kept = Alert.Event(at: at, source: source.id, json: Self.kept(event.json))
        if !spoken.isEmpty {
            if isCounted { counts.matches += spoken.count }
            let group = raises ? Self.group(of: event.json) : [:]
            for rule in spoken where raises {
                let about = rules.ruleSet.rules[rule].about
                outcome.add(
                    AlertArrival(
                        key: AlertArrival.Key(rule: about.identity, source: source.id, group: group), rule: about,
                        source: source.id, count: 1, firstAt: at, lastAt: at, events: [kept]))
            }
        }
        guard !awaited.isEmpty else { return }
        var values: [String: [UInt8]] = [:]
        for field in rules.fields { values[field] = matcher.value(of: field) }
        for match in memory.receive(awaited, values: values, event: kept) where raises {
            let rule = rules.ruleSet.correlations[match.correlation].rule
            if isCounted { counts.matches += 1 }
            let group = Dictionary(zip(rule.groupBy, match.group)) { first, _ in first }.compactMapValues { $0 }
            outcome.add(
                AlertArrival(
                    key: AlertArrival.Key(rule: rule.about.identity, source: nil, group: group), rule: rule.about,
                    source: source.id, count: 1, firstAt: match.events.first?.at ?? at, lastAt: at,
                    events: match.events))
        }
    }

    /// Looks at the first events, and at some of the later ones, for the fields that they have.
    private mutating func learn(_ event: LogEvent, _ from: Sigma.LogSource) {
        if from != lastKind {
            lastKind = from
            profile.add(from)
        }
        sampled += 1
        guard sampled <= 200 || sampled % 256 == 0, event.json.count <= 1 << 16 else { return }
        guard let members = try? JSONValue.members(of: event.json) else { return }
        for (name, value) in members { learn(name, value, depth: 0) }
    }

    private mutating func learn(_ name: String, _ value: JSONValue, depth: Int) {
        guard name.utf8.count <= 200 else { return }
        profile.add(field: name)
        guard depth < 6, case .object(let inner) = value else { return }
        for (part, value) in inner { learn("\(name).\(part)", value, depth: depth + 1) }
    }

    /// The most bytes of an event that are kept with an alert; all of it stays in the archive.
    private static let keptBytes = 4 << 10

    private static func kept(_ json: [UInt8]) -> String { String(decoding: json.prefix(keptBytes), as: UTF8.self) }

    /// On which machine it happened: single events of one rule are one alert for each machine.
    private static func group(of json: [UInt8]) -> [String: String] {
        guard json.count <= 1 << 20, let members = try? JSONValue.members(of: json) else { return [:] }
        for name in ["hostname", "Computer", "host", "ComputerName"] {
            if let host = members[name]?.text, !host.isEmpty { return [name: String(host.prefix(255))] }
        }
        return [:]
    }
}

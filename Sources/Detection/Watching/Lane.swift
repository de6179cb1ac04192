import Foundation
import Kernel
import LogFormats
import Sigma
import Synchronization

/// One log source on its way: what is kept of it waits here to be read and matched, by one thread at a time and in order.
final class Lane: Sendable {
    let source: WatchedLog
    private let watch: OrganisationWatch

    private struct Waiting {
        let batch: LogBatch
        let first: RecordPlace
        /// The room that it takes, to be given back; 0 for what was read from the archive.
        let size: Int
    }

    private struct State {
        var waiting: [Waiting] = []
        var isScheduled = false
        var done: LaneReader.Done
        var lost = 0
        /// Why records were lost, since the start.
        var losses: [String: Int] = [:]
        /// Events of the last minutes, by the minute.
        var recent: [Int64: Int] = [:]
        var lastSeen: Instant?
    }

    private let state: Mutex<State>
    private let reader: Mutex<LaneReader>

    /// How many bytes are matched before others get a turn.
    private static let turn = 512 << 10

    init(_ source: WatchedLog, of watch: OrganisationWatch, done: LaneReader.Done) {
        self.source = source
        self.watch = watch
        state = Mutex(State(done: done))
        reader = Mutex(LaneReader(source))
    }

    /// Takes records that are kept, to be matched.
    func push(_ batch: LogBatch, from first: RecordPlace, size: Int) {
        watch.begin(first.segment)
        let isNew = state.withLock { state in
            state.waiting.append(Waiting(batch: batch, first: first, size: size))
            defer { state.isScheduled = true }
            return !state.isScheduled
        }
        if isNew { schedule() }
    }

    private func schedule() {
        watch.threads.addOperation { [self] in work() }
    }

    private func work() {
        var size = 0
        let (taken, done) = state.withLock { state -> ([Waiting], LaneReader.Done) in
            var count = 0
            while count < state.waiting.count, size < Self.turn {
                size += state.waiting[count].batch.size
                count += 1
            }
            let taken = Array(state.waiting.prefix(count))
            state.waiting.removeFirst(count)
            return (taken, state.done)
        }
        let (slots, memory) = watch.matching
        var outcome = LaneOutcome(source: source.id)
        reader.withLock { reader in
            for item in taken {
                reader.read(item.batch, from: item.first, done: done, with: slots, correlating: memory, into: &outcome)
            }
        }
        deliver(outcome)
        watch.leaveRoom(taken.reduce(0) { $0 + $1.size }, of: source.id)
        for item in taken { watch.end(item.first.segment) }
        let hasMore = state.withLock { state in
            if state.waiting.isEmpty { state.isScheduled = false }
            return state.isScheduled
        }
        if hasMore { schedule() }
    }

    private func deliver(_ outcome: LaneOutcome) {
        let events = outcome.counts.values.reduce(0) { $0 + $1.events }
        state.withLock { state in
            if let seen = outcome.lastSeen {
                state.lastSeen = max(state.lastSeen ?? seen, seen)
                let minute = seen.milliseconds / 60_000
                state.recent[minute, default: 0] += events
                state.recent = state.recent.filter { $0.key > minute - 6 }
            }
        }
        watch.deliver(outcome)
    }

    /// Takes what waits for more records, if none are on their way.
    func settle() {
        guard state.withLock({ !$0.isScheduled }) else { return }
        let (slots, memory) = watch.matching
        var outcome = LaneOutcome(source: source.id)
        reader.withLock { $0.settle(with: slots, correlating: memory, into: &outcome) }
        if !outcome.counts.isEmpty { deliver(outcome) }
    }

    /// Looks at something that this server noticed of the source itself, with the rules for that.
    func notice(_ name: String, fields: [(String, String)] = [], at now: Instant) {
        var writer = OwnEvent(name, of: source, at: now)
        for (field, value) in fields { writer.add(field, value) }
        let event = writer.event
        let (slots, memory) = watch.matching
        var outcome = LaneOutcome(source: source.id)
        reader.withLock { $0.take(own: event, at: now, with: slots, correlating: memory, into: &outcome) }
        watch.deliver(outcome)
    }

    /// Counts records that were dropped or refused.
    func lose(_ count: Int, because reason: String) {
        state.withLock { state in
            state.lost += count
            if state.losses[reason] != nil || state.losses.count < 20 { state.losses[reason, default: 0] += count }
        }
    }

    /// What was lost since the last time.
    func takeLost() -> Int {
        state.withLock { state in
            defer { state.lost = 0 }
            return state.lost
        }
    }

    /// How many bytes wait here to be matched.
    var waitingBytes: Int { state.withLock { $0.waiting.reduce(0) { $0 + $1.batch.size } } }

    /// Whether something waits here, or is being matched.
    var isBusy: Bool { state.withLock { $0.isScheduled } }

    /// When the last record came, since the start.
    var lastSeen: Instant? { state.withLock { $0.lastSeen } }

    /// How it stands now.
    func live(at now: Instant) -> LiveLog {
        let (recent, losses) = state.withLock { ($0.recent, $0.losses) }
        let minute = now.milliseconds / 60_000
        let events = recent.filter { $0.key > minute - 5 }.values.reduce(0, +)
        let faults = reader.withLock { $0.faults }
        return LiveLog(
            rate: Double(events) / 300,
            faults: faults.map { LiveLog.Fault(reason: $0.key, count: $0.value.count, samples: $0.value.samples) }
                + losses.map { LiveLog.Fault(reason: $0.key, count: $0.value, samples: []) })
    }
}

/// What only the server that collects a source knows of it.
public struct LiveLog: Sendable {
    /// Why records could not be read or kept.
    public struct Fault: Sendable {
        /// The reason, in words.
        public let reason: String
        /// How many since the start.
        public let count: Int
        /// Beginnings of some of them.
        public let samples: [String]
    }

    /// Events a second, over the last five minutes.
    public let rate: Double
    /// What could not be read or kept since the start.
    public let faults: [Fault]
}

/// An event about a log source itself.
private struct OwnEvent {
    private var members: [(String, String)]
    private let at: Instant

    init(_ name: String, of source: WatchedLog, at now: Instant) {
        at = now
        members = [("event", name), ("source", source.settings.name), ("timestamp", now.description)]
    }

    mutating func add(_ field: String, _ value: String) { members.append((field, value)) }

    var event: LogEvent {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        let json = (try? encoder.encode(Dictionary(members) { first, _ in first })).map { [UInt8]($0) } ?? []
        return LogEvent(
            json: json, source: Sigma.LogSource(product: "vouchsafe", services: ["collection"]), time: at)
    }
}

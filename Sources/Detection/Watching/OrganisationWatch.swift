import Foundation
import Kernel
import LogFormats
import Logging
import Sigma
import Store
import Synchronization

/// One organisation's logs on this server: what came waits here to be kept, what is kept goes to the lane of its source, and
/// what matched waits to be written down.
final class OrganisationWatch: Sendable {
    /// Records that wait to be kept.
    struct Arrival: Sendable {
        let source: Identifier<WatchedLog>
        let batch: LogBatch
        let size: Int
        /// Told when they are kept, and how many of them are new, or that they are not; who is told so sends them again.
        let kept: (@Sendable (Result<Int, any Error>) -> Void)?
    }

    private struct State {
        var lanes: [Identifier<WatchedLog>: Lane] = [:]
        var arrivals: [Arrival] = []
        var arrivedBytes = 0
        var isUrgent = false
        /// Nothing more is taken.
        var isEnding = false
        var outcomes: [Identifier<WatchedLog>: LaneOutcome] = [:]
        /// What is written down as far as alerts go, and waits to be counted.
        var uncounted: [Identifier<WatchedLog>: LaneOutcome] = [:]
        var matching: (slots: MatcherSlots, memory: CorrelationMemory)
        var counted: [Identifier<WatchedLog>: RecordPlace]
        var raised: [Identifier<WatchedLog>: RecordPlace]
        var silent: Set<Identifier<WatchedLog>> = []
        /// How many batches of each segment are on their way through the lanes.
        var underWay: [Int64: Int] = [:]
        var isResumed = false
        /// What was raised lately, and when alerts were last written.
        var heard: Set<AlertArrival.Key> = []
        var raisedAt = Instant.distantPast
    }

    let organisation: Identifier<Organisation>
    let room: IntakeRoom
    let threads: OperationQueue
    let archive: OrganisationArchive
    private let width: Int
    private let state: Mutex<State>
    private let wakeups: AsyncStream<Void>
    private let wake: AsyncStream<Void>.Continuation

    init(
        _ organisation: Identifier<Organisation>, rules: ReadyRules, archive: OrganisationArchive, room: IntakeRoom,
        threads: OperationQueue, width: Int, counted: [Identifier<WatchedLog>: RecordPlace],
        raised: [Identifier<WatchedLog>: RecordPlace]
    ) {
        self.organisation = organisation
        self.archive = archive
        self.room = room
        self.threads = threads
        self.width = width
        state = Mutex(
            State(
                matching: (MatcherSlots(rules, width: width), CorrelationMemory(rules.ruleSet)), counted: counted,
                raised: raised))
        (wakeups, wake) = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))
    }

    /// Whose room the records of a source take.
    func owner(_ source: Identifier<WatchedLog>) -> IntakeRoom.Owner {
        IntakeRoom.Owner(organisation: organisation, source: source)
    }

    func leaveRoom(_ size: Int, of source: Identifier<WatchedLog>) { room.leave(size, of: owner(source)) }

    // MARK: - Rules and sources

    /// With what events are matched now.
    var matching: (MatcherSlots, CorrelationMemory) { state.withLock { ($0.matching.slots, $0.matching.memory) } }

    /// Takes other rules. What correlations remembered belongs to the old ones.
    func adopt(_ rules: ReadyRules) {
        let isNew = state.withLock { $0.matching.slots.rules !== rules }
        guard isNew else { return }
        let matching = (MatcherSlots(rules, width: width), CorrelationMemory(rules.ruleSet))
        state.withLock { $0.matching = matching }
    }

    /// Takes the sources that are registered now.
    func adopt(_ sources: [WatchedLog]) {
        state.withLock { state in
            var lanes: [Identifier<WatchedLog>: Lane] = [:]
            for source in sources {
                lanes[source.id] =
                    state.lanes[source.id]
                    ?? Lane(
                        source, of: self,
                        done: LaneReader.Done(counted: state.counted[source.id], raised: state.raised[source.id]))
            }
            state.lanes = lanes
        }
    }

    func lane(of source: Identifier<WatchedLog>) -> Lane? { state.withLock { $0.lanes[source] } }

    var lanes: [Lane] { state.withLock { Array($0.lanes.values) } }

    // MARK: - Which segments are dealt with

    func begin(_ segment: Int64) { state.withLock { $0.underWay[segment, default: 0] += 1 } }

    func end(_ segment: Int64) {
        state.withLock { state in
            let left = state.underWay[segment, default: 1] - 1
            state.underWay[segment] = left > 0 ? left : nil
        }
    }

    /// Of these segments, those of which nothing is on its way any more.
    func drained(_ segments: [Int64]) -> Set<Int64> {
        state.withLock { state in Set(segments.filter { state.underWay[$0] == nil }) }
    }

    /// Whether everything that came of records is written down, but for what is counted.
    var isRaised: Bool { state.withLock { $0.outcomes.isEmpty } }

    /// Goes on where this server stopped, then keeps what comes, until the task is cancelled or ``finish()`` is called.
    func run(logger: Logger) async {
        do {
            let unfinished = try await archive.resume { error in
                logger.error(
                    "A file of the archive of logs cannot be taken up.", metadata: ["error": "\(error.forTheLog)"])
            }
            state.withLock { $0.isResumed = true }
            for part in unfinished {
                try await archive.replay(part) { [self] source, batch, place in
                    guard let lane = lane(of: source) else { return }
                    while lane.waitingBytes > Self.atOnce { try await Task.sleep(for: .milliseconds(5)) }
                    lane.push(batch, from: place, size: 0)
                }
            }
        } catch is CancellationError {
            return
        } catch {
            logger.error("Logs that were kept cannot be matched.", metadata: ["error": "\(error.forTheLog)"])
        }
        state.withLock { $0.isResumed = true }
        await keepOn(logger: logger)
    }

    /// Returns when it is known how far streams were kept.
    func waitUntilResumed() async throws {
        while !state.withLock({ $0.isResumed }) { try await Task.sleep(for: .milliseconds(20)) }
    }

    // MARK: - Coming in

    /// Takes records for which room was taken.
    func arrive(_ arrival: Arrival) {
        let isTaken = state.withLock { state in
            guard !state.isEnding else { return false }
            state.arrivals.append(arrival)
            state.arrivedBytes += arrival.size
            if arrival.kept != nil || state.arrivedBytes > 256 << 10 { state.isUrgent = true }
            return true
        }
        if isTaken {
            wake.yield()
            return
        }
        leaveRoom(arrival.size, of: arrival.source)
        arrival.kept?(
            .failure(
                Problem(
                    .unavailable, code: "logs.ending", "This server is about to stop.",
                    hint: "Send the same records again.", retryAfter: .seconds(5))))
    }

    /// How long records wait for others, where nobody waits for them: what is kept together packs better.
    private static let gathering = Duration.milliseconds(400)
    /// How many bytes are kept at once.
    private static let atOnce = 8 << 20

    /// ``keepRest(logger:)`` keeps what is left at the end.
    private func keepOn(logger: Logger) async {
        for await _ in wakeups where !Task.isCancelled {
            if !state.withLock({ $0.isUrgent }) { try? await Task.sleep(for: Self.gathering) }
            guard !Task.isCancelled else { return }
            await keepAll(logger: logger)
        }
    }

    /// Keeps what came before ``finish()``. What cannot be kept then is lost, and said to be.
    func keepRest(logger: Logger) async {
        await keepAll(logger: logger)
        let left = state.withLock { $0.arrivals.reduce(0) { $0 + $1.batch.count } }
        if left > 0 {
            logger.error("Records were taken and could not be kept before the end.", metadata: ["count": "\(left)"])
        }
    }

    /// Ends ``keepOn(logger:)`` when what came is kept.
    func finish() {
        state.withLock { $0.isEnding = true }
        wake.finish()
    }

    private func keepAll(logger: Logger) async {
        while true {
            let arrivals = state.withLock { state -> [Arrival] in
                var size = 0
                var count = 0
                while count < state.arrivals.count, size < Self.atOnce {
                    size += state.arrivals[count].size
                    count += 1
                }
                let taken = Array(state.arrivals.prefix(count))
                state.arrivals.removeFirst(count)
                state.arrivedBytes -= size
                if state.arrivals.isEmpty { state.isUrgent = false }
                return taken
            }
            guard !arrivals.isEmpty else { return }
            do {
                let fates = try await archive.keep(arrivals.map { .init(source: $0.source, batch: $0.batch) })
                for (arrival, fate) in zip(arrivals, fates) { settle(arrival, fate) }
            } catch {
                logger.error("Records of logs cannot be kept.", metadata: ["error": "\(error.forTheLog)"])
                return await giveBack(arrivals, after: error)
            }
        }
    }

    private func settle(_ arrival: Arrival, _ fate: OrganisationArchive.Fate) {
        guard case .kept(let batch, let place) = fate else {
            arrival.kept?(.success(0))
            return leaveRoom(arrival.size, of: arrival.source)
        }
        arrival.kept?(.success(batch.count))
        guard let lane = lane(of: arrival.source) else { return leaveRoom(arrival.size, of: arrival.source) }
        lane.push(batch, from: place, size: arrival.size)
    }

    /// Who can send again is told so; the rest stays and is tried again, while nothing more fits and senders wait.
    private func giveBack(_ arrivals: [Arrival], after error: any Error) async {
        var left: [Arrival] = []
        for arrival in arrivals {
            guard let kept = arrival.kept else {
                left.append(arrival)
                continue
            }
            kept(.failure(error))
            leaveRoom(arrival.size, of: arrival.source)
        }
        state.withLock { state in
            state.arrivals = left + state.arrivals
            state.arrivedBytes += left.reduce(0) { $0 + $1.size }
        }
        guard !state.withLock({ $0.isEnding }) else { return }
        try? await Task.sleep(for: .seconds(1))
        wake.yield()
    }

    // MARK: - What came of it

    /// Takes what came of some records, to be written down.
    func deliver(_ outcome: LaneOutcome) {
        state.withLock { state in
            if state.outcomes[outcome.source]?.merge(outcome) == nil { state.outcomes[outcome.source] = outcome }
        }
    }

    /// Raises the alerts of what matched since the last time.
    ///
    /// What is new is written at once; what only adds to alerts that are there, every ten seconds, for each time rewrites them.
    ///
    /// - Parameters:
    ///   - node: This server.
    ///   - isLast: Nothing is waited for any more.
    func raise(at desk: AlertDesk, on node: String, at now: Instant, isLast: Bool) async throws {
        let outcomes = state.withLock { state -> [Identifier<WatchedLog>: LaneOutcome] in
            let keys = state.outcomes.values.flatMap(\.arrivals.keys)
            if !keys.isEmpty, !isLast, now < state.raisedAt + Self.pause, keys.allSatisfy(state.heard.contains) {
                return [:]
            }
            if !keys.isEmpty {
                if now >= state.raisedAt + Self.pause { state.heard = [] }
                state.heard.formUnion(keys)
                state.raisedAt = now
            }
            defer { state.outcomes = [:] }
            return state.outcomes
        }
        guard !outcomes.isEmpty else { return }
        var arrivals: [AlertArrival.Key: AlertArrival] = [:]
        for outcome in outcomes.values {
            for arrival in outcome.arrivals.values {
                if arrivals[arrival.key]?.add(arrival) == nil { arrivals[arrival.key] = arrival }
            }
        }
        if !arrivals.isEmpty {
            do {
                try await desk.raise(
                    arrivals.values.sorted { $0.firstAt < $1.firstAt }, progress: outcomes.compactMapValues(\.reached),
                    on: node, in: organisation)
            } catch {
                for outcome in outcomes.values { restore(outcome) }
                throw error
            }
        }
        state.withLock { state in
            for outcome in outcomes.values {
                var counted = outcome
                counted.arrivals = [:]
                if let older = state.uncounted[outcome.source] {
                    var both = older
                    both.merge(counted)
                    counted = both
                }
                state.uncounted[outcome.source] = counted
            }
        }
    }

    /// How long what adds to alerts is gathered.
    private static let pause = Period.seconds(10)

    private func restore(_ outcome: LaneOutcome) {
        state.withLock { state in
            var older = outcome
            if let newer = state.outcomes[outcome.source] { older.merge(newer) }
            state.outcomes[outcome.source] = older
        }
    }

    /// What is to be counted now.
    struct Counted {
        let hours: [LogHours]
        let places: [Identifier<WatchedLog>: RecordPlace]
        let learned: [LogProfile]
        /// All of it as it was, to be given back if it cannot be written down.
        let outcomes: [LaneOutcome]
    }

    /// What was counted since the last time, with what was lost.
    func takeCounted(at now: Instant) -> Counted {
        for lane in lanes {
            let lost = lane.takeLost()
            guard lost > 0 else { continue }
            var outcome = LaneOutcome(source: lane.source.id)
            outcome.counts[LogHours.hour(of: now), default: LogCounts()].lost += lost
            restoreCounted([outcome])
            lane.notice("records-lost", fields: [("count", "\(lost)")], at: now)
        }
        let outcomes = state.withLock { state in
            defer { state.uncounted = [:] }
            return state.uncounted
        }
        for outcome in outcomes.values {
            var counts = LogCounts()
            for hour in outcome.counts.values { counts += hour }
            // What cannot be read is an event too, all of it message.
            guard counts.faults >= Self.fewFaults, counts.faults * 2 > counts.events else { continue }
            lane(of: outcome.source)?.notice("records-unreadable", fields: [("count", "\(counts.faults)")], at: now)
        }
        let hours = outcomes.values.flatMap { outcome in
            outcome.counts.map { start, counts in
                LogHours(
                    source: outcome.source, start: start, counts: counts,
                    lastSeen: outcome.lastSeen.map { min($0, now) })
            }
        }
        return Counted(
            hours: hours, places: outcomes.compactMapValues(\.reached), learned: outcomes.values.compactMap(\.learned),
            outcomes: Array(outcomes.values))
    }

    /// Fewer records in another form than this are not told of.
    private static let fewFaults = 20

    /// Puts back what is still to be counted.
    func restoreCounted(_ outcomes: [LaneOutcome]) {
        state.withLock { state in
            for outcome in outcomes {
                var older = outcome
                if let newer = state.uncounted[outcome.source] { older.merge(newer) }
                state.uncounted[outcome.source] = older
            }
        }
    }

    /// Tells of sources from which nothing came for longer than they may be quiet, once each time.
    func noticeSilence(lastSeen: [Identifier<WatchedLog>: Instant], at now: Instant) {
        for lane in lanes {
            let seen = max(lane.lastSeen ?? .distantPast, lastSeen[lane.source.id] ?? lane.source.registeredAt)
            let isSilent = now - seen > lane.source.settings.silenceAfter
            let isNews = state.withLock { state in
                if isSilent { return state.silent.insert(lane.source.id).inserted }
                state.silent.remove(lane.source.id)
                return false
            }
            if isNews {
                lane.notice(
                    "source-silent", fields: [("silent_for", "\(now - seen)"), ("last_seen", "\(seen)")], at: now)
            }
        }
    }
}

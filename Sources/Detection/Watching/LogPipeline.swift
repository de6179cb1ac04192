import Foundation
import Kernel
import LogFormats
import Logging
import Store
import Synchronization

/// The way of every record on this server: room, archive, reading, matching, counting, alerts; for all organisations.
///
/// A record is kept before it is matched, so that nothing that matched was ever lost, and what was kept and not matched is
/// matched after a restart.
public final class LogPipeline<Intake: EvidenceIntake>: Sendable where Intake.Change == Change {
    private let logs: LogDesk<Intake>
    private let rules: RuleDesk
    private let alerts: AlertDesk
    private let archives: ArchiveDesk
    private let organisations: @Sendable () async throws -> [Identifier<Organisation>]
    private let clock: WallClock
    private let randomness: Randomness
    private let logger: Logger

    private let room = IntakeRoom()
    private let threads: OperationQueue
    private let width: Int

    private struct State {
        var watches: [Identifier<Organisation>: OrganisationWatch] = [:]
        var editions: [Identifier<Organisation>: [Int64]] = [:]
        var organisationOfSource: [Identifier<WatchedLog>: Identifier<Organisation>] = [:]
        var isRunning = false
    }

    private let state = Mutex(State())

    /// - Parameters:
    ///   - archives: Where records are kept.
    ///   - organisations: Tells whose logs are watched.
    ///   - width: How many threads match.
    public init(
        logs: LogDesk<Intake>, rules: RuleDesk, alerts: AlertDesk, archives: ArchiveDesk,
        organisations: @escaping @Sendable () async throws -> [Identifier<Organisation>], clock: WallClock,
        randomness: Randomness, logger: Logger, width: Int = ProcessInfo.processInfo.activeProcessorCount
    ) {
        self.logs = logs
        self.rules = rules
        self.alerts = alerts
        self.archives = archives
        self.organisations = organisations
        self.clock = clock
        self.randomness = randomness
        self.logger = logger
        self.width = max(1, width)
        threads = OperationQueue()
        threads.maxConcurrentOperationCount = max(1, width)
        threads.name = "vouchsafe.matching"
    }

    // MARK: - Running

    /// Keeps and matches what comes, until the task is cancelled; then what came so far.
    public func run() async {
        await withDiscardingTaskGroup { group in
            var round = 0
            while !Task.isCancelled {
                for watch in await takeUp() {
                    group.addTask { [logger] in await watch.run(logger: logger) }
                }
                state.withLock { $0.isRunning = true }
                await tend(round)
                round += 1
                do { try await Task.sleep(for: .milliseconds(500)) } catch { break }
            }
            state.withLock { $0.isRunning = false }
            // From here on nothing more is taken, and whoever waits for an answer gets one.
            for watch in watches { watch.finish() }
        }
        // Without the task's cancellation, which would keep the last of it from being written down.
        await Task {
            for watch in watches { await watch.keepRest(logger: logger) }
            while watches.contains(where: { $0.lanes.contains(where: \.isBusy) }) {
                try? await Task.sleep(for: .milliseconds(5))
            }
            await tend(0, isLast: true)
            for watch in watches { watch.archive.letGo() }
        }.value
    }

    private var watches: [OrganisationWatch] { state.withLock { Array($0.watches.values) } }

    /// Brings rules and sources up to date; what goes wrong with one organisation stops no other.
    ///
    /// - Returns: The watches that are new.
    private func takeUp() async -> [OrganisationWatch] {
        var new: [OrganisationWatch] = []
        do {
            for organisation in try await organisations() {
                do {
                    if let watch = try await takeUp(organisation) { new.append(watch) }
                } catch is CancellationError {
                    return new
                } catch {
                    logger.error(
                        "Logs of an organisation cannot be watched.", metadata: ["error": "\(error.forTheLog)"])
                }
            }
        } catch is CancellationError {
        } catch {
            logger.error("Logs cannot be watched.", metadata: ["error": "\(error.forTheLog)"])
        }
        return new
    }

    private func takeUp(_ organisation: Identifier<Organisation>) async throws -> OrganisationWatch? {
        let edition =
            try await rules.edition(of: organisation, as: .job(.detection))
            + [try await logs.edition(of: organisation, as: .job(.detection))]
        let (known, isUnchanged) = state.withLock { state in
            (state.watches[organisation], state.editions[organisation] == edition)
        }
        guard known == nil || !isUnchanged else { return nil }
        let sources = try await logs.sources(of: organisation, as: .job(.detection))
        // Without a source there is nothing to watch, and nothing in memory.
        if known == nil, sources.isEmpty { return nil }
        let ready = try await rules.ready(for: organisation, as: .job(.detection))
        let watch: OrganisationWatch
        if let known {
            watch = known
            watch.adopt(ready)
            watch.adopt(sources)
        } else {
            watch = OrganisationWatch(
                organisation, rules: ready,
                archive: OrganisationArchive(archives, of: organisation, randomness: randomness), room: room,
                threads: threads, width: width, counted: try await logs.counted(on: archives.node, for: organisation),
                raised: try await alerts.progress(on: archives.node, in: organisation))
            watch.adopt(sources)
        }
        state.withLock { state in
            state.watches[organisation] = watch
            state.editions[organisation] = edition
            state.organisationOfSource = state.organisationOfSource.filter { $0.value != organisation }
            for source in sources { state.organisationOfSource[source.id] = organisation }
        }
        return known == nil ? watch : nil
    }

    /// Writes down what came of it: alerts at once, counts every five seconds, the rest every minute.
    private func tend(_ round: Int, isLast: Bool = false) async {
        for watch in watches {
            do {
                if isLast || round % 10 == 0 { for lane in watch.lanes { lane.settle() } }
                // Told before it is looked whether everything is written down.
                let drained = watch.drained(watch.archive.closedSegments)
                try await watch.raise(at: alerts, on: archives.node, at: clock.now(), isLast: isLast)
                let isRaised = watch.isRaised
                if isLast || round % 10 == 0 {
                    try await count(watch, learns: isLast || round % 120 == 10)
                    if isRaised { try await watch.archive.writeDown(drained) }
                    // What was lost is noticed while it is counted.
                    if isLast { try await watch.raise(at: alerts, on: archives.node, at: clock.now(), isLast: true) }
                }
                if round % 120 == 0, !isLast { try await noticeSilence(watch) }
                if round % 20 == 0, !isLast { try await watch.archive.closeIfDue(at: clock.now()) }
            } catch is CancellationError {
                return
            } catch {
                logger.error("What logs brought cannot be written down.", metadata: ["error": "\(error.forTheLog)"])
            }
        }
    }

    private func count(_ watch: OrganisationWatch, learns: Bool) async throws {
        let counted = watch.takeCounted(at: clock.now())
        do {
            try await logs.count(counted.hours, upTo: counted.places, on: archives.node, for: watch.organisation)
        } catch {
            watch.restoreCounted(counted.outcomes)
            throw error
        }
        guard !counted.learned.isEmpty else { return }
        let known = try await logs.profiles(of: watch.organisation, as: .job(.detection))
        // The first look is written down soon, what is added to it later: each is an entry in the ledger.
        let news = counted.learned.filter { profile in
            known[profile.id].map { learns && $0.union(profile) != $0 } ?? true
        }
        try await logs.learn(news, of: watch.organisation, as: .job(.detection))
    }

    private func noticeSilence(_ watch: OrganisationWatch) async throws {
        watch.noticeSilence(
            lastSeen: try await logs.lastSeen(of: watch.organisation, as: .job(.detection)), at: clock.now())
    }

    // MARK: - Taking in

    /// Whether this server collects at all.
    public var isRunning: Bool { state.withLock { $0.isRunning } }

    /// The sources that this server takes records of, with whose they are.
    public var sources: [(organisation: Identifier<Organisation>, source: WatchedLog)] {
        watches.flatMap { watch in watch.lanes.map { (watch.organisation, $0.source) } }
    }

    private func lane(of source: Identifier<WatchedLog>) -> (OrganisationWatch, Lane)? {
        let watch = state.withLock { state in state.organisationOfSource[source].flatMap { state.watches[$0] } }
        guard let watch, let lane = watch.lane(of: source) else { return nil }
        return (watch, lane)
    }

    /// Takes records as soon as there is room; whoever waits keeps the sender waiting.
    ///
    /// - Throws: `CancellationError`, or `Problem` `log-source.not-found` for a source that was removed.
    public func accept(_ batch: LogBatch, of source: Identifier<WatchedLog>) async throws {
        guard let (watch, _) = lane(of: source) else { throw LogDesk<Intake>.notFound }
        try await room.wait(for: batch.size, of: watch.owner(source))
        watch.arrive(.init(source: source, batch: batch, size: batch.size, kept: nil))
    }

    /// Takes records if there is room now; otherwise they are dropped, and counted.
    public func offer(_ batch: LogBatch, of source: Identifier<WatchedLog>) -> Bool {
        guard let (watch, lane) = lane(of: source) else { return false }
        guard room.take(batch.size, of: watch.owner(source)) else {
            lane.lose(batch.count, because: "more came than could be taken")
            return false
        }
        watch.arrive(.init(source: source, batch: batch, size: batch.size, kept: nil))
        return true
    }

    /// Takes records and returns when they are on the disk.
    ///
    /// - Throws: `Problem` `logs.too-much` (with when to try again) if there is no room, `log-source.not-found`, or why they
    ///   could not be kept; whoever sent them sends them again then.
    ///
    /// - Returns: How many of them are new.
    public func store(_ batch: LogBatch, of source: Identifier<WatchedLog>) async throws -> Int {
        guard let (watch, _) = lane(of: source) else { throw LogDesk<Intake>.notFound }
        guard room.take(batch.size, of: watch.owner(source)) else {
            throw Problem(
                .tooMuch, code: "logs.too-much", "More records come from this source than can be taken now.",
                hint: "Send the same records again in a few seconds.", retryAfter: .seconds(2))
        }
        return try await withCheckedThrowingContinuation { continuation in
            watch.arrive(
                .init(source: source, batch: batch, size: batch.size) { continuation.resume(with: $0) })
        }
    }

    /// Counts records that could not be taken in.
    public func lose(_ count: Int, of source: Identifier<WatchedLog>, because reason: String) {
        lane(of: source)?.1.lose(count, because: reason)
    }

    /// Up to where a stream of a source was kept.
    ///
    /// - Throws: `CancellationError` while it is not known yet.
    public func position(of stream: String, from source: Identifier<WatchedLog>) async throws -> UInt64? {
        guard let (watch, _) = lane(of: source) else { return nil }
        try await watch.waitUntilResumed()
        return watch.archive.position(of: stream, from: source)
    }

    /// Whether a source may have a stream of this name: one that is known, or one more.
    public func mayHave(stream: String, of source: Identifier<WatchedLog>) async throws -> Bool {
        guard let (watch, _) = lane(of: source) else { return true }
        try await watch.waitUntilResumed()
        return watch.archive.position(of: stream, from: source) != nil
            || watch.archive.streamCount(of: source) < OrganisationArchive.streamLimit
    }

    /// How a source stands on this server; `nil` if it does not collect it.
    public func live(_ source: Identifier<WatchedLog>) -> LiveLog? { lane(of: source)?.1.live(at: clock.now()) }

    /// How many bytes are on their way.
    public var bytesOnTheirWay: Int { room.taken }
}

extension LogBatch {
    /// The room that it takes, in bytes, with what each record costs besides.
    var size: Int { bytes.count + 16 * ends.count + 64 }
}

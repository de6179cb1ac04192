import Commitments
import Detection
import Kernel
import LogReceivers
import Logging
import ServiceLifecycle

/// Collects logs while the server runs: listens for syslog, follows files and the journal, and brings what comes through the
/// pipeline. When the server stops, nothing more is read, and what was taken is kept.
struct LogCollecting: Service, CustomStringConvertible {
    var description: String { "log collection" }

    let pipeline: LogPipeline<EvidenceDesk>
    /// Where syslog is listened for; `nil` for nowhere.
    let syslog: SyslogSettings?
    let clock: WallClock
    let logger: Logger
    /// Told the ports that syslog is listened for on.
    let listening: @Sendable (SyslogPorts) -> Void

    func run() async throws {
        let collection = LogCollection(pipeline)
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { await pipeline.run() }
            try await cancelWhenGracefulShutdown { try await receive(with: collection) }
            group.cancelAll()
        }
    }

    private func receive(with collection: LogCollection) async throws {
        // Nobody is a stranger before it is known who is none.
        while !pipeline.isRunning {
            do { try await Task.sleep(for: .milliseconds(20)) } catch { return }
        }
        _ = collection.adopt(pipeline.sources.map(\.source))
        let listener = syslog.map { SyslogListener($0, intake: collection, clock: clock, listening: listening) }
        try await withThrowingTaskGroup(of: Void.self) { group in
            // A port that cannot be had ends the server: whoever asked for it must know.
            if let listener { group.addTask { try await listener.run() } }
            group.addTask { await follow(with: collection) }
            group.addTask { await tell(of: listener, collection) }
            try await group.waitForAll()
        }
    }

    /// Follows the files and the journal that are registered, as long as they are.
    private func follow(with collection: LogCollection) async {
        await withDiscardingTaskGroup { group in
            var followed: [Identifier<WatchedLog>: AsyncStream<Void>.Continuation] = [:]
            while !Task.isCancelled {
                let local = collection.adopt(pipeline.sources.map(\.source))
                for source in local where followed[source.id] == nil {
                    let (ends, end) = AsyncStream.makeStream(of: Void.self)
                    followed[source.id] = end
                    group.addTask { await follow(source, with: collection, until: ends) }
                }
                for (id, end) in followed where !local.contains(where: { $0.id == id }) {
                    end.finish()
                    followed[id] = nil
                }
                do { try await Task.sleep(for: .seconds(1)) } catch { break }
            }
            for end in followed.values { end.finish() }
        }
    }

    private func follow(
        _ source: WatchedLog, with collection: LogCollection, until ends: AsyncStream<Void>
    ) async {
        await withDiscardingTaskGroup { group in
            group.addTask {
                do {
                    switch source.settings.way {
                    case .file(let path):
                        try await FileFollower(path: path, intake: collection, clock: clock) { tell($0) }.run()
                    case .journal:
                        await JournalFollower(intake: collection, clock: clock) { tell($0) }.run()
                    default: break
                    }
                } catch is CancellationError {
                } catch {
                    logger.error("A log can no longer be followed.", metadata: ["error": "\(error.forTheLog)"])
                }
            }
            for await _ in ends {}
            group.cancelAll()
        }
    }

    private func tell(_ problem: Problem) {
        logger.warning("A log cannot be read at the moment.", metadata: ["code": "\(problem.code)"])
    }

    /// Counts what nobody else can tell of, and says so.
    private func tell(of listener: SyslogListener?, _ collection: LogCollection) async {
        var drops: UInt64 = 0
        var round = 0
        while (try? await Task.sleep(for: .seconds(5))) != nil {
            if let listener {
                collection.lost(Int(clamping: listener.kernelDrops - drops))
                drops = listener.kernelDrops
            }
            round += 1
            guard round % 12 == 0 else { continue }
            let refused = collection.takeRefused()
            if refused > 0 {
                logger.warning(
                    "Records came from senders that no log source names; they were refused.",
                    metadata: ["count": "\(refused)"])
            }
        }
    }
}

import Foundation
import Kernel
import LogFormats
import Logging
import Store
import StoreSQLite
import Synchronization
import TestSupport
import Vault

@testable import Detection

/// Takes evidence in and remembers it.
final class RecordingIntake: EvidenceIntake {
    let joined = Mutex<[Subject]>([])
    let left = Mutex<[Subject]>([])

    func receive(_ observations: [Observation], in change: Change) {}
    func join(_ subject: Subject, at moment: Instant, in change: Change) { joined.withLock { $0.append(subject) } }
    func leave(_ subject: Subject, at moment: Instant, in change: Change) { left.withLock { $0.append(subject) } }
}

/// The room with a database and a folder of its own.
struct Room: Sendable {
    static let node = "0123456789abcdef"

    let organisation = Identifier<Organisation>(high: 1, low: 1)
    let clock = MovableClock()
    let folder: TemporaryFolder
    let intake = RecordingIntake()
    let database: Database
    let logs: LogDesk<RecordingIntake>
    let rules: RuleDesk
    let alerts: AlertDesk
    let reviews: ReviewDesk<RecordingIntake>
    let archives: ArchiveDesk

    init() async throws {
        folder = try TemporaryFolder()
        database = try await Database.open(
            try SQLiteDriver(path: folder.database), key: try KeyEncryptionKey(bytes: [UInt8](repeating: 5, count: 32)),
            tables: LogDesk<RecordingIntake>.tables, migrations: LogDesk<RecordingIntake>.migrations,
            clock: clock.clock, randomness: .system)
        try await database.establish(organisation)
        logs = LogDesk(database: database, intake: intake, clock: clock.clock)
        rules = RuleDesk(database: database)
        alerts = AlertDesk(database: database)
        reviews = ReviewDesk(database: database, logs: logs)
        archives = ArchiveDesk(database: database, folder: "\(folder.path)/logs", node: Self.node)
    }

    func pipeline() -> LogPipeline<RecordingIntake> {
        LogPipeline(
            logs: logs, rules: rules, alerts: alerts, archives: archives,
            organisations: { [organisation] in [organisation] },
            clock: clock.clock, randomness: .system, logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() },
            width: 2)
    }

    /// Runs a pipeline for as long as `work` lasts, and until everything that it was given is written down.
    func running<T: Sendable>(_ work: @escaping @Sendable (LogPipeline<RecordingIntake>) async throws -> T) async throws
        -> T
    {
        let pipeline = pipeline()
        return try await withThrowingTaskGroup(of: T?.self) { group in
            group.addTask {
                await pipeline.run()
                return nil
            }
            group.addTask { try await work(pipeline) }
            var result: T?
            while let ended = try await group.next() {
                if let ended {
                    result = ended
                    group.cancelAll()
                }
            }
            guard let result else { throw Problem(.invalid, code: "test.ended", "The pipeline ended by itself.") }
            return result
        }
    }

    @discardableResult
    func source(
        _ name: String = "office", _ format: LogFormat = .syslog, silenceAfter: Period = .hours(24),
        mapping: [String: String] = [:], service: String? = nil
    ) async throws -> WatchedLog {
        try await logs.register(
            WatchedLog.Settings(
                name: name, format: format, way: .https, silenceAfter: silenceAfter, service: service,
                mapping: mapping),
            in: organisation, as: .operator)
    }

    func batch(_ records: [String], _ position: LogBatch.Position? = nil) -> LogBatch {
        var batch = LogBatch(receivedAt: clock.now, position: position)
        for record in records { batch.append(record.utf8) }
        return batch
    }

    /// Failed sign-ins from one address, a second apart.
    func failures(_ count: Int, from address: String = "203.0.113.7", host: String = "web1") -> [String] {
        (0..<count).map { index in
            let time = (clock.now + .seconds(index - count)).description
            return
                "<38>1 \(time) \(host) sshd 4\(index) - - Failed password for invalid user admin from \(address) port 4\(index) ssh2"
        }
    }

    /// What was counted in all.
    func counted(_ source: WatchedLog) async throws -> LogCounts {
        var counts = LogCounts()
        for hour in try await logs.hours(since: .distantPast, of: organisation, as: .operator)
        where hour.source == source.id { counts += hour.counts }
        return counts
    }

    var allAlerts: [Alert] {
        get async throws { try await alerts.alerts(Alert.State.allCases, of: organisation, as: .operator) }
    }
}

/// Stores a batch as soon as the pipeline has taken the source up.
extension LogPipeline {
    func keep(_ batch: LogBatch, of source: WatchedLog) async throws {
        for _ in 0..<60_000 {
            do {
                _ = try await store(batch, of: source.id)
                return
            } catch let problem as Problem
                where problem.code == "log-source.not-found" || problem.code == "logs.too-much"
            {
                try await Task.sleep(for: .milliseconds(5))
            }
        }
        throw Problem(.unavailable, code: "test.not-taken", "The source was never taken up.")
    }
}

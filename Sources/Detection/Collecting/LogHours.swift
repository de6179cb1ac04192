import Kernel
import Store

/// How much came from a source within an hour: counts only, so that a page can tell at any time. Disposable; what a review
/// signs is counted into a digest, which is evidence.
public struct LogHours: Hashable, Sendable {
    /// The source.
    public let source: Identifier<WatchedLog>
    /// When the hour began.
    public let start: Instant
    /// What was counted.
    public var counts: LogCounts
    /// When the last record came that was taken; `nil` if none was.
    public var lastSeen: Instant?

    static let table = TableDefinition(
        "log_hour", kind: .disposable,
        columns: [
            .blob("source"), .integer("start_at"), .integer("events"), .integer("faults"), .integer("matches"),
            .integer("lost"), .integer("last_seen"),
        ], primaryKey: ["source", "start_at"])

    /// The beginning of the hour that `moment` lies in.
    static func hour(of moment: Instant) -> Instant {
        let hour = Period.hours(1).milliseconds
        return Instant(milliseconds: moment.milliseconds - ((moment.milliseconds % hour) + hour) % hour)
    }
}

/// What is counted of a source.
public struct LogCounts: Hashable, Sendable {
    /// Events that were read.
    public var events = 0
    /// Records that are not in the form they should have.
    public var faults = 0
    /// Matches of rules, those that only serve correlations left out.
    public var matches = 0
    /// Records that were dropped or refused.
    public var lost = 0

    /// Nothing counted.
    public init() {}

    /// Adds both.
    public static func += (left: inout LogCounts, right: LogCounts) {
        left.events += right.events
        left.faults += right.faults
        left.matches += right.matches
        left.lost += right.lost
    }

    var isEmpty: Bool { events == 0 && faults == 0 && matches == 0 && lost == 0 }
}

extension LogDesk {
    /// Adds what was counted since the last time.
    ///
    /// - Parameter places: Up to which records that is, on the server `node`.
    func count(
        _ hours: [LogHours], upTo places: [Identifier<WatchedLog>: RecordPlace], on node: String,
        for organisation: Identifier<Organisation>
    ) async throws {
        guard !hours.isEmpty || !places.isEmpty else { return }
        try await database.scope(organisation, as: .job(.detection)).touch { touch in
            try MatchedPlace.write(places, on: node, in: touch)
            for hour in hours {
                try touch.execute(
                    LogHours.table,
                    """
                    INSERT INTO log_hour (organisation, source, start_at, events, faults, matches, lost, last_seen) \
                    VALUES (?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (organisation, source, start_at) DO \
                    UPDATE SET events = log_hour.events + excluded.events, faults = log_hour.faults + excluded.faults, \
                    matches = log_hour.matches + excluded.matches, lost = log_hour.lost + excluded.lost, \
                    last_seen = CASE WHEN excluded.last_seen > log_hour.last_seen THEN excluded.last_seen \
                    ELSE log_hour.last_seen END
                    """,
                    [
                        .blob(hour.source.bytes), .integer(hour.start.milliseconds),
                        .integer(Int64(hour.counts.events)), .integer(Int64(hour.counts.faults)),
                        .integer(Int64(hour.counts.matches)), .integer(Int64(hour.counts.lost)),
                        .integer(hour.lastSeen?.milliseconds ?? 0),
                    ])
            }
        }
    }

    /// Up to which records this server has counted.
    func counted(
        on node: String, for organisation: Identifier<Organisation>
    ) async throws -> [Identifier<WatchedLog>: RecordPlace] {
        try await database.scope(organisation, as: .job(.detection)).touch { try MatchedPlace.read(on: node, in: $0) }
    }

    /// What was counted from `start` on, oldest hour first.
    public func hours(
        since start: Instant, of organisation: Identifier<Organisation>, as principal: Principal
    ) async throws -> [LogHours] {
        try await database.scope(organisation, as: principal).touch { touch in
            var hours: [LogHours] = []
            try touch.rows(
                LogHours.table,
                """
                SELECT source, start_at, events, faults, matches, lost, last_seen FROM log_hour \
                WHERE organisation = ? AND start_at >= ? ORDER BY start_at
                """, [.integer(LogHours.hour(of: start).milliseconds)]
            ) { row in
                guard let source = Identifier<WatchedLog>(bytes: row.blob(0)) else { return }
                var counts = LogCounts()
                counts.events = Int(row.integer(2))
                counts.faults = Int(row.integer(3))
                counts.matches = Int(row.integer(4))
                counts.lost = Int(row.integer(5))
                hours.append(
                    LogHours(
                        source: source, start: Instant(milliseconds: row.integer(1)), counts: counts,
                        lastSeen: row.integer(6) > 0 ? Instant(milliseconds: row.integer(6)) : nil))
            }
            return hours
        }
    }

    /// When each source's last record came.
    public func lastSeen(
        of organisation: Identifier<Organisation>, as principal: Principal
    ) async throws -> [Identifier<WatchedLog>: Instant] {
        try await database.scope(organisation, as: principal).touch { touch in
            var seen: [Identifier<WatchedLog>: Instant] = [:]
            try touch.rows(
                LogHours.table,
                "SELECT source, MAX(last_seen) FROM log_hour WHERE organisation = ? AND last_seen > 0 GROUP BY source",
                []
            ) { row in
                if let source = Identifier<WatchedLog>(bytes: row.blob(0)) {
                    seen[source] = Instant(milliseconds: row.integer(1))
                }
            }
            return seen
        }
    }

    /// Forgets what was counted before `end`.
    public func forgetHours(
        before end: Instant, of organisation: Identifier<Organisation>, as principal: Principal
    ) async throws {
        try await database.scope(organisation, as: principal).touch { touch in
            try touch.execute(
                LogHours.table, "DELETE FROM log_hour WHERE organisation = ? AND start_at < ?",
                [.integer(end.milliseconds)])
        }
    }
}

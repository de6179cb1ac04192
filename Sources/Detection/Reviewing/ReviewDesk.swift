import Kernel
import Store

/// Makes a digest of each day, and keeps who reviewed it.
public struct ReviewDesk<Intake: EvidenceIntake>: Sendable where Intake.Change == Change {
    private let database: Database
    private let logs: LogDesk<Intake>

    /// A desk over `database`; `logs` tells what came.
    public init(database: Database, logs: LogDesk<Intake>) {
        self.database = database
        self.logs = logs
    }

    /// The most days that are made up for at once, after the server did not run.
    private static var mostDays: Int { 31 }

    /// How long after its end a day is counted: what is on its way arrives first.
    private static var settling: Period { .minutes(5) }

    /// Makes the digests of the days that are over and have none, from the first day with a source on.
    ///
    /// - Returns: How many were made.
    @discardableResult
    public func makeDue(for organisation: Identifier<Organisation>, at now: Instant) async throws -> Int {
        let sources = try await logs.everySource(of: organisation, as: .job(.detection))
        guard let first = sources.map(\.registeredAt).min() else { return 0 }
        let newest = try await database.scope(organisation, as: .job(.detection)).read { view in
            try view.list(LogDigest.self, Query(order: "start_at DESC", limit: 1)).first?.record.start
        }
        let today = (now - Self.settling).startOfDay
        var day = newest.map { $0 + .days(1) } ?? first.startOfDay
        day = max(day, today - .days(Self.mostDays))
        var made = 0
        while day < today {
            let present = sources.filter { $0.registeredAt < day + .days(1) && ($0.removedAt ?? .distantFuture) > day }
            if !present.isEmpty, try await make(day, of: present, in: organisation) { made += 1 }
            day = day + .days(1)
        }
        return made
    }

    private func make(
        _ day: Instant, of sources: [WatchedLog], in organisation: Identifier<Organisation>
    ) async throws -> Bool {
        let end = day + .days(1)
        let hours = try await logs.hours(since: day, of: organisation, as: .job(.detection)).filter { $0.start < end }
        let bySource = Dictionary(grouping: hours, by: \.source)
        do {
            try await database.scope(organisation, as: .job(.detection)).change("log-digest.made") { change in
                let settings = try change.view.detectionSettings()
                let alerts = try change.view.list(
                    Alert.self,
                    Query(
                        "raised_at >= ? AND raised_at < ?", [.integer(day.milliseconds), .integer(end.milliseconds)],
                        order: "raised_at", limit: 10_000)
                ).map(\.record)
                let lines = sources.map { source in
                    let hours = bySource[source.id] ?? []
                    let from = max(day, LogHours.hour(of: source.registeredAt))
                    let until = max(from, min(end, source.removedAt ?? end))
                    let expected = Int((until - from).milliseconds / Period.hours(1).milliseconds)
                    return LogDigest.Line(
                        source: source.id, name: source.settings.name,
                        events: hours.reduce(0) { $0 + $1.counts.events },
                        faults: hours.reduce(0) { $0 + $1.counts.faults + $1.counts.lost },
                        silentHours: max(0, expected - hours.count { $0.counts.events + $0.counts.faults > 0 }),
                        alerts: Dictionary(
                            alerts.filter { $0.sources.contains(source.id) }.map { ($0.level.rawValue, 1) },
                            uniquingKeysWith: +))
                }
                try change.insert(
                    LogDigest(
                        id: change.newIdentifier(), start: day, dueAt: end + .days(settings.reviewDays), lines: lines))
            }
            return true
        } catch let problem as Problem where problem.kind == .conflict {
            // Another server made it.
            return false
        }
    }

    /// Signs a day: somebody looked, found this, and left that out.
    ///
    /// - Throws: `Problem` `log_digest.not-found`, `review.signed` (conflict), `review.findings`.
    @discardableResult
    public func sign(
        _ id: String, findings: String, exceptions: String, in organisation: Identifier<Organisation>,
        as principal: Principal
    ) async throws -> LogDigest {
        let findings = try ReasonText(findings, code: "review.findings", field: "findings").text
        let exceptions = String(exceptions.prefix(4000))
        guard let id = Identifier<LogDigest>(id) else {
            throw Problem(.notFound, code: "log_digest.not-found", "There is no such day to review here.")
        }
        return try await database.scope(organisation, as: principal).change("logs.reviewed", on: "log-digest:\(id)") {
            change in
            let stored = try change.view.require(LogDigest.self, id)
            guard stored.record.signature == nil else {
                throw Problem(.conflict, code: "review.signed", "Somebody signed this day already.")
            }
            var signed = stored.record
            signed.signature = LogDigest.Signature(
                by: principal.actor, at: change.now, findings: findings, exceptions: exceptions)
            try change.update(stored, to: signed)
            return signed
        }
    }

    /// The days that nobody signed, oldest first, and those that somebody did, newest first.
    ///
    /// - Parameter limit: The most signed days.
    public func digests(
        signed limit: Int = 60, of organisation: Identifier<Organisation>, as principal: Principal
    ) async throws -> (waiting: [LogDigest], signed: [LogDigest]) {
        try await database.scope(organisation, as: principal).read { view in
            (
                try view.list(LogDigest.self, Query("signed_at IS NULL", order: "start_at")).map(\.record),
                try view.list(LogDigest.self, Query("signed_at IS NOT NULL", order: "start_at DESC", limit: limit))
                    .map(\.record)
            )
        }
    }
}

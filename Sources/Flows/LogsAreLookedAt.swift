import Commitments
import Detection
import Kernel
import Sigma
import Store

extension Rooms {
    /// Looks at every log source, the rules and the alerts, and hands over what the checks on them show; makes the digests of
    /// the days that are over.
    ///
    /// - Parameter isCollecting: Whether this server takes records and matches them.
    public func reportLogs(
        _ checks: [CheckID], isCollecting: Bool, for organisation: Identifier<Organisation>
    ) async throws {
        let principal = Principal.job(.detection)
        let now = clock.now()
        try await logReviews.makeDue(for: organisation, at: now)
        let sources = try await logs.sources(of: organisation, as: principal)
        guard !sources.isEmpty else { return }
        let found = try await measureLogs(sources, isCollecting: isCollecting, of: organisation, at: now)
        try await database.scope(organisation, as: principal).change("logs.checked") { [evidence, found] change in
            try evidence.receive(
                found.filter { checks.contains($0.check.id) }.map {
                    Observation(
                        check: $0.check.id, subject: $0.subject, measurement: $0.measurement, observedAt: now,
                        receivedAt: change.now, expiresAt: now + $0.check.freshness)
                }, in: change)
        }
    }

    private struct Found: Sendable {
        let check: Check
        let subject: Subject
        let measurement: Measurement
    }

    private func measureLogs(
        _ sources: [WatchedLog], isCollecting: Bool, of organisation: Identifier<Organisation>, at now: Instant
    ) async throws -> [Found] {
        let principal = Principal.job(.detection)
        let lastSeen = try await logs.lastSeen(of: organisation, as: principal)
        let hours = Dictionary(
            grouping: try await logs.hours(since: now - .hours(24), of: organisation, as: principal), by: \.source)
        let digests = try await logReviews.digests(signed: 400, of: organisation, as: principal)
        let rules = try await detectionRules.ready(for: organisation, as: principal)
        let profiles = try await logs.profiles(of: organisation, as: principal)
        let alerts = try await alerts.standings(since: now - .days(30), of: organisation, as: principal)
        var found: [Found] = []
        for check in DetectionChecks.ofSources {
            for source in sources {
                var counts = LogCounts()
                for hour in hours[source.id] ?? [] { counts += hour.counts }
                found.append(
                    Found(
                        check: check, subject: source.subject,
                        measurement: check.id == DetectionChecks.collected
                            ? DetectionJudgement.collected(
                                source, lastSeen: lastSeen[source.id], lastDay: counts, at: now)
                            : DetectionJudgement.reviewed(
                                source, waiting: digests.waiting, signed: digests.signed, at: now)))
            }
        }
        let canFire = sources.compactMap { source in
            profiles[source.id].map { (source.settings.name, RuleCoverage(rules, profile: $0).canFire.count) }
        }
        for check in DetectionChecks.ofRules {
            found.append(
                Found(
                    check: check, subject: DetectionChecks.rules(of: organisation),
                    measurement: DetectionJudgement.rulesRunning(
                        rules.descriptions.count, rejected: rules.ruleSet.rejected.count, canFire: canFire,
                        isRunning: isCollecting)))
        }
        for check in DetectionChecks.ofAlerts {
            found.append(
                Found(
                    check: check, subject: DetectionChecks.alerts(of: organisation),
                    measurement: check.id == DetectionChecks.alertsHandled
                        ? DetectionJudgement.alertsHandled(alerts, at: now)
                        : DetectionJudgement.timeToReact(alerts, at: now)))
        }
        return found
    }

    /// Destroys the records whose time is over, on this server, and forgets old counts.
    ///
    /// - Returns: How many segments went.
    @discardableResult
    public func forgetLogs(
        in archives: ArchiveDesk, for organisation: Identifier<Organisation>
    ) async throws -> Int {
        let principal = Principal.job(.detection)
        let settings = try await logs.settings(of: organisation, as: principal)
        let end = clock.now() - .days(settings.retentionDays)
        try await logs.forgetHours(before: clock.now() - .days(400), of: organisation, as: principal)
        return try await archives.delete(before: end, in: organisation, as: principal)
    }
}

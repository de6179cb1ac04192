import Kernel

/// Judges what the checks of this room measure; pure, so that a table of cases says what it does.
public enum DetectionJudgement {
    /// Whether records of a source come.
    public static func collected(
        _ source: WatchedLog, lastSeen: Instant?, lastDay counts: LogCounts, at now: Instant
    ) -> Measurement {
        guard let lastSeen else {
            let isNew = now - source.registeredAt < source.settings.silenceAfter
            return Measurement(
                isNew ? .unknown : .fail, value: "no record came so far",
                fix: "Have its records sent here, or remove the source; its page says how.")
        }
        // To the second: nobody cares for less, and it reads better.
        let quiet = Period(milliseconds: (now - lastSeen).milliseconds / 1000 * 1000)
        let evidence = [
            Evidence(
                source: "the counts of the last 24 hours",
                content:
                    "\(counts.events) events, \(counts.faults) records in another form, \(counts.lost) lost; last at \(lastSeen)"
            )
        ]
        guard quiet <= source.settings.silenceAfter else {
            return Measurement(
                .fail, value: "silent for \(quiet), longer than \(source.settings.silenceAfter)", evidence: evidence,
                fix: "Look whether the machine runs and still sends its records here.")
        }
        return Measurement(
            .pass, value: "\(counts.events) events within 24 hours, the last \(quiet) ago", evidence: evidence)
    }

    /// Whether every day of a source was reviewed in time.
    ///
    /// - Parameters:
    ///   - waiting: The days that nobody signed, oldest first.
    ///   - signed: Those that somebody did, newest first.
    public static func reviewed(
        _ source: WatchedLog, waiting: [LogDigest], signed: [LogDigest], at now: Instant
    ) -> Measurement {
        let mine = waiting.filter { $0.lines.contains { $0.source == source.id } }
        let newest = signed.first { $0.lines.contains { $0.source == source.id } }
        let evidence = [newest].compactMap { $0 }.map {
            Evidence(
                source: "the review of \($0.day)",
                content: "signed at \($0.signature?.at.description ?? "?") by \($0.signature?.by ?? "?")")
        }
        if let overdue = mine.first(where: { $0.dueAt < now }) {
            let count = mine.count { $0.dueAt < now }
            return Measurement(
                .fail,
                value: "\(count) \(count == 1 ? "day was" : "days were") not reviewed in time, first \(overdue.day)",
                evidence: evidence, fix: "Review the days that wait under Logs, Reviews, and sign them.")
        }
        guard let newest else {
            return Measurement(
                .unknown, value: mine.isEmpty ? "no whole day so far" : "the first day waits for its review",
                fix: "Review the first day when it is over.")
        }
        return Measurement(.pass, value: "reviewed up to \(newest.day)", evidence: evidence)
    }

    /// Whether rules run and can see something in each source.
    ///
    /// - Parameters:
    ///   - canFire: For each source that events came from, how many rules can match there.
    ///   - isRunning: Whether this server matches anything at all.
    public static func rulesRunning(
        _ rules: Int, rejected: Int, canFire: [(name: String, rules: Int)], isRunning: Bool
    ) -> Measurement {
        guard isRunning else {
            return Measurement(
                .unknown, value: "this server collects no logs", fix: "Run `vouchsafe serve` with its jobs.")
        }
        let evidence =
            [Evidence(source: "the rules", content: "\(rules) in use, \(rejected) rejected")]
            + canFire.prefix(50).map { Evidence(source: $0.name, content: "\($0.rules) rules can match there") }
        guard !canFire.isEmpty else {
            return Measurement(
                .unknown, value: "\(rules) rules, and no event to match so far", evidence: evidence,
                fix: "Register log sources and have their records sent here.")
        }
        let blind = canFire.filter { $0.rules == 0 }
        guard blind.isEmpty else {
            return Measurement(
                .fail, value: "no rule can match in \(blind.count) of \(canFire.count) sources", evidence: evidence,
                fix: "Install rules for \(blind.prefix(3).map(\.name).joined(separator: ", ")), or map their fields.")
        }
        return Measurement(
            .pass, value: "\(rules) rules; some can match in each of \(canFire.count) sources", evidence: evidence)
    }

    /// Whether somebody saw to each alert.
    public static func alertsHandled(_ alerts: [AlertStanding], at now: Instant) -> Measurement {
        let late = alerts.filter { $0.state == .open && $0.isOverdue(at: now) }
        let handled = alerts.count { $0.state != .open }
        guard late.isEmpty else {
            return Measurement(
                .fail, value: "\(late.count) of \(alerts.count) alerts wait beyond their time", evidence: shown(late),
                fix: "See to the alerts that nobody has acknowledged.")
        }
        return Measurement(.pass, value: "\(handled) of \(alerts.count) alerts seen to, none waits beyond its time")
    }

    /// Whether somebody reacted to each alert in time.
    public static func timeToReact(_ alerts: [AlertStanding], at now: Instant) -> Measurement {
        let late = alerts.filter { $0.isOverdue(at: now) }
        let timed = alerts.count { $0.dueAt != nil }
        guard late.isEmpty else {
            return Measurement(
                .fail, value: "\(late.count) of \(timed) alerts were not acknowledged in time", evidence: shown(late),
                fix: "Agree who looks at alerts, and when; tune rules that call for nothing.")
        }
        return Measurement(
            .pass, value: "all \(timed) alerts with a time were acknowledged in time, or still are in it")
    }

    private static func shown(_ alerts: [AlertStanding]) -> [Evidence] {
        alerts.prefix(20).map {
            Evidence(
                source: "alert \($0.id)",
                content: "\($0.level.rawValue), raised at \($0.raisedAt), due at \($0.dueAt?.description ?? "-")")
        }
    }
}

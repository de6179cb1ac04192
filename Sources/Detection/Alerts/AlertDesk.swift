import Kernel
import Sigma
import Store

/// Raises alerts, and keeps what people do about them.
public struct AlertDesk: Sendable {
    private let database: Database

    /// A desk over `database`.
    public init(database: Database) {
        self.database = database
    }

    /// Raises alerts for what matched, or counts it on those that are there.
    ///
    /// - Parameters:
    ///   - progress: Up to where this brings each source, on the server `node`.
    /// - Returns: How many alerts are new.
    @discardableResult
    func raise(
        _ arrivals: [AlertArrival], progress: [Identifier<WatchedLog>: RecordPlace], on node: String,
        in organisation: Identifier<Organisation>
    ) async throws -> Int {
        try await database.scope(organisation, as: .job(.detection)).change("alerts.raised") { change in
            var raising = try AlertRaising(in: change)
            for arrival in arrivals { try raising.raise(arrival) }
            try Self.advance(to: progress, on: node, in: change)
            return raising.new
        }
    }

    private static func advance(
        to progress: [Identifier<WatchedLog>: RecordPlace], on node: String, in change: Change
    ) throws {
        let id = LogProgress.id(of: node)
        let stored = try change.view.find(LogProgress.self, id)
        var reached = stored?.record ?? LogProgress(id: id)
        reached.advance(progress)
        if let stored {
            try change.update(stored, to: reached)
        } else {
            try change.insert(reached)
        }
    }

    /// Up to where the alerts of a server's records are in.
    func progress(
        on node: String, in organisation: Identifier<Organisation>
    ) async throws -> [Identifier<WatchedLog>: RecordPlace] {
        try await database.scope(organisation, as: .job(.detection)).read {
            try $0.find(LogProgress.self, LogProgress.id(of: node))?.record.places ?? [:]
        }
    }

    // MARK: - Seeing to alerts

    /// Says that somebody is at an alert.
    ///
    /// - Throws: `Problem` `alert.not-found`, `alert.acknowledged`, `alert.closed`.
    @discardableResult
    public func acknowledge(
        _ id: String, note: String, in organisation: Identifier<Organisation>, as principal: Principal
    ) async throws -> Alert {
        try await edit(id, "alert.acknowledged", in: organisation, as: principal) { alert, now in
            try alert.acknowledge(note: String(note.prefix(4000)), by: principal.actor, at: now)
        }
    }

    /// Says that an alert is over, and what came of it.
    ///
    /// - Throws: `Problem` `alert.not-found`, `alert.closed`, `alert.note` if nothing is said about it.
    @discardableResult
    public func close(
        _ id: String, as outcome: Alert.Outcome, note: String, in organisation: Identifier<Organisation>,
        as principal: Principal
    ) async throws -> Alert {
        let note = try ReasonText(note, code: "alert.note", field: "note").text
        return try await edit(id, "alert.closed", in: organisation, as: principal) { alert, now in
            try alert.close(as: outcome, note: note, by: principal.actor, at: now)
        }
    }

    private func edit(
        _ id: String, _ action: String, in organisation: Identifier<Organisation>, as principal: Principal,
        _ work: @escaping @Sendable (inout Alert, Instant) throws -> Void
    ) async throws -> Alert {
        let id = try Self.identifier(id)
        return try await database.scope(organisation, as: principal).change(action, on: "alert:\(id)") { change in
            let stored = try change.view.require(Alert.self, id)
            var alert = stored.record
            try work(&alert, change.now)
            try change.update(stored, to: alert)
            return alert
        }
    }

    // MARK: - Keeping rules quiet

    /// Keeps the rule of an alert quiet for some days.
    ///
    /// - Throws: `Problem` `alert.not-found`, `suppression.reason`, `suppression.days`.
    @discardableResult
    public func suppress(
        ruleOf alert: String, days: Int, because reason: String, in organisation: Identifier<Organisation>,
        as principal: Principal
    ) async throws -> AlertSuppression {
        let reason = try ReasonText(reason, code: "suppression.reason").text
        guard (1...AlertSuppression.longestDays).contains(days) else {
            throw Problem(
                .invalid, code: "suppression.days",
                "A rule is kept quiet for 1 to \(AlertSuppression.longestDays) days.",
                hint: "For longer than that, tune it.", place: Problem.Place(field: "days"))
        }
        let id = try Self.identifier(alert)
        return try await database.scope(organisation, as: principal).change("rule.suppressed", on: "alert:\(id)") {
            change in
            let alert = try change.view.require(Alert.self, id).record
            let suppression = AlertSuppression(
                id: change.newIdentifier(), rule: alert.rule, title: alert.title, reason: reason,
                by: principal.actor, since: change.now, until: change.now + .days(days))
            try change.insert(suppression)
            return suppression
        }
    }

    /// Lets a rule be heard again.
    ///
    /// - Throws: `Problem` `alert_suppression.not-found`.
    public func endSuppression(
        _ id: String, in organisation: Identifier<Organisation>, as principal: Principal
    ) async throws {
        try await database.scope(organisation, as: principal).change("rule.heard-again", on: "suppression:\(id)") {
            change in
            guard let id = Identifier<AlertSuppression>(id) else {
                throw Problem(.notFound, code: "alert_suppression.not-found", "There is no such suppression here.")
            }
            let stored = try change.view.require(AlertSuppression.self, id)
            guard stored.record.until > change.now else { return }
            var ended = stored.record
            ended.until = change.now
            try change.update(stored, to: ended)
        }
    }

    /// What is kept quiet now.
    public func suppressions(
        of organisation: Identifier<Organisation>, at now: Instant, as principal: Principal
    ) async throws -> [AlertSuppression] {
        try await database.scope(organisation, as: principal).read { view in
            try view.list(
                AlertSuppression.self, Query("until_at > ?", [.integer(now.milliseconds)], order: "until_at")
            ).map(\.record)
        }
    }

    // MARK: - Reading

    /// The alerts in these states: open ones that wait beyond their time first, then the newest.
    public func alerts(
        _ states: [Alert.State], limit: Int = 500, at now: Instant = .distantPast,
        of organisation: Identifier<Organisation>, as principal: Principal
    ) async throws -> [Alert] {
        guard !states.isEmpty else { return [] }
        return try await database.scope(organisation, as: principal).read { view in
            let late =
                states.contains(.open)
                ? try view.list(
                    Alert.self,
                    Query(
                        "state = ? AND due_at < ?",
                        [.text(Alert.State.open.rawValue), .integer(now.milliseconds)], order: "due_at", limit: limit)
                ).map(\.record) : []
            let known = Set(late.map(\.id))
            let newest = try view.list(
                Alert.self,
                Query(
                    states.map { _ in "state = ?" }.joined(separator: " OR "), states.map { .text($0.rawValue) },
                    order: "raised_at DESC", limit: limit)
            ).map(\.record)
            return Array((late + newest.filter { !known.contains($0.id) }).prefix(limit))
        }
    }

    /// How the alerts stand that were raised from a moment on, and those that are open however old, oldest first. Nothing of them is opened.
    public func standings(
        since start: Instant, of organisation: Identifier<Organisation>, as principal: Principal
    ) async throws -> [AlertStanding] {
        try await database.scope(organisation, as: principal).read { view in
            var standings: [AlertStanding] = []
            try view.columns(
                of: Alert.self,
                ["id", "state", "level", "raised_at", "due_at", "acknowledged_at", "count", "rule_key", "outcome"],
                Query(
                    "raised_at >= ? OR state = ?",
                    [.integer(start.milliseconds), .text(Alert.State.open.rawValue)], order: "raised_at")
            ) { row in
                if let standing = AlertStanding(row) { standings.append(standing) }
            }
            return standings
        }
    }

    /// By which keyed hash the alerts of each rule are counted.
    public func ruleKeys(
        of rules: [String], in organisation: Identifier<Organisation>, as principal: Principal
    ) async throws -> [String: [UInt8]] {
        try await database.scope(organisation, as: principal).read { view in
            Dictionary(rules.map { ($0, view.blindIndex(Alert.table, "rule_key", of: $0)) }) { first, _ in first }
        }
    }

    /// The newest alert of each of these, for what people call its rule.
    public func newest(
        of ruleKeys: [[UInt8]], in organisation: Identifier<Organisation>, as principal: Principal
    ) async throws -> [[UInt8]: Alert] {
        try await database.scope(organisation, as: principal).read { view in
            var newest: [[UInt8]: Alert] = [:]
            for key in ruleKeys {
                newest[key] = try view.list(
                    Alert.self, Query("rule_key = ?", [.blob(key)], order: "raised_at DESC", limit: 1)
                ).first?.record
            }
            return newest
        }
    }

    /// One alert with its events, which the ledger records.
    ///
    /// - Throws: `Problem` `alert.not-found`.
    public func open(
        _ id: String, in organisation: Identifier<Organisation>, as principal: Principal
    ) async throws -> Alert {
        let id = try Self.identifier(id)
        return try await database.scope(organisation, as: principal).change("evidence.opened", on: "alert:\(id)") {
            try $0.view.require(Alert.self, id).record
        }
    }

    /// How many are open of each level, and how many of these nobody acknowledged in time.
    public func standing(
        of organisation: Identifier<Organisation>, at now: Instant, as principal: Principal
    ) async throws -> (open: [Severity: Int], overdue: Int, edition: Int64) {
        try await database.scope(organisation, as: principal).read { view in
            var open: [Severity: Int] = [:]
            for level in Severity.allCases {
                let count = try view.count(
                    Alert.self,
                    Query("state = ? AND level = ?", [.text(Alert.State.open.rawValue), .text(level.rawValue)]))
                if count > 0 { open[level] = count }
            }
            let overdue = try view.count(
                Alert.self,
                Query(
                    "state = ? AND due_at < ?", [.text(Alert.State.open.rawValue), .integer(now.milliseconds)]))
            return (open, overdue, try view.newestEntry(of: Alert.self))
        }
    }

    /// The newest entry of the ledger that wrote an alert: it grows with each change of them.
    public func edition(of organisation: Identifier<Organisation>, as principal: Principal) async throws -> Int64 {
        try await database.scope(organisation, as: principal).read { try $0.newestEntry(of: Alert.self) }
    }

    private static func identifier(_ text: String) throws(Problem) -> Identifier<Alert> {
        guard let id = Identifier<Alert>(text) else {
            throw Problem(.notFound, code: "alert.not-found", "There is no such alert here.")
        }
        return id
    }
}

extension Alert {
    init(
        _ arrival: AlertArrival, id: Identifier<Alert>, key: [UInt8], ruleKey: [UInt8], at now: Instant,
        settings: DetectionSettings
    ) {
        let rule = arrival.rule
        let level = rule.level ?? .medium
        self.init(
            id: id, rule: arrival.key.rule, title: rule.title, level: level,
            words: RuleWords(
                description: rule.description, author: rule.author, license: rule.license,
                references: rule.references, falsePositives: rule.falsePositives, tags: rule.tags),
            group: arrival.key.group, raisedAt: now, dueAt: settings.due(level, from: now),
            sources: [arrival.source], count: arrival.count, firstAt: arrival.firstAt, lastAt: arrival.lastAt,
            events: Array(arrival.events.prefix(2 * Self.shownEvents)), key: key, ruleKey: ruleKey)
    }
}

extension Job {
    /// Collects logs, matches them, raises alerts, and keeps and forgets records.
    public static let detection = Job(
        "detection", in: .everywhere,
        may: [
            "alerts.raised", "log-source.learned", "log-segment.begun", "log-segment.closed", "log-segment.deleted",
            "log-digest.made", "logs.checked",
        ])
}

import Detection
import Foundation
import Kernel
import Store
import Wire

extension Rooms {
    /// The alerts in some state: those that nobody saw to in time first, then the newest.
    ///
    /// - Parameter showing: `open` for those that are not closed, or `acknowledged`, `closed`, `all`.
    /// - Throws: `Problem` `route.query` for another word.
    public func alerts(
        showing: String, of organisation: Identifier<Organisation>, as principal: Principal
    ) async throws -> AlertOverview {
        let states: [Alert.State] =
            switch showing {
            case "acknowledged": [.acknowledged]
            case "closed": [.closed]
            case "all": Alert.State.allCases
            case "open": [.open, .acknowledged]
            default:
                throw Problem(
                    .invalid, code: "route.query", "There is no such state of alerts.",
                    hint: "One of open, acknowledged, closed and all.", place: Problem.Place(field: "state"))
            }
        let now = clock.now()
        let standing = try await alerts.standing(of: organisation, at: now, as: principal)
        let names = try await logNames(of: organisation, as: principal)
        let found = try await alerts.alerts(states, at: now, of: organisation, as: principal)
        return AlertOverview(
            alerts: found.sorted { Self.urgency($0, at: now) < Self.urgency($1, at: now) }.map {
                AlertSummary($0, names: names)
            }, open: Dictionary(uniqueKeysWithValues: standing.open.map { ($0.key.rawValue, $0.value) }),
            overdue: standing.overdue, edition: max(0, Int(standing.edition)))
    }

    private static func urgency(_ alert: Alert, at now: Instant) -> (Int, Int64) {
        let isLate = alert.state == .open && alert.isOverdue(at: now)
        return (isLate ? 0 : 1, -alert.lastAt.milliseconds)
    }

    /// One alert with what matched, which the ledger records.
    ///
    /// - Throws: `Problem` of kind `notFound`.
    public func alert(
        _ id: String, of organisation: Identifier<Organisation>, as principal: Principal
    ) async throws -> AlertDetail {
        let alert = try await alerts.open(id, in: organisation, as: principal)
        let names = try await logNames(of: organisation, as: principal)
        let people = try await actorNames(
            of: alert.steps.map(\.by), in: organisation, as: principal)
        let events = alert.events.map { event in
            AlertEvent(
                at: event.at, source: names[event.source] ?? "unknown", fields: Self.fields(of: event.json))
        }
        return AlertDetail(
            alert: AlertSummary(alert, names: names), events: events, description: alert.words.description,
            author: alert.words.author, license: alert.words.license, references: alert.words.references,
            falsePositives: alert.words.falsePositives, tags: alert.words.tags,
            steps: alert.steps.map {
                AlertStep(at: $0.at, who: people[$0.by] ?? $0.by, what: $0.what, note: $0.note)
            }, tunable: Self.tunable(alert))
    }

    /// Tunes the rule of an alert by one field of its events.
    ///
    /// - Parameter choice: The place of the field among those that the alert offers.
    /// - Throws: `Problem` of kind `notFound`, `tuning.choice`, `tuning.reason`.
    @discardableResult
    public func tune(
        ruleOf id: String, choice: Int, because reason: String, in organisation: Identifier<Organisation>,
        as principal: Principal
    ) async throws -> RuleTuning {
        let alert = try await alerts.open(id, in: organisation, as: principal)
        let offered = Self.tunable(alert)
        guard offered.indices.contains(choice) else {
            throw Problem(
                .invalid, code: "tuning.choice", "Choose by which field the rule is to be tuned.",
                place: Problem.Place(field: "choice"))
        }
        return try await detectionRules.tune(
            alert.rule, titled: alert.title, field: offered[choice].name, value: offered[choice].value,
            because: reason, in: organisation, as: principal)
    }

    /// What its events have in common: fields with the same short value in every one that is kept.
    private static func tunable(_ alert: Alert) -> [AlertEvent.Field] {
        let all = alert.events.map { fields(of: $0.json) }
        guard let first = all.first else { return [] }
        // What a list holds is compared element by element, and a bar in a name would be a modifier.
        let lists = Set(alert.events.flatMap { listFields(of: $0.json) })
        return first.filter { field in
            !field.value.isEmpty && field.value.utf8.count <= 200 && !untunable.contains(field.name)
                && !field.name.contains("|") && !lists.contains(field.name)
                && all.allSatisfy { $0.contains(field) }
        }.prefix(40).map { $0 }
    }

    /// What differs from event to event, or says nothing of what is known to be harmless.
    private static let untunable: Set<String> = [
        "timestamp", "@timestamp", "time", "procid", "facility", "severity", "msgid", "EventRecordID",
    ]

    /// The fields of an event in the order of their names; what was cut is shown as it is.
    private static func fields(of json: String) -> [AlertEvent.Field] {
        guard let object = try? JSONSerialization.jsonObject(with: Data(json.utf8)) as? [String: Any] else {
            return [AlertEvent.Field(name: "event", value: json)]
        }
        var fields: [AlertEvent.Field] = []
        collect(object, under: "", into: &fields)
        return fields.sorted { $0.name < $1.name }
    }

    private static func listFields(of json: String) -> [String] {
        guard let object = try? JSONSerialization.jsonObject(with: Data(json.utf8)) as? [String: Any] else { return [] }
        var names: [String] = []
        func look(_ object: [String: Any], under path: String) {
            for (name, value) in object {
                let name = path.isEmpty ? name : "\(path).\(name)"
                if value is [Any] { names.append(name) }
                if let inner = value as? [String: Any] { look(inner, under: name) }
            }
        }
        look(object, under: "")
        return names
    }

    private static func collect(_ object: [String: Any], under path: String, into fields: inout [AlertEvent.Field]) {
        for (name, value) in object where fields.count < 300 {
            let name = path.isEmpty ? name : "\(path).\(name)"
            switch value {
            case let inner as [String: Any]: collect(inner, under: name, into: &fields)
            case let list as [Any]:
                fields.append(
                    AlertEvent.Field(name: name, value: list.map { "\($0)" }.joined(separator: ", ")))
            case is NSNull: fields.append(AlertEvent.Field(name: name, value: ""))
            default: fields.append(AlertEvent.Field(name: name, value: "\(value)"))
            }
        }
    }

    /// The names of log sources, those that are gone too.
    func logNames(
        of organisation: Identifier<Organisation>, as principal: Principal
    ) async throws -> [Identifier<WatchedLog>: String] {
        Dictionary(
            try await logs.everySource(of: organisation, as: principal).map { ($0.id, $0.settings.name) }
        ) { first, _ in first }
    }

    /// The names of those whom the ledger names as actors: people by name, others in words.
    func actorNames(
        of actors: [String], in organisation: Identifier<Organisation>, as principal: Principal
    ) async throws -> [String: String] {
        guard !actors.isEmpty else { return [:] }
        let people = try await peopleNames(of: organisation, as: principal)
        return Dictionary(
            actors.map { actor in
                let name = Identifier<Person>(actor: actor).map { people[$0] ?? "somebody who is gone" }
                return (
                    actor,
                    name ?? (actor == "operator" ? "the operator" : actor.hasPrefix("token:") ? "a program" : actor)
                )
            }
        ) { first, _ in first }
    }
}

extension AlertSummary {
    init(_ alert: Alert, names: [Identifier<WatchedLog>: String]) {
        self.init(
            id: alert.id.description, title: alert.title, rule: alert.rule, level: alert.level,
            state: alert.state.rawValue, sources: alert.sources.map { names[$0] ?? "unknown" }, group: alert.group,
            count: alert.count, firstAt: alert.firstAt, lastAt: alert.lastAt, dueAt: alert.dueAt,
            acknowledgedAt: alert.acknowledgedAt, outcome: alert.outcome?.rawValue)
    }
}

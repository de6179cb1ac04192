import Flows
import Identity
import Kernel
import LogFormats
import Sigma
import Store
import TestSupport

@testable import Detection

/// Log sources, alerts and digests in which an organisation's word stands.
extension World {
    func logSource(_ name: String, of tenant: Tenant) async throws -> String {
        try await Self.logSource(name, of: tenant, in: rooms)
    }

    func alert(_ word: String, from log: String, of tenant: Tenant) async throws -> String {
        try await Self.alert("\(word)-\(randomText(4))", from: log, of: tenant, in: rooms)
    }

    func digest(_ word: String, about log: String, of tenant: Tenant) async throws -> String {
        try await Self.digest(word, about: log, of: tenant, in: rooms, at: clock.now)
    }

    static func logSource(_ name: String, of tenant: Tenant, in rooms: Rooms) async throws -> String {
        try await rooms.logs.register(
            WatchedLog.Settings(name: name, format: .json, way: .https, mapping: ["\(name)-from": "\(name)-to"]),
            in: tenant.id, as: .operator
        ).id.description
    }

    /// An alert of its own, whatever others there are.
    static func alert(
        _ word: String, from log: String, of tenant: Tenant, in rooms: Rooms
    ) async throws -> String {
        let source = try await rooms.logs.find(log, in: tenant.id, as: .operator)
        let arrival = try await arrival(word, from: source, of: tenant, in: rooms)
        try await rooms.alerts.raise([arrival], progress: [:], on: "0123456789abcdef", in: tenant.id)
        let found = try await rooms.alerts.alerts([.open], of: tenant.id, as: .operator).first {
            $0.group == arrival.key.group
        }
        guard let found else { throw Problem(.invalid, code: "test.no-alert", "The alert was not raised.") }
        return found.id.description
    }

    /// What only shows once there is some of it: counts, settings, rules of one's own, an alert that waits beyond its time.
    static func beginLogs(
        _ word: String, from log: String, of tenant: Tenant, in rooms: Rooms, at now: Instant
    ) async throws {
        let source = try await rooms.logs.find(log, in: tenant.id, as: .operator)
        var counts = LogCounts()
        counts.events = 7
        try await rooms.logs.count(
            [LogHours(source: source.id, start: LogHours.hour(of: now), counts: counts, lastSeen: now)], upTo: [:],
            on: "0123456789abcdef", for: tenant.id)
        try await rooms.logs.decide({ $0.retentionDays = 100 }, in: tenant.id, as: .operator)
        _ = try await rooms.detectionRules.install(
            InstalledRules.own, named: "\(word)-rules", in: tenant.id, as: .operator)
        let arrival = try await Self.arrival(word, from: source, of: tenant, in: rooms)
        try await rooms.database.scope(tenant.id, as: .operator).change("alerts.raised") { change in
            try change.insert(
                Alert(
                    arrival, id: change.newIdentifier(), key: [1], ruleKey: [1], at: now - .days(2),
                    settings: try change.view.detectionSettings()))
        }
    }

    private static func arrival(
        _ word: String, from source: WatchedLog, of tenant: Tenant, in rooms: Rooms
    ) async throws -> AlertArrival {
        let ready = try await rooms.detectionRules.ready(for: tenant.id, as: .operator)
        guard let rule = ready.descriptions.first else {
            throw Problem(.invalid, code: "test.no-rule", "There is no rule of our own.")
        }
        let now = rooms.clock.now()
        let event = Alert.Event(at: now, source: source.id, json: #"{"user":"\#(word)-user"}"#)
        return AlertArrival(
            key: AlertArrival.Key(rule: "\(word)-rule", source: nil, group: ["user": "\(word)-user"]), rule: rule,
            source: source.id, count: 1, firstAt: now, lastAt: now, events: [event])
    }

    /// A day that waits for its review: one that no other digest is about.
    static func digest(
        _ word: String, about log: String, of tenant: Tenant, in rooms: Rooms, at now: Instant
    ) async throws -> String {
        let source = try await rooms.logs.find(log, in: tenant.id, as: .operator)
        return try await rooms.database.scope(tenant.id, as: .operator).change("log-digest.made") { change in
            let first = try change.view.list(LogDigest.self, Query(order: "start_at", limit: 1)).first?.record.start
            let digest = LogDigest(
                id: change.newIdentifier(), start: (first ?? now.startOfDay) - .days(1), dueAt: now + .days(3),
                lines: [
                    LogDigest.Line(
                        source: source.id, name: "\(word)-log", events: 1, faults: 0, silentHours: 0, alerts: [:])
                ])
            try change.insert(digest)
            return digest.id.description
        }
    }
}

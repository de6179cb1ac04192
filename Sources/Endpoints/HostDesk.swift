import Kernel
import Store

/// Enrols hosts, takes their reports, and retires them.
public struct HostDesk<Intake: EvidenceIntake>: Sendable where Intake.Change == Change {
    private let database: Database
    private let intake: Intake

    /// A desk over `database` that hands what hosts report to `intake`.
    public init(database: Database, intake: Intake) {
        self.database = database
        self.intake = intake
    }

    /// Takes a host into the population. From now on every commitment about hosts is about it too.
    public func enrol(
        _ name: String, node: String?, in organisation: Identifier<Organisation>, as principal: Principal
    ) async throws -> Host {
        let scope = database.scope(organisation, as: principal)
        return try await scope.change("host.enrolled") { [intake] change in
            let host = Host(
                id: change.newIdentifier(), name: name, node: node, enrolledAt: change.now,
                retiredAt: nil)
            try change.insert(host)
            try intake.join(host.subject, at: change.now, in: change)
            return host
        }
    }

    /// Takes a host out of the population; what was observed of it stays.
    public func retire(_ id: Identifier<Host>, in organisation: Identifier<Organisation>, as principal: Principal)
        async throws
    {
        let scope = database.scope(organisation, as: principal)
        try await scope.change("host.retired", on: "host:\(id)") { [intake] change in
            let host = try change.view.require(Host.self, id)
            guard host.record.retiredAt == nil else { return }
            try change.update(host, to: host.record.retired(at: change.now))
            try intake.leave(host.record.subject, at: change.now, in: change)
        }
    }

    /// Takes what was measured on a host.
    ///
    /// - Parameters:
    ///   - measurements: One for each check that ran.
    ///   - observedAt: When the host was looked at.
    public func report(
        _ measurements: [(check: Check, measurement: Measurement)], of host: Host, observedAt: Instant,
        in organisation: Identifier<Organisation>, as principal: Principal
    ) async throws {
        let scope = database.scope(organisation, as: principal)
        try await scope.change("host.reported", on: "host:\(host.id)") { [intake] change in
            // A clock that runs ahead must not keep evidence fresh for longer.
            let observedAt = min(observedAt, change.now)
            try intake.receive(
                measurements.map { check, measurement in
                    Observation(
                        check: check.id, subject: host.subject, measurement: measurement, observedAt: observedAt,
                        receivedAt: change.now, expiresAt: observedAt + check.freshness)
                }, in: change)
        }
    }

    /// The hosts that are enrolled now, oldest first.
    public func hosts(of organisation: Identifier<Organisation>, as principal: Principal) async throws -> [Host] {
        try await database.scope(organisation, as: principal).read { view in
            try view.list(Host.self, Query("retired_at IS NULL", order: "enrolled_at")).map(\.record)
        }
    }
}

extension HostDesk {
    /// The record tables of this room, for the ledger's verification.
    public static var tables: [RecordTable] { [Host.table] }

    /// The schema of this room.
    public static var migrations: [Migration] { [Migration("endpoints.1", creates: tables.map(\.definition))] }
}

import Endpoints
import Kernel
import Store

/// Looks at the machine that it runs on: one measurement for each check that was asked for.
public typealias PostureCollector = @Sendable (_ checks: [CheckID]) async -> [(check: Check, measurement: Measurement)]

extension Rooms {
    /// Looks at this machine once and reports what was seen for every organisation that has it enrolled.
    ///
    /// - Parameter node: The server that looks, which sees the machine it runs on and no other.
    /// - Returns: How many measurements were handed over.
    public func reportPosture(
        of checks: [CheckID], with collect: PostureCollector, on node: String,
        for organisation: Identifier<Organisation>
    ) async throws -> Int {
        let principal = Principal.job(.checks)
        let machines = try await hosts.hosts(of: organisation, as: principal).filter { $0.node == node }
        guard !machines.isEmpty else { return 0 }
        let observedAt = clock.now()
        let measurements = await collect(checks)
        for machine in machines {
            try await hosts.report(
                measurements, of: machine, observedAt: observedAt, in: organisation, as: principal)
        }
        return measurements.count * machines.count
    }

    /// Enrols the machine `name` that the server `node` runs on, where it is not yet: a further server on one database.
    public func enrolNode(_ node: String, on name: String, in organisation: Identifier<Organisation>) async throws {
        let principal = Principal.job(.checks)
        guard try await !hosts.hosts(of: organisation, as: principal).contains(where: { $0.node == node }) else {
            return
        }
        _ = try await hosts.enrol(name, node: node, in: organisation, as: principal)
    }
}

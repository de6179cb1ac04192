import Endpoints
import Kernel
import Store

/// Looks at the machine that it runs on: one measurement for each check that was asked for.
public typealias PostureCollector = @Sendable (_ checks: [CheckID]) async -> [(check: Check, measurement: Measurement)]

extension Rooms {
    /// Looks at this machine once and reports what was seen for every organisation that has it enrolled.
    ///
    /// - Returns: How many measurements were handed over.
    public func reportPosture(
        of checks: [CheckID], with collect: PostureCollector, for organisation: Identifier<Organisation>
    ) async throws -> Int {
        let principal = Principal.job("checks")
        let machines = try await hosts.hosts(of: organisation, as: principal).filter(\.isThisMachine)
        guard !machines.isEmpty else { return 0 }
        let observedAt = clock.now()
        let measurements = await collect(checks)
        for machine in machines {
            try await hosts.report(
                measurements, of: machine, observedAt: observedAt, in: organisation, as: principal)
        }
        return measurements.count * machines.count
    }
}

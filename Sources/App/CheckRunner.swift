import Flows
import Identity
import Jobs
import Kernel
import Posture
import Store
import Synchronization

/// Runs the checks that are due, for every organisation.
final class CheckRunner: Sendable {
    private let rooms: Rooms
    private let schedule: Schedule
    private let collectors: Collectors
    /// After a start everything is looked at once: what was seen before may be long past.
    private let isFirstRound = Mutex(true)

    private let firstRoundDone: @Sendable () async -> Void

    init(
        rooms: Rooms, schedule: Schedule, collectors: Collectors, firstRoundDone: @escaping @Sendable () async -> Void
    ) {
        self.firstRoundDone = firstRoundDone
        self.rooms = rooms
        self.schedule = schedule
        self.collectors = collectors
    }

    func runDue() async throws {
        let everything = isFirstRound.withLock { first in
            defer { first = false }
            return first
        }
        for tenant in try await rooms.identity.tenants(as: .job("checks")) {
            let due = try await schedule.takeDue(Installation.catalogue, for: tenant.id, everything: everything)
            let posture = due.filter { PostureCatalogue.check($0) != nil }
            if !posture.isEmpty {
                _ = try await rooms.reportPosture(of: posture, with: collectors.posture, for: tenant.id)
            }
            let own = due.filter { PostureCatalogue.check($0) == nil }
            if !own.isEmpty { try await rooms.reportSelfChecks(own, with: collectors.selfChecks, for: tenant.id) }
            if everything { try await rooms.publishChanges(for: tenant.id) }
        }
        if everything { await firstRoundDone() }
    }
}

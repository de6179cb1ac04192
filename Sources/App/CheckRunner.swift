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
    /// This server, which looks at the machine it runs on.
    private let node: String
    private let machine: String
    /// After a start everything is looked at once: what was seen before may be long past.
    private let isFirstRound = Mutex(true)

    private let firstRoundDone: @Sendable () async -> Void

    init(
        rooms: Rooms, schedule: Schedule, collectors: Collectors, node: String, machine: String,
        firstRoundDone: @escaping @Sendable () async -> Void
    ) {
        self.firstRoundDone = firstRoundDone
        self.rooms = rooms
        self.schedule = schedule
        self.collectors = collectors
        self.node = node
        self.machine = machine
    }

    func runDue() async throws {
        let everything = isFirstRound.withLock { first in
            defer { first = false }
            return first
        }
        let posture = Installation.catalogue.filter { PostureCatalogue.check($0.id) != nil }
        let own = Installation.catalogue.filter { PostureCatalogue.check($0.id) == nil }
        for tenant in try await rooms.identity.tenants(as: .job("checks")) {
            if everything { try await rooms.enrolNode(node, on: machine, in: tenant.id) }
            // Each machine is looked at from itself; what concerns the installation, by whichever server comes first.
            try await run(posture, at: node, for: tenant.id, everything: everything) { [self] ids in
                _ = try await rooms.reportPosture(of: ids, with: collectors.posture, on: node, for: tenant.id)
            }
            try await run(own, at: "", for: tenant.id, everything: everything) { [self] ids in
                try await rooms.reportSelfChecks(ids, with: collectors.selfChecks, for: tenant.id)
            }
            if everything { try await rooms.publishChanges(for: tenant.id) }
        }
        if everything { await firstRoundDone() }
    }

    private func run(
        _ checks: [Check], at place: String, for organisation: Identifier<Organisation>, everything: Bool,
        _ work: ([CheckID]) async throws -> Void
    ) async throws {
        let taken = try await schedule.takeDue(checks, at: place, for: organisation, everything: everything)
        guard !taken.isEmpty else { return }
        do {
            try await work(taken.map(\.check))
            try await schedule.finish(taken, for: organisation)
        } catch {
            try await schedule.giveBack(taken, for: organisation)
            throw error
        }
    }
}

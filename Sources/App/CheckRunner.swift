import Detection
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
    /// The right to sign, where several servers share the database.
    private let signer: SignerLease?
    /// After a start everything is looked at once: what was seen before may be long past. Here stand the organisations for
    /// which that is done; one for which it failed is tried again from the moment beside it.
    private let firstLooks = Mutex<[Identifier<Organisation>: FirstLook]>([:])
    private let isFirstRound = Mutex(true)

    private enum FirstLook {
        case done
        case failed(again: Instant)
    }

    /// How long after a failure an organisation gets its first look again; until then its checks come when they are due.
    private static let pause = Period.minutes(1)

    /// Whether logs are collected here.
    private let isCollecting: @Sendable () -> Bool
    private let firstRoundDone: @Sendable () async -> Void

    init(
        rooms: Rooms, schedule: Schedule, collectors: Collectors, node: String, machine: String,
        signer: SignerLease?, isCollecting: @escaping @Sendable () -> Bool,
        firstRoundDone: @escaping @Sendable () async -> Void
    ) {
        self.isCollecting = isCollecting
        self.firstRoundDone = firstRoundDone
        self.rooms = rooms
        self.schedule = schedule
        self.collectors = collectors
        self.node = node
        self.machine = machine
        self.signer = signer
    }

    /// Runs what is due for every organisation; what goes wrong for one keeps no other from its turn.
    func runDue() async throws {
        let tenants = try await rooms.identity.tenants(as: .job(.checks))
        var failure: (any Error)?
        do {
            try await EachInTurn.run(tenants.map(\.id)) { try await runDue(for: $0) }
        } catch is CancellationError {
            throw CancellationError()
        } catch {
            failure = error
        }
        let isFirst = isFirstRound.withLock { first in
            defer { first = false }
            return first
        }
        if isFirst { await firstRoundDone() }
        if let failure { throw failure }
    }

    private func runDue(for organisation: Identifier<Organisation>) async throws {
        let now = rooms.clock.now()
        let everything = firstLooks.withLock { looks in
            switch looks[organisation] {
            case .done: false
            case .failed(let again): again <= now
            case nil: true
            }
        }
        if everything { firstLooks.withLock { $0[organisation] = .failed(again: now + Self.pause) } }
        if everything { try await rooms.enrolNode(node, on: machine, in: organisation) }
        // Each machine is looked at from itself; what concerns the installation, by whichever server comes first.
        let posture = Installation.catalogue.filter { PostureCatalogue.check($0.id) != nil }
        try await run(posture, at: node, for: organisation, everything: everything) { [self] ids in
            _ = try await rooms.reportPosture(of: ids, with: collectors.posture, on: node, for: organisation)
        }
        try await run(PeopleChecks.ofPeople, at: "", for: organisation, everything: everything) { [self] ids in
            try await rooms.reportPeople(ids, for: organisation)
        }
        try await run(DetectionChecks.all, at: "", for: organisation, everything: everything) { [self] ids in
            try await rooms.reportLogs(ids, isCollecting: isCollecting(), for: organisation)
        }
        let own = SelfChecks.checks
        try await run(own, at: "", for: organisation, everything: everything) { [self] ids in
            try await rooms.reportSelfChecks(ids, with: collectors.selfChecks, for: organisation)
        }
        guard everything else { return }
        try await publish(for: organisation)
        firstLooks.withLock { $0[organisation] = .done }
    }

    /// So that the first look's verdicts are out when it counts as done; where another server signs, that one publishes.
    private func publish(for organisation: Identifier<Organisation>) async throws {
        let lease = try await signer?.lease(for: organisation)
        guard signer == nil || lease != nil else { return }
        do {
            try await rooms.publishChanges(for: organisation, under: lease)
        } catch let problem as Problem where problem.code == "ledger.not-signer" {
            // The right to sign was renewed or taken over while this judged; whoever has it signs.
        }
    }

    private func run(
        _ checks: [Check], at place: String, for organisation: Identifier<Organisation>, everything: Bool,
        _ work: ([CheckID]) async throws -> Void
    ) async throws {
        let taken = try await schedule.takeDue(
            checks.map { Schedule.Errand($0, at: place) }, for: organisation, everything: everything)
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

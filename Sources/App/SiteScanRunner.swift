import Flows
import Identity
import Jobs
import Kernel
import ScanResults
import Scanning
import Store

/// Scans the sites that are due, for every organisation, several at once.
final class SiteScanRunner: Sendable {
    private let rooms: Rooms
    private let schedule: Schedule
    private let scanner: SiteScanner
    private let pause: Duration

    /// How many sites are scanned at once, of all organisations together.
    private static let width = 8

    /// One organisation's site that is due.
    private struct Turn: Sendable {
        let organisation: Identifier<Organisation>
        let site: WatchedSite
    }

    private enum Event: Sendable {
        case ended(Identifier<WatchedSite>, (any Error)?)
        case time
    }

    /// - Parameter pause: How long until it is looked for what became due while others are scanned: a scan that somebody asks for
    ///   waits for no slow site.
    init(rooms: Rooms, schedule: Schedule, scanner: @escaping SiteScanner, pause: Duration = .seconds(5)) {
        self.rooms = rooms
        self.schedule = schedule
        self.scanner = scanner
        self.pause = pause
    }

    /// Scans what is due, and what becomes due meanwhile, until nothing is; what goes wrong with one site or one organisation
    /// keeps no other from its turn.
    ///
    /// - Throws: The first of what went wrong, when what was begun has ended; `CancellationError`.
    func runDue() async throws {
        try await withThrowingTaskGroup(of: Event.self) { group in
            var (waiting, failure) = try await due()
            var running: Set<Identifier<WatchedSite>> = []
            if !waiting.isEmpty { wait(in: &group) }
            while true {
                while running.count < Self.width, let turn = waiting.popFirst() {
                    guard running.insert(turn.site.id).inserted else { continue }
                    group.addTask {
                        do {
                            try await self.scan(turn)
                            return .ended(turn.site.id, nil)
                        } catch { return .ended(turn.site.id, error) }
                    }
                }
                guard !running.isEmpty, let event = try await group.next() else { break }
                switch event {
                case .ended(let site, let problem):
                    running.remove(site)
                    failure = failure ?? problem
                case .time:
                    // After a failure the round comes to its end, so that the failure is told.
                    guard failure == nil, !Task.isCancelled else { continue }
                    (waiting, failure) = try await due()
                    wait(in: &group)
                }
                if Task.isCancelled { waiting = [] }
            }
            group.cancelAll()
            try Task.checkCancellation()
            if let failure { throw failure }
        }
    }

    private func wait(in group: inout ThrowingTaskGroup<Event, any Error>) {
        group.addTask {
            try? await Task.sleep(for: self.pause)
            return .time
        }
    }

    /// The sites of every organisation that are due, and what went wrong with finding them.
    private func due() async throws -> (ArraySlice<Turn>, (any Error)?) {
        var waiting: [[Turn]] = []
        var failure: (any Error)?
        for tenant in try await rooms.identity.tenants(as: .job(.scans)) {
            do {
                waiting.append(try await due(for: tenant.id))
            } catch is CancellationError {
                throw CancellationError()
            } catch {
                failure = failure ?? error
            }
        }
        return (Self.byTurns(waiting)[...], failure)
    }

    private func due(for organisation: Identifier<Organisation>) async throws -> [Turn] {
        let sites = try await rooms.sites.sites(of: organisation, as: .job(.scans))
        guard !sites.isEmpty else { return [] }
        let due = Set(try await schedule.due(sites.flatMap(Self.errands), for: organisation).map(\.place))
        return sites.filter { due.contains($0.id.description) }.map { Turn(organisation: organisation, site: $0) }
    }

    private static func errands(_ site: WatchedSite) -> [Schedule.Errand] {
        site.checks.map { Schedule.Errand($0, at: site.id.description) }
    }

    /// The first of each organisation, then the second of each, and so on: who has many sites delays nobody's first.
    private static func byTurns(_ waiting: [[Turn]]) -> [Turn] {
        (0..<(waiting.map(\.count).max() ?? 0)).flatMap { place in
            waiting.compactMap { place < $0.count ? $0[place] : nil }
        }
    }

    private func scan(_ turn: Turn) async throws {
        // The lease begins with the scan: a site that waited for its turn is not taken over by another server meanwhile.
        let taken = try await schedule.takeDue(Self.errands(turn.site), for: turn.organisation)
        guard !taken.isEmpty else { return }
        do {
            let kinds = Set(taken.map { SiteChecks.kind(of: $0.check) })
            try await rooms.scan(turn.site, for: kinds, with: scanner, in: turn.organisation, as: .job(.scans))
            try await schedule.finish(taken, for: turn.organisation)
        } catch let problem as Problem where problem.code == "site.not-found" {
            // It was removed while it was scanned.
            try await schedule.finish(taken, for: turn.organisation)
        } catch {
            try await schedule.giveBack(taken, for: turn.organisation)
            throw error
        }
    }
}

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

    /// How many sites are scanned at once, of all organisations together.
    private static let width = 8

    /// One organisation's site that is due.
    private struct Turn: Sendable {
        let organisation: Identifier<Organisation>
        let site: WatchedSite
    }

    init(rooms: Rooms, schedule: Schedule, scanner: @escaping SiteScanner) {
        self.rooms = rooms
        self.schedule = schedule
        self.scanner = scanner
    }

    /// Scans what is due; what goes wrong with one site or one organisation keeps no other from its turn.
    func runDue() async throws {
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
        failure = try await run(Self.byTurns(waiting)) ?? failure
        if let failure { throw failure }
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

    /// Scans a few at a time.
    ///
    /// - Returns: The first of what went wrong.
    private func run(_ turns: [Turn]) async throws -> (any Error)? {
        try await withThrowingTaskGroup(of: (any Error)?.self) { group in
            var rest = turns[...]
            var failure: (any Error)?
            let begin = { (group: inout ThrowingTaskGroup<(any Error)?, any Error>) in
                guard let turn = rest.popFirst() else { return }
                group.addTask {
                    do {
                        try await self.scan(turn)
                        return nil
                    } catch { return error }
                }
            }
            for _ in 0..<Self.width { begin(&group) }
            while let ended = try await group.next() {
                failure = failure ?? ended
                if !Task.isCancelled { begin(&group) }
            }
            try Task.checkCancellation()
            return failure
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

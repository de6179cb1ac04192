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

    /// How many sites are scanned at once.
    private static let width = 8
    /// How many checks of one organisation are taken at once, so that none waits long for another's.
    private static let share = 256

    init(rooms: Rooms, schedule: Schedule, scanner: @escaping SiteScanner) {
        self.rooms = rooms
        self.schedule = schedule
        self.scanner = scanner
    }

    /// Scans what is due until nothing is; what goes wrong with one site keeps no other from its turn.
    func runDue() async throws {
        let tenants = try await rooms.identity.tenants(as: .job(.scans))
        var hasMore = true
        while hasMore {
            hasMore = false
            try await EachInTurn.run(tenants.map(\.id)) { organisation in
                if try await runSome(for: organisation) { hasMore = true }
            }
        }
    }

    /// - Returns: Whether something was due.
    private func runSome(for organisation: Identifier<Organisation>) async throws -> Bool {
        let sites = try await rooms.sites.sites(of: organisation, as: .job(.scans))
        let errands = sites.flatMap { site in site.checks.map { Schedule.Errand($0, at: site.id.description) } }
        let taken = try await schedule.takeDue(errands, for: organisation, limit: Self.share)
        let bySite = Dictionary(grouping: taken, by: \.place)
        try await run(sites.filter { bySite[$0.id.description] != nil }) { [self] site in
            try await scan(site, taken: bySite[site.id.description] ?? [], for: organisation)
        }
        return !taken.isEmpty
    }

    /// Does `work` for each of `sites`, a few at once; the first error is thrown when all are done.
    private func run(
        _ sites: [WatchedSite], _ work: @escaping @Sendable (WatchedSite) async throws -> Void
    ) async throws {
        try await withThrowingTaskGroup(of: (any Error)?.self) { group in
            var rest = sites[...]
            var failure: (any Error)?
            let begin = { (group: inout ThrowingTaskGroup<(any Error)?, any Error>) in
                guard let site = rest.popFirst() else { return }
                group.addTask {
                    do {
                        try await work(site)
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
            if let failure { throw failure }
        }
    }

    private func scan(
        _ site: WatchedSite, taken: [Schedule.Taken], for organisation: Identifier<Organisation>
    ) async throws {
        do {
            let kinds = Set(taken.map { SiteChecks.kind(of: $0.check) })
            try await rooms.scan(site, for: kinds, with: scanner, in: organisation, as: .job(.scans))
            try await schedule.finish(taken, for: organisation)
        } catch {
            try await schedule.giveBack(taken, for: organisation)
            throw error
        }
    }
}

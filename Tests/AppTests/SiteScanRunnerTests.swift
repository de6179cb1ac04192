import Flows
import Identity
import Jobs
import Kernel
import ScanResults
import Scanning
import Store
import StoreSQLite
import Synchronization
import TestSupport
import Testing
import Vault

@testable import App

@Suite("Which site is scanned when")
struct SiteScanRunnerTests {
    private let folder: TemporaryFolder
    private let clock = MovableClock()
    private let rooms: Rooms
    private let schedule: Schedule
    /// The same schedule as another server sees it.
    private let other: Schedule

    init() async throws {
        folder = try TemporaryFolder()
        let database = try await Database.open(
            try SQLiteDriver(path: folder.database), key: try KeyEncryptionKey(bytes: [UInt8](repeating: 6, count: 32)),
            tables: Rooms.tables, migrations: Rooms.migrations + Schedule.migrations, clock: clock.clock,
            randomness: seededRandomness(1))
        rooms = Rooms(
            database: database, catalogue: SiteChecks.all, clock: clock.clock, randomness: seededRandomness(2))
        schedule = Schedule(database: database, clock: clock.clock, randomness: seededRandomness(3))
        other = Schedule(database: database, clock: clock.clock, randomness: seededRandomness(4))
    }

    private func register(_ names: [String], for name: String) async throws -> Identifier<Organisation> {
        let tenant = try await rooms.found(name, machine: "here", node: "here", as: .operator)
        for site in names {
            try await rooms.sites.register(
                WatchedSite.Settings(address: site, kinds: [.web]), in: tenant.id, as: .operator)
        }
        return tenant.id
    }

    /// Notes which sites are scanned, in their order.
    private func run(_ scanner: @escaping @Sendable (String) async -> Void = { _ in }) async throws -> [String] {
        let seen = Mutex<[String]>([])
        let clock = clock
        let runner = SiteScanRunner(
            rooms: rooms, schedule: schedule,
            scanner: { site, _ in
                seen.withLock { $0.append(site.name) }
                await scanner(site.name)
                let problem = Problem(.unavailable, code: "probe.refused", "\(site.name) takes no connection.")
                return [SiteLook(.web, failedBy: problem, at: clock.now)]
            }, pause: .milliseconds(10))
        try await runner.runDue()
        return seen.withLock { $0 }
    }

    @Test("each is scanned when it is due, and the one with many sites keeps nobody waiting")
    func turns() async throws {
        _ = try await register((0..<30).map { "many-\($0).test" }, for: "Many Ltd")
        _ = try await register(["one.test"], for: "One Ltd")
        let first = try await run()
        #expect(Set(first).count == 31)
        #expect(try #require(first.firstIndex(of: "one.test")) < 8)
        #expect(try await run().isEmpty)
        clock.move(by: .hours(24))
        #expect(try await run().count == 31)
    }

    @Test("what becomes due while a slow site is scanned does not wait for it")
    func meanwhile() async throws {
        let organisation = try await register(["slow.test"], for: "Slow Ltd")
        let (begun, tell) = AsyncStream<Void>.makeStream()
        let rooms = rooms
        let seen = try await run { name in
            guard name == "slow.test" else { return tell.finish() }
            _ = try? await rooms.sites.register(
                WatchedSite.Settings(address: "quick.test", kinds: [.web]), in: organisation, as: .operator)
            for await _ in begun {}
        }
        #expect(seen == ["slow.test", "quick.test"])
    }

    @Test("a site that another server scans is left to it")
    func leases() async throws {
        let organisation = try await register(["a.test", "b.test"], for: "Two Ltd")
        let site = try await rooms.sites.find("a.test", in: organisation, as: .operator)
        let taken = try await other.takeDue(
            site.checks.map { Schedule.Errand($0, at: site.id.description) }, for: organisation)
        #expect(!taken.isEmpty)
        #expect(try await run() == ["b.test"])
        try await other.giveBack(taken, for: organisation)
        clock.move(by: .minutes(2))
        #expect(try await run() == ["a.test"])
    }

    @Test("a site that was removed while it was scanned troubles nobody")
    func removed() async throws {
        let organisation = try await register(["gone.test", "b.test"], for: "Two Ltd")
        let rooms = rooms
        let seen = try await run { name in
            guard name == "gone.test" else { return }
            _ = try? await rooms.sites.remove("gone.test", in: organisation, as: .operator)
        }
        #expect(Set(seen) == ["gone.test", "b.test"])
        #expect(try await run().isEmpty)
    }
}

import Endpoints
import Kernel
import Store
import StoreSQLite
import Synchronization
import TestSupport
import Testing
import Vault

/// Takes evidence in and remembers it.
private final class RecordingIntake: EvidenceIntake {
    struct Taken {
        var observations: [Observation] = []
        var joined: [Subject] = []
        var left: [Subject] = []
    }

    let taken = Mutex(Taken())

    func receive(_ observations: [Observation], in change: Change) {
        taken.withLock { $0.observations += observations }
    }
    func join(_ subject: Subject, at moment: Instant, in change: Change) {
        taken.withLock { $0.joined.append(subject) }
    }
    func leave(_ subject: Subject, at moment: Instant, in change: Change) { taken.withLock { $0.left.append(subject) } }
}

@Suite struct HostDeskTests {
    private let organisation = Identifier<Organisation>(high: 1, low: 1)
    private let clock = MovableClock()
    private let intake = RecordingIntake()
    private let check = Check(
        id: "endpoint.firewall", title: "Firewall", measures: "Whether it is on.", population: .host,
        cadence: .hours(1),
        freshness: .hours(26), keywords: [])

    private let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    private func desk() async throws -> HostDesk<RecordingIntake> {
        let database = try await Database.open(
            try SQLiteDriver(path: folder.database), key: try KeyEncryptionKey(bytes: [UInt8](repeating: 5, count: 32)),
            tables: HostDesk<RecordingIntake>.tables, migrations: HostDesk<RecordingIntake>.migrations,
            clock: clock.clock, randomness: seededRandomness(1))
        try await database.establish(organisation)
        return HostDesk(database: database, intake: intake)
    }

    @Test func anEnrolledHostCountsFromThenOn() async throws {
        let desk = try await desk()
        let host = try await desk.enrol("laptop", node: "here", in: organisation, as: .operator)
        #expect(try await desk.hosts(of: organisation, as: .operator) == [host])
        #expect(intake.taken.withLock { $0.joined } == [host.subject])
        #expect(host.enrolledAt == clock.now)
    }

    @Test func aRetiredHostLeavesOnceAndIsListedNoMore() async throws {
        let desk = try await desk()
        let host = try await desk.enrol("laptop", node: nil, in: organisation, as: .operator)
        for _ in 0..<2 { try await desk.retire(host.id, in: organisation, as: .operator) }
        #expect(try await desk.hosts(of: organisation, as: .operator).isEmpty)
        #expect(intake.taken.withLock { $0.left } == [host.subject])
    }

    @Test func aReportBecomesObservationsThatExpireAsTheirChecksSay() async throws {
        let desk = try await desk()
        let host = try await desk.enrol("laptop", node: "here", in: organisation, as: .operator)
        let seen = clock.now
        clock.move(by: .minutes(5))
        try await desk.report(
            [(check: check, measurement: Measurement(.pass, value: "on"))], of: host, observedAt: seen,
            in: organisation,
            as: .operator)
        let observation = try #require(intake.taken.withLock { $0.observations.first })
        #expect(observation.subject == host.subject)
        #expect(observation.observedAt == seen)
        #expect(observation.receivedAt == clock.now)
        #expect(observation.expiresAt == seen + .hours(26))
    }

    @Test func aReportDatedIntoTheFutureStaysFreshNoLongerThanOneOfNow() async throws {
        let desk = try await desk()
        let host = try await desk.enrol("laptop", node: "here", in: organisation, as: .operator)
        try await desk.report(
            [(check: check, measurement: Measurement(.pass, value: "on"))], of: host,
            observedAt: clock.now + .days(900),
            in: organisation, as: .operator)
        let observation = try #require(intake.taken.withLock { $0.observations.first })
        #expect(observation.observedAt == clock.now)
        #expect(observation.expiresAt == clock.now + .hours(26))
    }

    @Test func aHostOfAnotherOrganisationIsNotFound() async throws {
        let desk = try await desk()
        let host = try await desk.enrol("laptop", node: "here", in: organisation, as: .operator)
        let refusal = await problem { try await desk.retire(host.id, in: .installation, as: .operator) }
        #expect(refusal?.code == "host.not-found")
    }
}

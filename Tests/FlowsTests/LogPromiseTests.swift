import Commitments
import Crypto
import Detection
import Flows
import Identity
import Kernel
import LogFormats
import Packs
import Store
import TestSupport
import Testing
import Verdicts
import Wire

@Suite("What is promised about logs")
struct LogPromiseTests {
    private static let policy = "Logs are kept. Logs are reviewed."
    private static let pack = """
        format: vouchsafe/pack@v1
        policy:
          id: logs
          title: Logs
          issuer: Hazelbrook Maps
          version: "1"
          text: { sha256: \(Array(SHA256.hash(data: Array(policy.utf8))).hex), bytes: \(policy.utf8.count) }
        spans:
          - { at: [0, 14], class: commitment, commitments: [kept] }
          - { at: [15, \(policy.utf8.count)], class: commitment, commitments: [reviewed] }
        commitments:
          - id: kept
            section: Logs
            summary: "Records of every system come in."
            owner: security
            checks:
              - { check: logs.collected, population: log-source, threshold: all, freshness: 26h }
          - id: reviewed
            section: Logs
            summary: "Somebody looks at every day."
            owner: security
            checks:
              - { check: logs.reviewed, population: log-source, threshold: all, freshness: 26h }

        """

    private func make() async throws -> TestHouse {
        let house = try await TestHouse.make()
        _ = try await house.rooms.commitments.importPolicy(
            pack: Array(Self.pack.utf8), text: Array(Self.policy.utf8), into: house.tenant.id,
            as: TestHouse.principal)
        return house
    }

    private func verdict(_ commitment: String, in house: TestHouse) async throws -> Verdict? {
        try await house.rooms.reportLogs(
            DetectionChecks.all.map(\.id), isCollecting: true, for: house.tenant.id)
        let board = try await house.rooms.verdicts.board(of: house.tenant.id, as: TestHouse.principal)
        return zip(board.register.commitments, board.standings).first { $0.0.definition.id == commitment }?.1.verdict
    }

    @Test func aMissedReviewBreaksItsPromiseAndASignatureMendsIt() async throws {
        let house = try await make()
        try await house.rooms.logs.register(
            .init(name: "office", format: .syslog, way: .https), in: house.tenant.id, as: TestHouse.principal)
        #expect(try await verdict("reviewed", in: house) == .unproven)
        house.clock.move(by: .days(1) + .hours(1))
        #expect(try await verdict("reviewed", in: house) == .unproven, "the day may still be reviewed in time")
        house.clock.move(by: .days(3))
        #expect(try await verdict("reviewed", in: house) == .broken)
        let waiting = try await house.rooms.logReviewOverview(of: house.tenant.id, as: TestHouse.principal).waiting
        #expect(waiting.count == 4)
        for day in waiting {
            try await house.rooms.logReviews.sign(
                day.id, findings: "nothing", exceptions: "", in: house.tenant.id, as: TestHouse.principal)
        }
        #expect(try await verdict("reviewed", in: house) == .kept)
        let signed = try await house.rooms.logReviewOverview(of: house.tenant.id, as: TestHouse.principal).signed
        #expect(signed.map(\.signedBy) == Array(repeating: "the operator", count: 4))
    }

    @Test func aSourceThatNeverSpokeBreaksItsPromiseWhenItsTimeIsOver() async throws {
        let house = try await make()
        try await house.rooms.logs.register(
            .init(name: "office", format: .syslog, way: .https, silenceAfter: .hours(2)), in: house.tenant.id,
            as: TestHouse.principal)
        #expect(try await verdict("kept", in: house) == .unproven)
        house.clock.move(by: .hours(3))
        #expect(try await verdict("kept", in: house) == .broken)
    }

    @Test func oneOrganisationCannotTakeWhatAnotherOneTakes() async throws {
        let house = try await make()
        let other = try await house.rooms.found(
            "Willow Press", machine: "press", node: "here", as: TestHouse.principal)
        let settings = { (way: WatchedLog.Way) in
            WatchedLog.Settings(name: way.words, format: .syslog, way: way)
        }
        for way in [WatchedLog.Way.networks(["10.0.0.0/8"]), .file("/var/log/syslog"), .journal] {
            try await house.rooms.logs.register(settings(way), in: house.tenant.id, as: .operator)
            await #expect(throws: Problem.self) {
                try await house.rooms.logs.register(settings(way), in: other.id, as: .operator)
            }
        }
        // A narrower network is another one; what comes from it is not chance.
        try await house.rooms.logs.register(settings(.networks(["10.1.0.0/16"])), in: other.id, as: .operator)
    }
}

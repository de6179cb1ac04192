import Kernel
import Store
import TestSupport
import Testing

@testable import Detection

@Suite("Days of logs are reviewed") struct ReviewDeskTests {
    @Test func eachDayThatIsOverHasOneDigestWithWhatItBrought() async throws {
        let room = try await Room()
        let source = try await room.source()
        try await room.running { try await $0.keep(room.batch(room.failures(30)), of: source) }
        #expect(try await room.reviews.makeDue(for: room.organisation, at: room.clock.now) == 0)
        room.clock.move(by: .days(2) + .minutes(10))
        #expect(try await room.reviews.makeDue(for: room.organisation, at: room.clock.now) == 2)
        #expect(try await room.reviews.makeDue(for: room.organisation, at: room.clock.now) == 0)
        let waiting = try await room.reviews.digests(of: room.organisation, as: .operator).waiting
        #expect(waiting.map(\.day) == ["2026-03-01", "2026-03-02"])
        #expect(waiting[0].lines.map(\.events) == [30])
        #expect(waiting[0].lines.map(\.alerts) == [["medium": 1]])
        #expect(waiting[0].lines.map(\.silentHours) == [23])
        #expect(waiting[1].lines.map(\.silentHours) == [24])
    }

    @Test func aDayIsSignedOnceByWhoeverSaysWhatTheyFound() async throws {
        let room = try await Room()
        try await room.source()
        room.clock.move(by: .days(1) + .minutes(10))
        _ = try await room.reviews.makeDue(for: room.organisation, at: room.clock.now)
        let digest = try #require(try await room.reviews.digests(of: room.organisation, as: .operator).waiting.first)
        await #expect(throws: Problem.self) {
            try await room.reviews.sign(
                "\(digest.id)", findings: "  ", exceptions: "", in: room.organisation, as: .operator)
        }
        let signed = try await room.reviews.sign(
            "\(digest.id)", findings: "nothing", exceptions: "hours 3 to 5: maintenance", in: room.organisation,
            as: .operator)
        #expect(signed.signature?.by == "operator")
        await #expect(throws: Problem.self) {
            try await room.reviews.sign(
                "\(digest.id)", findings: "again", exceptions: "", in: room.organisation, as: .operator)
        }
        #expect(try await room.reviews.digests(of: room.organisation, as: .operator).signed.map(\.id) == [digest.id])
    }

    @Test func aLongPauseIsMadeUpForAMonthAtMost() async throws {
        let room = try await Room()
        try await room.source()
        room.clock.move(by: .days(400))
        #expect(try await room.reviews.makeDue(for: room.organisation, at: room.clock.now) == 31)
    }

    @Test func aMissedReviewFailsAndASignedOnePasses() async throws {
        let room = try await Room()
        let source = try await room.source()
        func judge() async throws -> CheckResult {
            let digests = try await room.reviews.digests(of: room.organisation, as: .operator)
            return DetectionJudgement.reviewed(
                source, waiting: digests.waiting, signed: digests.signed, at: room.clock.now
            ).result
        }
        #expect(try await judge() == .unknown)
        room.clock.move(by: .days(1) + .minutes(10))
        _ = try await room.reviews.makeDue(for: room.organisation, at: room.clock.now)
        #expect(try await judge() == .unknown)
        room.clock.move(by: .days(3))
        #expect(try await judge() == .fail)
        for digest in try await room.reviews.digests(of: room.organisation, as: .operator).waiting {
            try await room.reviews.sign(
                "\(digest.id)", findings: "nothing", exceptions: "", in: room.organisation, as: .operator)
        }
        #expect(try await judge() == .pass)
    }
}

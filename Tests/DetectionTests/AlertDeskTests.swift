import Kernel
import Sigma
import Store
import TestSupport
import Testing

@testable import Detection

@Suite("Alerts are seen to") struct AlertDeskTests {
    /// Raises one alert of a rule of our own.
    private func raised(_ count: Int = 1, in room: Room, group: String = "a") async throws -> Alert {
        try await raise(count, in: room, group: group)
        return try #require(try await room.allAlerts.first { $0.group == ["user": group] })
    }

    private func raise(_ count: Int, in room: Room, group: String) async throws {
        let source = try await room.logs.sources(of: room.organisation, as: .operator).first
        let from = if let source { source } else { try await room.source() }
        let ready = try await room.rules.ready(for: room.organisation, as: .operator)
        let rule = try #require(ready.descriptions.first { $0.level == .high })
        let arrival = AlertArrival(
            key: .init(rule: rule.identity, source: from.id, group: ["user": group]), rule: rule, source: from.id,
            count: count, firstAt: room.clock.now, lastAt: room.clock.now, events: [])
        try await room.alerts.raise([arrival], progress: [:], on: Room.node, in: room.organisation)
    }

    private func code(_ work: () async throws -> Void) async -> String? {
        do { try await work() } catch { return (error as? Problem)?.code ?? "\(error)" }
        return nil
    }

    @Test func anAlertIsOpenedAcknowledgedAndClosedAndNeverTwice() async throws {
        let room = try await Room()
        let alert = try await raised(in: room)
        #expect(alert.state == .open)
        #expect(alert.dueAt == room.clock.now + .hours(4))
        let id = "\(alert.id)"
        let acknowledged = try await room.alerts.acknowledge(id, note: "looking", in: room.organisation, as: .operator)
        #expect(acknowledged.state == .acknowledged)
        #expect(
            await code { try await room.alerts.acknowledge(id, note: "", in: room.organisation, as: .operator) }
                == "alert.acknowledged")
        #expect(
            await code { try await room.alerts.close(id, as: .real, note: " ", in: room.organisation, as: .operator) }
                == "alert.note")
        let closed = try await room.alerts.close(
            id, as: .harmless, note: "a test", in: room.organisation, as: .operator)
        #expect(closed.steps.map(\.what) == ["acknowledged", "closed as harmless"])
        #expect(
            await code { try await room.alerts.close(id, as: .real, note: "x", in: room.organisation, as: .operator) }
                == "alert.closed")
    }

    @Test func whatMatchesAfterItIsClosedOrADayLaterIsAnotherAlert() async throws {
        let room = try await Room()
        let first = try await raised(in: room)
        #expect(try await raised(2, in: room).count == 3)
        try await room.alerts.close(
            "\(first.id)", as: .mistaken, note: "x", in: room.organisation, as: .operator)
        _ = try await raised(in: room)
        #expect(try await room.allAlerts.count == 2)
        room.clock.move(by: .hours(25))
        _ = try await raised(in: room)
        #expect(try await room.allAlerts.count == 3)
        _ = try await raised(in: room, group: "b")
        #expect(try await room.allAlerts.count == 4)
    }

    @Test func aSuppressedRuleIsCountedAndRaisesNothingUntilItsEnd() async throws {
        let room = try await Room()
        let alert = try await raised(in: room)
        for days in [0, 91] {
            #expect(
                await code {
                    try await room.alerts.suppress(
                        ruleOf: "\(alert.id)", days: days, because: "x", in: room.organisation, as: .operator)
                } == "suppression.days")
        }
        let quiet = try await room.alerts.suppress(
            ruleOf: "\(alert.id)", days: 2, because: "a drill", in: room.organisation, as: .operator)
        try await room.alerts.close("\(alert.id)", as: .harmless, note: "x", in: room.organisation, as: .operator)
        try await raise(7, in: room, group: "b")
        #expect(try await room.allAlerts.count == 1)
        let now = room.clock.now
        let suppressed = try await room.alerts.suppressions(of: room.organisation, at: now, as: .operator)
        #expect(suppressed.map(\.suppressed) == [7])
        room.clock.move(by: .days(2) + .seconds(1))
        _ = try await raised(in: room, group: "b")
        #expect(try await room.allAlerts.count == 2)
        #expect(try await room.alerts.suppressions(of: room.organisation, at: room.clock.now, as: .operator).isEmpty)
        try await room.alerts.endSuppression("\(quiet.id)", in: room.organisation, as: .operator)
    }

    @Test func aHundredThousandDifferentMatchesBecomeABoundedNumberOfAlerts() async throws {
        let room = try await Room()
        let source = try await room.source()
        let ready = try await room.rules.ready(for: room.organisation, as: .operator)
        let rule = try #require(ready.descriptions.first)
        var outcome = LaneOutcome(source: source.id)
        for number in 0..<100_000 {
            outcome.add(
                AlertArrival(
                    key: .init(rule: rule.identity, source: source.id, group: ["user": "\(number)"]), rule: rule,
                    source: source.id, count: 1, firstAt: room.clock.now, lastAt: room.clock.now, events: []))
        }
        #expect(outcome.arrivals.count == LaneOutcome.keyLimit + 1)
        try await room.alerts.raise(Array(outcome.arrivals.values), progress: [:], on: Room.node, in: room.organisation)
        let alerts = try await room.allAlerts
        // What was counted without a group before may be one of them.
        #expect((AlertRaising.limit...(AlertRaising.limit + 1)).contains(alerts.count))
        #expect(alerts.reduce(0) { $0 + $1.count } == 100_000)
        #expect(outcome.arrivals.values.reduce(0) { $0 + $1.count } == 100_000)
    }

    @Test func standingTellsWhatIsOpenAndOverdue() async throws {
        let room = try await Room()
        let alert = try await raised(in: room)
        var standing = try await room.alerts.standing(of: room.organisation, at: room.clock.now, as: .operator)
        #expect(standing.open == [.high: 1])
        #expect(standing.overdue == 0)
        standing = try await room.alerts.standing(
            of: room.organisation, at: room.clock.now + .hours(5), as: .operator)
        #expect(standing.overdue == 1)
        let edition = standing.edition
        try await room.alerts.acknowledge("\(alert.id)", note: "", in: room.organisation, as: .operator)
        #expect(try await room.alerts.edition(of: room.organisation, as: .operator) > edition)
    }
}

import Kernel
import Testing

@testable import Verdicts

/// When a verdict changed, why, and for how much of the time it stood: scenarios told hour by hour.
struct HistoryTests {
    private func history(
        of promise: Promise = promise(demand()), on roster: Roster = hosts(1), _ series: [Series], until end: Instant
    ) -> VerdictHistory {
        VerdictHistory(of: promise, roster: roster, series: series, knownAt: end)
    }

    @Test func `each change names the observation that brought it or that ran out`() {
        let told = history(
            series([
                seen(.pass, hour(1), number: 11), seen(.pass, hour(2), number: 12), seen(.fail, hour(3), number: 13),
                seen(.pass, hour(4), expires: hour(6), number: 14),
            ]), until: hour(9))
        func cause(_ event: Cause.Event, _ number: Int64) -> Cause {
            Cause(event, check: encryption, subject: subject(0).id, number: number)
        }
        #expect(told.changes.map(\.at) == [hour(0), hour(1), hour(3), hour(4), hour(6)])
        #expect(told.changes.map(\.verdict) == [.unproven, .kept, .broken, .kept, .stale])
        #expect(
            told.changes.map(\.cause) == [
                Cause(.imported), cause(.observed, 11), cause(.observed, 13), cause(.observed, 14), cause(.expired, 14),
            ])
        #expect(
            told.changes.map(\.reason) == [
                "No host has been observed yet for Disk encryption.", "The one host passes Disk encryption.",
                "The one host fails Disk encryption.", "The one host passes Disk encryption.",
                "The evidence for Disk encryption ran out for the one host, on 2026-03-01 at 06:00 UTC.",
            ])
    }

    @Test func `one failing check dominates: a later pass of another subject or check does not overwrite it`() {
        let evidence =
            series([seen(.pass, hour(1))], [seen(.fail, hour(2), number: 5)], [seen(.pass, hour(3))])
            + series(of: firewall, [seen(.pass, hour(4))], [seen(.pass, hour(4))], [seen(.pass, hour(4))])
        let told = history(of: promise(demand(), demand(firewall, "Firewall")), on: hosts(3), evidence, until: hour(6))
        #expect(told.changes.map(\.verdict) == [.unproven, .broken])
        #expect(told.changes.last?.at == hour(2))
        #expect(told.changes.last?.cause.number == 5)
    }

    @Test func `evidence that is uploaded late lands in its true period`() {
        // Looked at hourly; what was seen at 3 and 4 arrives at 8.
        let sightings =
            [1, 2, 5, 6, 7].map { seen(.pass, hour($0), expires: hour($0 + 1)) }
            + [3, 4].map { seen(.pass, hour($0), received: hour(8), expires: hour($0 + 1)) }
        let told = history(series(sightings), until: hour(8))
        #expect(told.change(inForceAt: hour(3))?.verdict == .stale)
        #expect(told.settledVerdict(at: hour(3)) == .kept)
        #expect(told.settledVerdict(at: hour(4)) == .kept)
        #expect(told.changes.map(\.verdict) == [.unproven, .kept, .stale, .kept, .stale])
        #expect(told.settled.map(\.verdict) == [.unproven, .kept])
        let shares = told.shares(ofLast: 1)
        #expect(shares?.kept == 7.0 / 8)
        #expect(shares?.unproven == 1.0 / 8)
        #expect(shares?.stale == 0)
    }

    @Test func `a failure that is uploaded late breaks its true period and not the present`() {
        let told = history(
            series([seen(.pass, hour(1)), seen(.fail, hour(2), received: hour(6)), seen(.pass, hour(4))]),
            until: hour(8))
        #expect(told.changes.map(\.verdict) == [.unproven, .kept])
        #expect(told.settled.map(\.verdict) == [.unproven, .kept, .broken, .kept])
        #expect(told.settled.map(\.from) == [hour(0), hour(1), hour(2), hour(4)])
    }

    @Test func `a pass that is uploaded late does not take back the broken time that was known`() {
        let told = history(
            series([seen(.fail, hour(1)), seen(.pass, hour(2), received: hour(6))]), until: hour(8))
        #expect(told.settled.map(\.verdict) == [.unproven, .broken, .kept])
        #expect(told.settledVerdict(at: hour(5)) == .broken)
        #expect(told.settledVerdict(at: hour(6)) == .kept)
    }

    @Test func `when the collector stops, the verdict turns stale at the expiry by itself`() {
        let evidence = series((0..<5).map { seen(.pass, hour($0), expires: hour($0 + 2), number: Int64($0)) })
        let told = history(evidence, until: day(2))
        #expect(told.changes.map(\.verdict) == [.kept, .stale])
        #expect(told.changes.last?.at == hour(6))
        let now = standing(of: promise(demand()), at: hour(5), hosts(1), evidence)
        #expect(now.validUntil == hour(6))
    }

    @Test func `stopping the collector does not end a failure`() {
        let told = history(series([seen(.fail, hour(0), expires: hour(1))]), until: day(90))
        #expect(told.changes.map(\.verdict) == [.broken])
        #expect(told.shares(ofLast: 90)?.broken == 1)
    }

    @Test func `a subject that joins or leaves can change the verdict and is named`() {
        let roster = Roster([
            Membership(subject(0), joinedAt: hour(0)), Membership(subject(1), joinedAt: hour(2), leftAt: hour(4)),
        ])
        let told = history(of: promise(demand()), on: roster, series([seen(.pass, hour(0))]), until: hour(6))
        #expect(told.changes.map(\.verdict) == [.kept, .unproven, .kept])
        #expect(told.changes[1].cause == Cause(.joined, check: encryption, subject: subject(1).id))
        #expect(told.changes[2].cause == Cause(.left, check: encryption, subject: subject(1).id))
    }

    @Test func `an observation that does not change the verdict makes no change`() {
        let told = history(
            of: promise(demand()), on: hosts(2),
            series([seen(.fail, hour(0))], [seen(.pass, hour(1)), seen(.fail, hour(2))]),
            until: hour(5))
        #expect(told.changes.map(\.verdict) == [.broken])
    }

    @Test func `new evidence at the very moment of the expiry leaves no gap`() {
        let told = history(
            series([seen(.pass, hour(0), expires: hour(2)), seen(.pass, hour(2), expires: hour(4))]), until: hour(3))
        #expect(told.changes.map(\.verdict) == [.kept])
        #expect(told.settled.map(\.verdict) == [.kept])
    }

    @Test func `an expiry that newer evidence overtakes at once is not named as the cause`() {
        let told = history(
            on: hosts(2),
            series(
                [seen(.pass, hour(0), expires: hour(2), number: 1), seen(.pass, hour(2), number: 2)],
                [seen(.fail, hour(0), number: 3), seen(.pass, hour(2), number: 4)]), until: hour(3))
        #expect(told.changes.map(\.verdict) == [.broken, .kept])
        #expect(told.changes.last?.cause.event == .observed)
        #expect(told.changes.last?.cause.number == 2)
    }

    @Test func `withdrawn, unprovable and not yet started commitments have a short history`() {
        let dropped = history(
            of: promise(demand(), withdrawnAt: hour(2)), series([seen(.pass, hour(0))]), until: hour(4))
        #expect(dropped.changes.map(\.verdict) == [.kept, .withdrawn])
        #expect(dropped.changes.last?.cause == Cause(.withdrawn))
        #expect(dropped.settled.map(\.to) == [hour(2), hour(4)])
        #expect(dropped.shares(ofLast: 90)?.kept == 1)
        #expect(dropped.shares(ofLast: 90)?.to == hour(2))

        let worded = Promise(demands: [], startsAt: hour(0), unprovable: "It cannot be shown.")
        #expect(history(of: worded, [], until: hour(4)).changes.map(\.verdict) == [.unprovable])
        #expect(history(of: worded, [], until: hour(4)).shares(ofLast: 90) == nil)

        let future = history(of: promise(demand(), startsAt: hour(9)), series([seen(.pass, hour(0))]), until: hour(4))
        #expect(future.changes.isEmpty && future.settled.isEmpty && future.shares(ofLast: 90) == nil)
        #expect(future.change(inForceAt: hour(3)) == nil)

        let withdrawnBefore = history(
            of: promise(demand(), startsAt: hour(3), withdrawnAt: hour(1)), [], until: hour(4))
        #expect(withdrawnBefore.changes.map(\.verdict) == [.withdrawn])
        #expect(withdrawnBefore.changes.map(\.at) == [hour(3)])
    }

    @Test func `time before the import is not counted`() {
        let told = history(
            of: promise(demand(), startsAt: hour(10)), series([seen(.fail, hour(0)), seen(.pass, hour(11))]),
            until: hour(20))
        let shares = told.shares(ofLast: 90)
        #expect(shares?.from == hour(10))
        #expect(shares?.broken == 0.1)
        #expect(shares?.kept == 0.9)
    }

    @Test func `kept for 97.5 % of the last 90 days is computed from the times`() throws {
        let told = history(
            of: promise(demand(freshness: .days(365)), startsAt: day(-10)),
            series([
                seen(.pass, day(-10), expires: day(400)), seen(.fail, day(30), expires: day(400)),
                seen(.pass, day(32) + .hours(6), expires: day(400)),
            ]), until: day(90))
        let shares = try #require(told.shares(ofLast: 90))
        #expect(abs(shares.kept - 0.975) < 1e-9)
        #expect(abs(shares.broken - 0.025) < 1e-9)
        #expect(shares.from == day(0) && shares.to == day(90))
    }

    @Test func `as it stood at a past moment, only what had been received by then counts`() {
        let evidence = series([seen(.pass, hour(1)), seen(.fail, hour(2), received: hour(5))])
        #expect(standing(of: promise(demand()), at: hour(4), hosts(1), evidence).verdict == .kept)
        let later = standing(of: promise(demand()), at: hour(5), hosts(1), evidence)
        #expect(later.verdict == .broken)
        #expect(later.since == hour(5))
        #expect(later.observedAt == hour(2))
    }

    @Test func `two lists of the same series are read as one`() {
        let parts = series([seen(.pass, hour(1))]) + series([seen(.fail, hour(2))])
        #expect(history(parts, until: hour(3)).changes.map(\.verdict) == [.unproven, .kept, .broken])
    }
}

import Kernel
import Testing

@testable import Verdicts

/// One check on one subject: which sighting governs, and what it means as time passes.
struct SeriesRuleTests {
    struct Case: Sendable, CustomTestStringConvertible {
        let rule: String
        let sightings: [Sighting]
        let at: Instant
        let verdict: Verdict
        var testDescription: String { rule }

        init(_ rule: String, _ sightings: [Sighting], at: Instant, _ verdict: Verdict) {
            self.rule = rule
            self.sightings = sightings
            self.at = at
            self.verdict = verdict
        }
    }

    static let cases = [
        Case("never observed is unproven", [], at: hour(1), .unproven),
        Case("a fresh pass is kept", [seen(.pass, hour(0))], at: hour(1), .kept),
        Case(
            "the moment before the expiry is fresh", [seen(.pass, hour(0), expires: hour(5))],
            at: hour(5) - .seconds(1), .kept),
        Case("the expiry itself is stale", [seen(.pass, hour(0), expires: hour(5))], at: hour(5), .stale),
        Case(
            "a pass that was expired when it came is stale", [seen(.pass, hour(3), expires: hour(2))], at: hour(3),
            .stale),
        Case("a failure is broken", [seen(.fail, hour(0))], at: hour(1), .broken),
        Case(
            "a failure stays broken after its expiry", [seen(.fail, hour(0), expires: hour(1))], at: day(400), .broken),
        Case("unknown is unproven", [seen(.unknown, hour(0))], at: hour(1), .unproven),
        Case("unknown is unproven after its expiry too", [seen(.unknown, hour(0))], at: day(9), .unproven),
        Case("an error is unproven", [seen(.error, hour(0))], at: hour(1), .unproven),
        Case("does not apply, alone, is unproven", [seen(.notApplicable, hour(0))], at: hour(1), .unproven),
        Case("does not apply, alone, does not become stale", [seen(.notApplicable, hour(0))], at: day(9), .unproven),
        Case("a pass after a failure is kept", [seen(.fail, hour(0)), seen(.pass, hour(1))], at: hour(2), .kept),
        Case("a failure after a pass is broken", [seen(.pass, hour(0)), seen(.fail, hour(1))], at: hour(2), .broken),
        Case(
            "unknown after a pass is unproven", [seen(.pass, hour(0)), seen(.unknown, hour(1))], at: hour(2), .unproven),
        Case(
            "unknown after a failure is unproven", [seen(.fail, hour(0)), seen(.unknown, hour(1))], at: hour(2),
            .unproven),
        Case(
            "the later look governs, not the later receipt",
            [seen(.fail, hour(2), received: hour(2)), seen(.pass, hour(1), received: hour(3))], at: hour(4), .broken),
        Case(
            "of two looks at one moment, the later receipt governs",
            [seen(.pass, hour(1), received: hour(3)), seen(.fail, hour(1), received: hour(2))], at: hour(4), .kept),
        Case(
            "of two with the same times, the higher number governs",
            [seen(.fail, hour(1), number: 9), seen(.pass, hour(1), number: 8)], at: hour(4), .broken),
        Case(
            "what was received later is not known yet", [seen(.pass, hour(0), received: hour(6))], at: hour(5),
            .unproven),
        Case("what is received now is known", [seen(.pass, hour(0), received: hour(6))], at: hour(6), .kept),
        Case(
            "a clock that runs ahead does not outrank a later look",
            [seen(.pass, day(300), received: hour(1), expires: day(301)), seen(.fail, hour(2))], at: hour(3), .broken),
        Case(
            "a clock that runs ahead makes nothing fresh for longer than was asked",
            [seen(.pass, day(300), received: hour(1), expires: day(301))], at: hour(1) + .days(30), .stale),
    ]

    @Test(arguments: cases)
    func `one series`(_ example: Case) {
        let told = standing(of: promise(demand()), at: example.at, hosts(1), series(example.sightings))
        #expect(told.verdict == example.verdict)
    }

    @Test func `the commitment's freshness shortens the evidence's own expiry and never lengthens it`() {
        let evidence = series([seen(.pass, hour(0), expires: hour(10))])
        func verdict(_ freshness: Period, at moment: Instant) -> Verdict {
            standing(of: promise(demand(freshness: freshness)), at: moment, hosts(1), evidence).verdict
        }
        #expect(verdict(.hours(2), at: hour(2) - .seconds(1)) == .kept)
        #expect(verdict(.hours(2), at: hour(2)) == .stale)
        #expect(verdict(.hours(20), at: hour(10)) == .stale)
    }

    @Test func `two commitments ask the same evidence for different freshness`() {
        var fold = VerdictFold(at: hour(5), roster: hosts(1))
        fold.take(Series(check: encryption, subject: subject(0), sightings: [seen(.pass, hour(0))]))
        #expect(fold.standing(of: promise(demand(freshness: .hours(6)))).verdict == .kept)
        #expect(fold.standing(of: promise(demand(freshness: .hours(4)))).verdict == .stale)
    }

    @Test func `the governing sighting can be asked for`() {
        var fold = VerdictFold(at: hour(5), roster: hosts(1))
        #expect(fold.governing(encryption, on: subject(0)) == nil)
        fold.take(
            Series(check: encryption, subject: subject(0), sightings: [seen(.pass, hour(0)), seen(.fail, hour(1))]))
        #expect(fold.governing(encryption, on: subject(0)) == seen(.fail, hour(1)))
        #expect(fold.governing(encryption, on: subject(5)) == nil)
    }
}

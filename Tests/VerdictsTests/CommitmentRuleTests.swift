import Kernel
import Testing

@testable import Verdicts

/// Several checks, one commitment: which verdict stands, and until when.
struct CommitmentRuleTests {
    static let both = promise(demand(), demand(firewall, "Firewall"))

    static let pairs: [(CheckResult?, CheckResult?, Verdict)] = [
        (.pass, .pass, .kept), (.pass, .fail, .broken), (.fail, .pass, .broken), (.fail, .unknown, .broken),
        (.fail, nil, .broken), (.pass, .unknown, .unproven), (.pass, nil, .unproven), (nil, nil, .unproven),
        (.pass, .notApplicable, .unproven), (.error, .pass, .unproven), (.fail, .fail, .broken),
    ]

    @Test(arguments: pairs)
    func `the gravest check decides`(_ first: CheckResult?, _ second: CheckResult?, _ verdict: Verdict) {
        let evidence = zip([encryption, firewall], [first, second]).map { check, result in
            Series(check: check, subject: subject(0), sightings: result.map { [seen($0, hour(0))] } ?? [])
        }
        #expect(standing(of: Self.both, at: hour(1), hosts(1), evidence).verdict == verdict)
    }

    @Test func `missing evidence outweighs old evidence`() {
        let evidence = series([seen(.pass, hour(0), expires: hour(1))])
        #expect(standing(of: Self.both, at: hour(2), hosts(1), evidence).verdict == .unproven)
    }

    @Test func `a commitment without a check is unproven`() {
        let told = standing(of: promise(), at: hour(1), hosts(1))
        #expect(told.verdict == .unproven)
        #expect(told.reason == "No check is attached to this commitment.")
    }

    @Test func `what cannot be shown as worded is unprovable, whatever was observed`() {
        let worded = Promise(
            demands: [demand()], startsAt: minute(0), unprovable: "Nothing can show that there are no bugs.")
        let told = standing(of: worded, at: hour(1), hosts(1), series([seen(.fail, hour(0))]))
        #expect(told.verdict == .unprovable)
        #expect(told.reason == "Nothing can show that there are no bugs.")
        #expect(told.validUntil == nil && told.checks.isEmpty)
    }

    @Test func `a withdrawn commitment is withdrawn from its date on`() {
        let dropped = promise(demand(), withdrawnAt: hour(5))
        let evidence = series([seen(.fail, hour(0))])
        #expect(standing(of: dropped, at: hour(5) - .seconds(1), hosts(1), evidence).verdict == .broken)
        let told = standing(of: dropped, at: hour(5), hosts(1), evidence)
        #expect(told.verdict == .withdrawn)
        #expect(told.since == hour(5))
    }

    @Test func `before its policy was imported nothing is shown as kept`() {
        let told = standing(
            of: promise(demand(), startsAt: hour(9)), at: hour(1), hosts(1), series([seen(.pass, hour(0))]))
        #expect(told.verdict == .unproven)
        #expect(told.since == nil)
    }

    @Test func `evidence from before the import counts once the commitment starts`() {
        let told = standing(
            of: promise(demand(), startsAt: hour(9)), at: hour(9), hosts(1), series([seen(.pass, hour(0))]))
        #expect(told.verdict == .kept)
        #expect(told.since == hour(9))
    }

    @Test func `a check that cannot run here is unproven and names what is missing`() {
        let training = Demand(
            check: "people.security-training", population: .person, freshness: .days(365),
            missing: "the people register")
        for roster in [hosts(0, .person), hosts(3, .person)] {
            let told = standing(of: promise(demand(), training), at: hour(1), roster, [])
            #expect(told.verdict == .unproven)
            #expect(told.checks[1].reason == "The check people.security-training needs the people register.")
        }
    }

    @Test func `a failure seen before the means to look went missing is still broken`() {
        let told = standing(
            of: promise(demand(missing: "root")), at: day(9), hosts(1), series([seen(.fail, hour(0))]))
        #expect(told.verdict == .broken)
    }

    @Test func `every commitment has one of the six verdicts, so that their counts add up to all`() {
        let evidence = [
            Series(check: encryption, subject: subject(0), sightings: [seen(.pass, hour(0))]),
            Series(check: firewall, subject: subject(0), sightings: [seen(.fail, hour(0))]),
        ]
        let promises = [
            promise(demand()), promise(demand(firewall)), promise(demand(freshness: .minutes(30))), promise(),
            promise(demand("time.synchronised")), promise(demand(), withdrawnAt: minute(1)),
            Promise(demands: [], startsAt: minute(0), unprovable: "It cannot be shown."),
        ]
        var fold = VerdictFold(at: hour(1), roster: hosts(1))
        for series in evidence { fold.take(series) }
        let verdicts = promises.map { fold.standing(of: $0).verdict }
        let counts = Verdict.allCases.map { verdict in verdicts.count { $0 == verdict } }
        #expect(counts == [1, 1, 1, 2, 1, 1])
        #expect(counts.reduce(0, +) == promises.count)
    }

    @Test func `kept holds until the first evidence runs out that it rests on`() {
        let evidence = [
            Series(check: encryption, subject: subject(0), sightings: [seen(.pass, hour(0), expires: hour(9))]),
            Series(
                check: encryption, subject: subject(1), sightings: [seen(.notApplicable, hour(0), expires: hour(7))]),
            Series(check: firewall, subject: subject(0), sightings: [seen(.pass, hour(2), expires: hour(8))]),
            Series(check: firewall, subject: subject(1), sightings: [seen(.pass, hour(1), expires: hour(8))]),
        ]
        let told = standing(of: Self.both, at: hour(3), hosts(2), evidence)
        #expect(told.validUntil == hour(7))
        #expect(told.observedAt == hour(2))
        #expect(told.checks.map(\.validUntil) == [hour(7), hour(8)])
        #expect(told.cause == nil)
    }

    @Test func `a share holds until too little of it is fresh`() {
        let evidence = series(
            [seen(.pass, hour(0), expires: hour(4))], [seen(.pass, hour(0), expires: hour(6))],
            [seen(.pass, hour(0), expires: hour(6))], [seen(.fail, hour(0))])
        let half = promise(demand(threshold: .share(percent: 50)))
        let told = standing(of: half, at: hour(1), hosts(4), evidence)
        #expect(told.verdict == .kept)
        #expect(told.validUntil == hour(6))
    }
}

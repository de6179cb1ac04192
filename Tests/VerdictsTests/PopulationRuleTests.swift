import Kernel
import Testing

@testable import Verdicts

/// One check over its whole population: how the subjects' results add up.
struct PopulationRuleTests {
    struct Case: Sendable, CustomTestStringConvertible {
        let threshold: Threshold
        /// One letter a host: p passes, f fails, u unknown, e error, n does not apply, o passed and ran out,
        /// l did not apply and ran out, - never observed.
        let hosts: String
        let verdict: Verdict
        var testDescription: String { "\(threshold) of \(hosts): \(verdict)" }

        init(_ threshold: Threshold, _ hosts: String, _ verdict: Verdict) {
            self.threshold = threshold
            self.hosts = hosts
            self.verdict = verdict
        }
    }

    static let cases = [
        Case(.all, "", .unproven),
        Case(.all, "p", .kept), Case(.all, "ppp", .kept), Case(.all, "ppn", .kept),
        Case(.all, "pfp", .broken), Case(.all, "ppppppppppppf", .broken),
        Case(.all, "f-uoen", .broken), Case(.all, "fn", .broken),
        Case(.all, "pp-", .unproven), Case(.all, "ppu", .unproven), Case(.all, "ppe", .unproven),
        Case(.all, "po-", .unproven), Case(.all, "pou", .unproven),
        Case(.all, "ppo", .stale), Case(.all, "ooo", .stale), Case(.all, "pl", .stale), Case(.all, "on", .stale),
        Case(.all, "nnn", .unproven), Case(.all, "lnl", .unproven), Case(.all, "ul", .unproven),
        Case(.share(percent: 50), "pf", .kept), Case(.share(percent: 50), "pff", .broken),
        Case(.share(percent: 50), "p-", .kept), Case(.share(percent: 50), "p--", .unproven),
        Case(.share(percent: 50), "poo", .stale), Case(.share(percent: 50), "f--", .unproven),
        Case(.share(percent: 50), "ff--", .unproven), Case(.share(percent: 50), "fff--", .broken),
        Case(.share(percent: 50), "ffn", .broken), Case(.share(percent: 50), "pfnnnn", .kept),
        Case(.share(percent: 50), "nnn", .unproven), Case(.share(percent: 50), "", .unproven),
        Case(.share(percent: 50), "ffflllllll", .broken), Case(.share(percent: 50), "pllll", .stale),
        Case(.share(percent: 95), String(repeating: "p", count: 19) + "f", .kept),
        Case(.share(percent: 95), String(repeating: "p", count: 18) + "ff", .broken),
        Case(.share(percent: 95), String(repeating: "p", count: 18) + "fo", .stale),
        Case(.share(percent: 95), String(repeating: "p", count: 18) + "fu", .unproven),
        Case(.share(percent: 100), "pppf", .broken),
        Case(.share(percent: 0), "f", .broken), Case(.share(percent: 900), "pf", .broken),
    ]

    @Test(arguments: cases)
    func `one check on a whole population`(_ example: Case) {
        let told = standing(
            of: promise(demand(threshold: example.threshold)), at: day(2), hosts(example.hosts.count),
            example.hosts.enumerated().map { Series(check: encryption, subject: subject($0), sightings: sightings($1)) }
        )
        #expect(told.verdict == example.verdict, "\(told.reason)")
        #expect(told.checks.map(\.tally.population) == [example.hosts.count])
        #expect(told.checks.first?.tally.failing == example.hosts.count { $0 == "f" })
    }

    @Test func `a failing host is never hidden by passing ones, however many and however new`() {
        for passing in [1, 10, 1000] {
            let evidence =
                [Series(check: encryption, subject: subject(passing), sightings: [seen(.fail, hour(0))])]
                + (0..<passing).map {
                    Series(check: encryption, subject: subject($0), sightings: [seen(.pass, hour(30))])
                }
            let told = standing(of: promise(demand()), at: hour(31), hosts(passing + 1), evidence)
            #expect(told.verdict == .broken)
            #expect(told.cause == Cause(.observed, check: encryption, subject: subject(passing).id, number: 1))
        }
    }

    @Test func `a host counts from the moment it joins until before the moment it leaves`() {
        let roster = Roster([
            Membership(subject(0), joinedAt: .distantPast),
            Membership(subject(1), joinedAt: hour(2), leftAt: hour(4)),
        ])
        let evidence = series([seen(.pass, hour(0))])
        let expected: [(Instant, Verdict)] = [
            (hour(2) - .seconds(1), .kept), (hour(2), .unproven), (hour(4) - .seconds(1), .unproven), (hour(4), .kept),
        ]
        for (moment, verdict) in expected {
            #expect(standing(of: promise(demand()), at: moment, roster, evidence).verdict == verdict, "\(moment)")
        }
    }

    @Test func `a host that leaves and joins again counts in between no more`() {
        let roster = Roster([
            Membership(subject(0), joinedAt: hour(0), leftAt: hour(1)), Membership(subject(0), joinedAt: hour(3)),
        ])
        let evidence = series([seen(.fail, hour(0))])
        let verdicts = [hour(0), hour(1), hour(3)].map {
            standing(of: promise(demand()), at: $0, roster, evidence).verdict
        }
        #expect(verdicts == [.broken, .unproven, .broken])
    }

    @Test func `spans of one host that overlap count it once`() {
        let roster = Roster([
            Membership(subject(0), joinedAt: hour(0), leftAt: hour(5)), Membership(subject(0), joinedAt: hour(2)),
            Membership(subject(0), joinedAt: hour(3), leftAt: hour(3)),
            Membership(subject(0), joinedAt: hour(9), leftAt: hour(8)),
        ])
        for moment in [hour(1), hour(4), hour(7)] {
            let told = standing(of: promise(demand()), at: moment, roster, series([seen(.pass, hour(0))]))
            #expect(told.checks.first?.tally.population == 1)
            #expect(told.verdict == .kept)
        }
    }

    @Test func `evidence about someone who is not on the roster counts nowhere`() {
        var fold = VerdictFold(at: hour(1), roster: hosts(1))
        #expect(fold.slot(for: encryption, on: subject(7)) == nil)
        #expect(fold.slot(for: encryption, on: subject(0, .person)) == nil)
        fold.take(Series(check: encryption, subject: subject(7), sightings: [seen(.fail, hour(0))]))
        #expect(fold.standing(of: promise(demand())).verdict == .unproven)
    }

    private func sightings(_ letter: Character) -> [Sighting] {
        let fresh = day(3)
        return switch letter {
        case "p": [seen(.pass, hour(1), expires: fresh)]
        case "f": [seen(.fail, hour(1), expires: fresh)]
        case "u": [seen(.unknown, hour(1), expires: fresh)]
        case "e": [seen(.error, hour(1), expires: fresh)]
        case "n": [seen(.notApplicable, hour(1), expires: fresh)]
        case "o": [seen(.pass, hour(1), expires: hour(2))]
        case "l": [seen(.notApplicable, hour(1), expires: hour(2))]
        default: []
        }
    }
}

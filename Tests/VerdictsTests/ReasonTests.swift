import Kernel
import Testing

@testable import Verdicts

/// The sentence beside a verdict: counts, right grammar, no names of subjects.
struct ReasonTests {
    struct Case: Sendable, CustomTestStringConvertible {
        let results: [CheckResult?]
        var threshold = Threshold.all
        var population = Subject.Kind.host
        var missing: String?
        var at = hour(2)
        let reason: String
        var testDescription: String { reason }
    }

    static let cases = [
        Case(results: [.pass], reason: "The one host passes Disk encryption."),
        Case(results: [.pass, .pass, .pass], reason: "All 3 hosts pass Disk encryption."),
        Case(
            results: [.pass, .pass, .notApplicable],
            reason: "2 hosts pass Disk encryption, which does not apply to 1 more."),
        Case(
            results: [.pass, .notApplicable], reason: "1 host passes Disk encryption, which does not apply to 1 more."),
        Case(results: [.fail], reason: "The one host fails Disk encryption."),
        Case(results: [.fail, .pass, .pass], reason: "1 of 3 hosts fails Disk encryption."),
        Case(results: [.fail, .fail, .pass], reason: "2 of 3 hosts fail Disk encryption."),
        Case(results: [.fail, .fail], reason: "All 2 hosts fail Disk encryption."),
        Case(results: [.fail, .notApplicable, nil], reason: "1 of 2 hosts fails Disk encryption."),
        Case(
            results: [.pass, .pass, .fail, .pass], threshold: .share(percent: 75),
            reason: "3 of 4 hosts pass Disk encryption (75 % must); 1 of 4 hosts fails Disk encryption."),
        Case(
            results: [.pass, .fail, .fail, .pass], threshold: .share(percent: 75),
            reason: "2 of 4 hosts fail Disk encryption (75 % must pass)."),
        Case(
            results: [nil, .fail, .pass, .pass], threshold: .share(percent: 75),
            reason: "1 of 4 hosts has not been observed yet for Disk encryption; 1 of 4 hosts fails Disk encryption."),
        Case(results: [], reason: "No host is enrolled yet."),
        Case(results: [], population: .person, reason: "No person is on record yet."),
        Case(results: [nil], reason: "No host has been observed yet for Disk encryption."),
        Case(
            results: [nil, nil], population: .logSource,
            reason: "No log source has been observed yet for Disk encryption."),
        Case(
            results: [.pass, nil, nil], population: .person,
            reason: "2 of 3 people have not been observed yet for Disk encryption."),
        Case(results: [.pass, .unknown], reason: "Disk encryption could not be determined on 1 of 2 hosts."),
        Case(results: [.unknown], reason: "Disk encryption could not be determined on the one host."),
        Case(results: [.error, .error], reason: "The check Disk encryption could not run on all 2 hosts."),
        Case(
            results: [.pass, .error, .unknown, nil, nil],
            reason: "Disk encryption is not known for 4 of 5 hosts: 2 never observed, 1 undetermined, 1 with an error."),
        Case(results: [.notApplicable], reason: "Disk encryption does not apply to the one host."),
        Case(results: [.notApplicable, .notApplicable], reason: "Disk encryption applies to none of the 2 hosts."),
        Case(results: [.unknown], missing: "root", reason: "The check Disk encryption needs root."),
        Case(
            results: [], missing: "the people register", reason: "The check Disk encryption needs the people register."),
        Case(
            results: [.pass], at: day(3),
            reason: "The evidence for Disk encryption ran out for the one host, on 2026-03-02 at 00:00 UTC."),
        Case(
            results: [.pass, .pass, .notApplicable], at: day(3),
            reason: "The evidence for Disk encryption ran out for all 3 hosts, first on 2026-03-02 at 00:00 UTC."),
        Case(
            results: [.pass], missing: "root", at: day(3),
            reason:
                "The evidence for Disk encryption ran out for the one host, on 2026-03-02 at 00:00 UTC; the check needs root."
        ),
    ]

    @Test(arguments: cases)
    func `a reason is one sentence with counts`(_ example: Case) {
        let asked = demand(population: example.population, threshold: example.threshold, missing: example.missing)
        let evidence = example.results.enumerated().compactMap { number, result in
            result.map {
                Series(check: encryption, subject: subject(number, example.population), sightings: [seen($0, hour(0))])
            }
        }
        let told = standing(
            of: promise(asked), at: example.at, hosts(example.results.count, example.population), evidence)
        #expect(told.reason == example.reason)
        #expect(told.checks.map(\.reason) == [example.reason])
    }

    @Test func `of several checks the deciding one is told, and how many more agree`() {
        let checks = [encryption, firewall, "time.synchronised"]
        let three = Promise(
            demands: zip(checks, ["Disk encryption", "Firewall", "Clock"]).map { demand($0, $1) }, startsAt: minute(0))
        func reason(_ results: [CheckResult]) -> String {
            let evidence = zip(checks, results).map {
                Series(check: $0, subject: subject(0), sightings: [seen($1, hour(0))])
            }
            return standing(of: three, at: hour(1), hosts(1), evidence).reason
        }
        #expect(reason([.pass, .pass, .pass]) == "All 3 checks hold.")
        #expect(reason([.pass, .fail, .unknown]) == "The one host fails Firewall.")
        #expect(reason([.fail, .fail, .pass]) == "The one host fails Disk encryption; 1 other check is broken too.")
        #expect(reason([.fail, .fail, .fail]) == "The one host fails Disk encryption; 2 other checks are broken too.")
        #expect(reason([.pass, .pass, .unknown]) == "Clock could not be determined on the one host.")
    }

    @Test func `a failure within an allowed share is told even where other checks decide`() {
        let two = promise(demand(threshold: .share(percent: 50)), demand(firewall, "Firewall"))
        let evidence =
            series([seen(.pass, hour(0))], [seen(.fail, hour(0))])
            + series(of: firewall, [seen(.pass, hour(0))], [seen(.pass, hour(0))])
        let told = standing(of: two, at: hour(1), hosts(2), evidence)
        #expect(told.verdict == .kept)
        #expect(told.reason == "All 2 checks hold; 1 of 2 hosts fails Disk encryption.")
    }

    @Test(arguments: Subject.Kind.allCases)
    func `every kind of subject has a singular and a plural without hyphens`(_ kind: Subject.Kind) {
        #expect(kind.singular != kind.plural)
        #expect(!kind.plural.contains("-"))
    }
}

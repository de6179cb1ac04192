import ArgumentParser
import Kernel
import Probes
import ScanResults
import WebPosture

/// Judges a site's web posture.
struct ScanWeb: AsyncParsableCommand, LooseVerb {
    static let configuration = CommandConfiguration(
        commandName: "web",
        abstract: "Judge a site's headers, cookies and redirects as Mozilla's HTTP Observatory does.",
        discussion: """
            Asks for the page over HTTP and HTTPS, for robots.txt, and sends one preflight request; nothing else. Twelve tests \
            give a score and a grade from A+ to F; every finding carries lines for nginx, Apache, Caddy, Drupal and Express. \
            Where Mozilla's own scanner is known to be wrong, this one is not, and says so.
            """)

    @Argument(help: "The site: https://example.com, example.com:8443/shop.")
    var address: String

    @Option(help: ArgumentHelp("Where plain HTTP is, if not at 80.", valueName: "port"))
    var httpPort: Int?

    @Option(help: ArgumentHelp("Where HTTPS is, if not at 443.", valueName: "port"))
    var httpsPort: Int?

    @OptionGroup var request: ScanRequestOptions
    @OptionGroup var output: ScanOutput

    func run() async throws {
        let target = try WebTarget(address, httpPort: httpPort, httpsPort: httpsPort)
        let visit = WebVisit(try request.probe(), preloaded: try request.preloadedHosts())
        let start = WallClock.system.now()
        let found = try await visit.visit(
            target, headers: try request.headers(), reach: request.reach(implied: target.reach), within: request.time)
        let report = try ScanReport<WebDetails>(
            judging: found.exchange, target: address, from: start, to: WallClock.system.now(), remarks: found.remarks)
        try output.finish(report, facts: Self.facts(report.details))
    }

    private static func facts(_ details: WebDetails) -> [(name: String, value: String)] {
        var facts: [(name: String, value: String)] = [
            ("Tests passed", "\(details.testsPassed) of \(details.testsPassed + details.testsFailed)")
        ]
        if details.redirects.count > 1 { facts.append(("From HTTP", details.redirects.joined(separator: " → "))) }
        if let original = details.original {
            facts.append(("Mozilla's own scan", "\(original.grade) (score \(original.score))"))
        }
        for test in ObservatoryTest.allCases {
            guard let found = details.tests[test.rawValue] else { continue }
            let points = found.scoreModifier > 0 ? "+\(found.scoreModifier)" : "\(found.scoreModifier)"
            facts.append((test.rawValue, "\(found.pass ? "pass" : "fail") \(points)  \(found.description)"))
        }
        return facts
    }
}

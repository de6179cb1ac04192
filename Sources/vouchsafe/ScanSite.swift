import ArgumentParser
import Kernel
import Probes
import ScanResults
import WebPosture

/// Looks at the pages of a site for what is wrong with them.
struct ScanSite: AsyncParsableCommand, LooseVerb {
    static let configuration = CommandConfiguration(
        commandName: "site",
        abstract: "Visit the pages of a site and look at each for what is wrong, without attacking anything.",
        discussion: """
            Asks by GET only, within the site's origin, and heeds robots.txt. No form is sent, and no link is followed that \
            speaks of signing out or deleting. Two requests a second at most; a site of your own network, which --internal or \
            a private address names, is visited faster, as --rate says. Ctrl-C ends the visit and reports what was found.
            """)

    @Argument(help: "The first page: https://example.com. Its origin is the site.")
    var address: String

    @Option(help: ArgumentHelp("The most pages to visit.", valueName: "number"))
    var maxPages: Int = 200

    @Option(help: ArgumentHelp("The most links between the first page and another.", valueName: "number"))
    var maxDepth: Int = 5

    @Option(help: ArgumentHelp("The most minutes of the whole visit.", valueName: "minutes"))
    var maxTime: Int = 10

    @Option(
        help: ArgumentHelp(
            "Requests a second: 2 at most and by default for a public site, 50 by default within your own network.",
            valueName: "number"))
    var rate: Double?

    @Option(help: ArgumentHelp("Libraries with known holes: jsrepository.json of Retire.js.", valueName: "file"))
    var retire: String?

    @Option(
        help: ArgumentHelp(
            "Whom the site's people may ask about the visit; stands in the user agent.", valueName: "text"))
    var contact: String?

    @Flag(help: "Look also for what is often there and seldom matters.")
    var noisy = false

    @OptionGroup var request: ScanRequestOptions
    @OptionGroup var output: ScanOutput

    private static let publicRate = 2.0
    private static let internalRate = 50.0
    private static let libraryLimit = 32 << 20

    func validate() throws {
        guard (1...10_000).contains(maxPages) else { throw ValidationError("--max-pages must be 1 to 10000.") }
        guard (0...50).contains(maxDepth) else { throw ValidationError("--max-depth must be 0 to 50.") }
        guard (1...1440).contains(maxTime) else { throw ValidationError("--max-time must be 1 to 1440 minutes.") }
        if let rate, !(0.01...1000).contains(rate) { throw ValidationError("--rate must be 0.01 to 1000.") }
        if let contact, contact.utf8.contains(where: { $0 < 0x20 || $0 >= 0x7F }) || contact.count > 200 {
            throw ValidationError("--contact must be one line of plain letters.")
        }
    }

    func run() async throws {
        let target = try WebTarget(address)
        guard let start = target.scheme == .http ? target.plain : target.secure else { return }
        let reach = request.reach(implied: target.reach)
        let crawl = SiteCrawl(
            try request.probe(), checks: PassiveCheck.all.filter { noisy || !$0.isNoisy }, libraries: try libraries())
        let manner = SiteCrawl.Manner(
            headers: try headers(), reach: reach, pace: try pace(for: reach), requestTime: request.time,
            limits: CrawlFrontier.Limits(pages: maxPages, depth: maxDepth, time: .minutes(maxTime)))
        let progress = Progress("Visiting \(start.host)", onlyOnTerminal: true)
        let report = try await Interruption.cancelling {
            try await crawl.scan(start, manner) { pages, found in progress.show("\(pages) pages, \(found) findings") }
        }
        progress.end()
        try output.finish(report, facts: Self.facts(report.details))
    }

    private func libraries() throws -> KnownLibraries? {
        guard let retire else { return nil }
        let bytes = try Input.bytes(of: retire, limit: Self.libraryLimit)
        do {
            return try KnownLibraries(bytes)
        } catch {
            throw error.located(in: retire)
        }
    }

    private func headers() throws -> HeaderFields {
        var headers = try request.headers()
        if let contact, headers.first("User-Agent") == nil {
            headers.add("User-Agent", ScanRequestOptions.userAgent + " (\(contact))")
        }
        return headers
    }

    /// Two requests a second are what a site of strangers must bear; within the own network its owner decides.
    private func pace(for reach: Reach) throws -> Period {
        let most = reach == .publicAddresses ? Self.publicRate : .infinity
        if let rate, rate > most {
            throw Problem(
                .invalid, code: "scan.rate", "A public site is asked twice a second at most.",
                hint: "For a site of your own network name --internal.")
        }
        let rate = rate ?? (reach == .publicAddresses ? Self.publicRate : Self.internalRate)
        return Period(milliseconds: Int64((1000 / rate).rounded(.up)))
    }

    private static func facts(_ details: SiteDetails) -> [(name: String, value: String)] {
        [
            ("Pages visited", "\(details.pages.count)"),
            ("Links left alone", "\(details.skipped.count { $0.reason != .otherOrigin && $0.reason != .notAPage })"),
            ("Rules", details.rules.map(String.init).joined(separator: ", ")),
        ]
    }
}

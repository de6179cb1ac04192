import Kernel
import ScanResults
import WebPosture

/// Visits the pages of one site as a careful visitor would, and looks at each for what is wrong with it.
///
/// Asks by GET only, follows links within the origin and nothing else, heeds robots.txt, keeps its pace, and stops when it
/// is told to: the task is cancelled, and what was found so far is the report.
public struct SiteCrawl: Sendable {
    /// How a site is visited.
    public struct Manner: Sendable {
        /// The fields that go with each request, such as those of a sign-in.
        public let headers: HeaderFields
        /// Where the crawl may go.
        public let reach: Reach
        /// The least time between two requests.
        public let pace: Period
        /// The most time of one request.
        public let requestTime: Duration
        /// How far the crawl goes.
        public let limits: CrawlFrontier.Limits

        /// A manner out of its parts.
        public init(
            headers: HeaderFields = HeaderFields(), reach: Reach, pace: Period, requestTime: Duration = .seconds(10),
            limits: CrawlFrontier.Limits = CrawlFrontier.Limits()
        ) {
            self.headers = headers
            self.reach = reach
            self.pace = pace
            self.requestTime = requestTime
            self.limits = limits
        }
    }

    let probe: HTTPProbe
    let checks: [PassiveCheck]
    let libraries: KnownLibraries?
    let clock: WallClock
    let pause: @Sendable (Period) async throws -> Void

    /// The least time between two requests to a site that everybody can reach, however it was named.
    public static let publicPace = Period(milliseconds: 500)

    /// The name by which robots.txt knows the crawler.
    public static let agent = "vouchsafe"

    /// A crawler.
    ///
    /// - Parameters:
    ///   - probe: What asks.
    ///   - checks: What is looked for.
    ///   - libraries: The libraries with known holes, if they are looked for; the site's scripts are fetched then.
    ///   - clock: Tells the time.
    ///   - pause: Waits.
    public init(
        _ probe: HTTPProbe, checks: [PassiveCheck] = PassiveCheck.all.filter { !$0.isNoisy },
        libraries: KnownLibraries? = nil, clock: WallClock = .system,
        pause: @escaping @Sendable (Period) async throws -> Void = {
            try await Task.sleep(for: .milliseconds($0.milliseconds))
        }
    ) {
        self.probe = probe
        self.checks = checks
        self.libraries = libraries
        self.clock = clock
        self.pause = pause
    }

    /// Visits a site.
    ///
    /// - Parameters:
    ///   - start: The first page; its origin is the site.
    ///   - manner: How.
    ///   - progress: Told after each page how many were visited and how many things found.
    /// - Throws: `Problem` `probe.…` if the first page gives no answer.
    public func scan(
        _ start: WebAddress, _ manner: Manner, progress: @Sendable (_ pages: Int, _ found: Int) -> Void = { _, _ in }
    ) async throws -> ScanReport<SiteDetails> {
        let begun = clock.now()
        var visit = SiteVisit(crawl: self, manner: manner, start: start)
        let robots = try await visit.readRobots()
        var frontier = CrawlFrontier(
            from: start, rules: LinkRules(origin: start, robots: robots), limits: manner.limits,
            pace: visit.isPublic ? max(manner.pace, Self.publicPace) : manner.pace, at: clock.now())
        let end = try await visit.run(&frontier, progress: progress)
        guard visit.hasSeenPages || end == .stopped else {
            throw Problem(
                .unavailable, code: "scan.nothing-visited", visit.whyNothing,
                hint: "Look at what the site answers to its first page and to robots.txt.")
        }
        return visit.report(frontier, end: end, from: begun, to: clock.now())
    }
}

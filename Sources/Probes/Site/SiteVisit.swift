import Kernel
import NIOCore
import ScanResults
import WebPosture

/// One visit of a site while it goes on: what was seen so far.
struct SiteVisit {
    private struct Seen {
        let page: CrawlFrontier.Page
        let status: Int
        let findings: [Finding]
    }

    let crawl: SiteCrawl
    let manner: SiteCrawl.Manner
    let start: WebAddress

    private var jar = CookieJar()
    private var seen: [Seen] = []
    private var failures: [(address: WebAddress, problem: Problem)] = []
    private var remarks: [String] = []
    private var requests = 0
    private var bytes = 0

    private static let redirectLimit = 5
    /// Whether the machine that answered is one that everybody can reach.
    private(set) var isPublic = false

    private static let skippedLimit = 1000
    /// The most links of one page that are looked at.
    private static let linkLimit = 5000

    init(crawl: SiteCrawl, manner: SiteCrawl.Manner, start: WebAddress) {
        self.crawl = crawl
        self.manner = manner
        self.start = start
    }

    /// Whether any page was looked at.
    var hasSeenPages: Bool { !seen.isEmpty }

    /// Why none was, in one sentence.
    var whyNothing: String {
        remarks.first ?? failures.first.map { "No page was visited: \($0.1.message)" }
            ?? "No page was visited: robots.txt asks to stay away."
    }

    // MARK: - Asking

    /// What the site asks crawlers to leave alone; redirections are followed within the origin.
    mutating func readRobots() async throws -> RobotsRules {
        var next = start.resolving("/robots.txt")
        var last: WebResponse?
        for _ in 0...Self.redirectLimit {
            guard let address = next, address.hasSameOrigin(as: start) else { break }
            // Whoever does not answer here answers nowhere: the site is down, or is none.
            let response = try await ask(address)
            last = response
            next = response.destination(from: address)
            guard next != nil else { break }
            try await crawl.pause(manner.pace)
        }
        // The first page keeps its distance too.
        try await crawl.pause(manner.pace)
        if let last, last.status >= 500 || last.status == 429 {
            remarks.append("robots.txt was answered with \(last.status), so no page was visited (RFC 9309 §2.3.1.4).")
        }
        return RobotsRules(last, for: SiteCrawl.agent)
    }

    private mutating func ask(_ address: WebAddress) async throws -> WebResponse {
        var headers = HeaderFields()
        if manner.headers.first("Cookie") == nil, let cookies = jar.field(for: address, at: crawl.clock.now()) {
            headers.add("Cookie", cookies)
        }
        requests += 1
        let response = try await crawl.probe.answer(
            to: WebRequest(address, headers: headers, secrets: manner.headers), reach: manner.reach,
            within: manner.requestTime)
        if let peer = try? SocketAddress(ipAddress: response.peer, port: 0) {
            isPublic = Reach.publicAddresses.allows(peer)
        }
        jar.take(response.headers, from: address, at: crawl.clock.now())
        bytes += response.body.count
        return response
    }

    /// Visits page after page until there is nothing left to do.
    mutating func run(
        _ frontier: inout CrawlFrontier, progress: @Sendable (Int, Int) -> Void
    ) async throws -> CrawlFrontier.End {
        while true {
            do {
                try Task.checkCancellation()
                switch frontier.next(at: crawl.clock.now()) {
                case .finished(let end): return end
                case .wait(let until): try await crawl.pause(until - crawl.clock.now())
                case .visit(let page):
                    try await visit(page, &frontier)
                    progress(seen.count, seen.reduce(0) { $0 + $1.findings.count })
                }
            } catch is CancellationError {
                return .stopped
            }
        }
    }

    private mutating func visit(_ page: CrawlFrontier.Page, _ frontier: inout CrawlFrontier) async throws {
        let response: WebResponse
        do {
            response = try await ask(page.address)
        } catch let problem as Problem {
            if seen.isEmpty, page.address == start { throw problem }
            failures.append((page.address, problem))
            frontier.failed(page)
            return
        }
        frontier.answered(
            page, status: response.status, retryAfter: response.headers.first("Retry-After"), size: response.body.count,
            at: crawl.clock.now())
        if response.isThrottled { return }
        // The cookies of the visit itself are nobody's: only what the operator sends makes a page somebody's own.
        let request = WebRequest(page.address, headers: manner.headers)
        let seenPage = PassivePage(
            PageExchange(request, response), isLinked: page.depth > 0 && !page.isRedirected, at: crawl.clock.now())
        let findings =
            crawl.checks.flatMap { $0.findings(on: seenPage) } + (crawl.libraries?.findings(on: seenPage) ?? [])
        seen.append(Seen(page: page, status: response.status, findings: findings))
        note(response, of: page)
        follow(response, seenPage, from: page, &frontier)
    }

    private func follow(
        _ response: WebResponse, _ seen: PassivePage, from page: CrawlFrontier.Page, _ frontier: inout CrawlFrontier
    ) {
        if let address = response.destination(from: page.address) {
            frontier.offer(address, from: page, isRedirection: true)
        }
        guard let document = seen.document else { return }
        for link in document.links.prefix(Self.linkLimit) {
            guard !frontier.isOver(at: crawl.clock.now()), !Task.isCancelled else { return }
            guard let address = seen.resolved(link.reference) else { continue }
            frontier.offer(address, text: link.text, method: link.method, from: page)
        }
        guard crawl.libraries != nil else { return }
        for script in document.tags where script.name == "script" {
            guard let address = script["src"].flatMap(seen.resolved) else { continue }
            frontier.offer(address, from: page, isScript: true)
        }
    }

    /// What a reader of the report must know about the first page.
    private mutating func note(_ response: WebResponse, of page: CrawlFrontier.Page) {
        if seen.count == 1, case .fails(let reason) = response.certificate { remarks.append(reason) }
        guard page.address == start, let target = response.destination(from: page.address),
            !target.hasSameOrigin(as: start)
        else { return }
        remarks.append(
            "The first page sends to \(target.origin), which is another origin. Scan that one by its own name.")
    }

    // MARK: - Telling

    func report(
        _ frontier: CrawlFrontier, end: CrawlFrontier.End, from begun: Instant, to ended: Instant
    ) -> ScanReport<SiteDetails> {
        let all = SiteFindings(seen.map { ($0.page.address, $0.findings) })
        let pages = seen.map { seen in
            SiteDetails.Page(
                address: seen.page.address.description, status: seen.status, depth: seen.page.depth,
                rules: Set(seen.findings.compactMap(\.zapRule)).sorted())
        }
        let rules = Set(crawl.checks.map(\.zapRule) + (crawl.libraries == nil ? [] : [10003])).sorted()
        return ScanReport(
            ScanSummary(
                .site, of: start.description, from: begun, to: ended, grade: nil, findings: all.findings,
                remarks: remarks + SiteRemarks.about(end, frontier.refused) + failureRemarks + libraryRemarks),
            details: SiteDetails(
                end: end, pages: pages, occurrences: all.occurrences,
                skipped: Array(frontier.refused.prefix(Self.skippedLimit)), requests: requests, bytes: bytes,
                rules: rules))
    }

    private var failureRemarks: [String] {
        guard let first = failures.first else { return [] }
        let others = failures.count == 1 ? "" : " (and \(failures.count - 1) more)"
        return ["\(first.address) gave no answer\(others): \(first.problem.message)"]
    }

    private var libraryRemarks: [String] {
        guard let libraries = crawl.libraries, libraries.unreadable > 0 else { return [] }
        return ["\(libraries.unreadable) patterns of the file of libraries cannot be run here."]
    }
}

extension WebResponse {
    /// That the server asks to be left alone for a while.
    fileprivate var isThrottled: Bool { status == 429 || status == 503 }
}

import Kernel
import WebPosture

/// Fetches what judging a site's web posture needs, as Mozilla's Observatory does: the page over HTTP and over HTTPS with every
/// redirect, robots.txt for the cookies it sets, and a preflight request.
public struct WebVisit: Sendable {
    /// What came of a visit.
    public struct Found: Sendable {
        /// The exchange to judge.
        public let exchange: WebExchange
        /// What went wrong on the way, each a sentence for people.
        public let remarks: [String]
    }

    private let probe: HTTPProbe
    private let preloaded: PreloadedHosts
    private let clock: WallClock

    /// Whom the preflight request claims to come from: a site that nobody allows on purpose.
    public static let foreignOrigin = "https://vouchsafe-scan.example"

    private static let pageType = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"
    private static let documentTypes: Set = ["text/html", "application/xhtml+xml"]

    /// Visits by `probe`, judged by `preloaded`.
    public init(_ probe: HTTPProbe, preloaded: PreloadedHosts = .embedded, clock: WallClock = .system) {
        self.probe = probe
        self.preloaded = preloaded
        self.clock = clock
    }

    /// Visits a site.
    ///
    /// - Parameters:
    ///   - target: The site.
    ///   - headers: Fields to send besides, for private sites; over plain HTTP only if the target was named so.
    ///   - reach: Where the visit may go.
    ///   - time: The most time of each request.
    /// - Throws: `Problem` (unavailable) `scan.no-answer` if neither side answers; `CancellationError`.
    public func visit(
        _ target: WebTarget, headers: HeaderFields = HeaderFields(), reach: Reach, within time: Duration
    ) async throws -> Found {
        let ask = Asking(probe: probe, reach: reach, time: time, clock: clock)
        async let plainSide = ask.walk(
            target.plain, secrets: target.scheme == .http ? headers : HeaderFields(), type: Self.pageType)
        async let secureSide = ask.walk(
            target.secure, secrets: target.scheme == .http ? HeaderFields() : headers, type: Self.pageType)
        let (plain, secure) = try await (plainSide, secureSide)
        guard var side = secure?.response == nil ? plain : secure, let answer = side.response else {
            throw Self.unanswered(target, plain, secure)
        }
        let isNamed = (target.scheme == .http) == (side.start.scheme == .http)
        let sent = isNamed ? headers : HeaderFields()
        try await ask.robots(&side, secrets: sent)
        let preflight = try await ask.preflight(side, secrets: sent)
        let isDocument = Self.documentTypes.contains(answer.mediaType)
        return Found(
            exchange: WebExchange(
                host: target.host, address: side.start.description,
                answer: side.recorded(metaHeaders: isDocument ? MetaHeaders.read(answer.body) : [:]),
                overHTTP: plain?.recorded(), overHTTPS: secure?.recorded(),
                preflight: preflight.map {
                    WebExchange.Response(status: $0.status, headers: $0.headers.joined, isVerified: side.isVerified)
                },
                preflightRequest: HeaderFields([("Origin", Self.foreignOrigin)]), route: plain?.route ?? [],
                cookies: side.jar.entries.map { WebExchange.SeenCookie($0.cookie) }, document: answer.body,
                preloaded: preloaded),
            remarks: Self.remarks(plain, secure, on: answer))
    }

    private static func remarks(_ plain: WebSide?, _ secure: WebSide?, on answer: WebResponse) -> [String] {
        var remarks: [String] = []
        for remark in [plain, secure].flatMap({ $0?.remarks ?? [] }) where !remarks.contains(remark) {
            remarks.append(remark)
        }
        if answer.cut != nil { remarks.append("The page did not come whole; what came was judged.") }
        return remarks
    }

    private static func unanswered(_ target: WebTarget, _ plain: WebSide?, _ secure: WebSide?) -> Problem {
        let reasons = [secure, plain].compactMap { $0?.failure }
        let refused = reasons.first { $0.kind == .refused }
        return Problem(
            refused == nil ? .unavailable : .refused, code: refused?.code ?? "scan.no-answer",
            refused?.message ?? "\(target.text) does not answer.",
            hint: refused?.hint ?? reasons.first.map { "\($0.message)\($0.hint.map { " \($0)" } ?? "")" })
    }
}

/// One side of a visit, over HTTP or HTTPS.
private struct WebSide: Sendable {
    let start: WebAddress
    let walk: RedirectWalk
    var jar: CookieJar

    var response: WebResponse? { walk.last?.response }

    /// Whether each certificate on the way held.
    var isVerified: Bool { walk.steps.allSatisfy { $0.response.isVerified ?? true } }

    /// What is wrong with the first certificate that did not hold.
    private var certificateRemark: String? {
        for step in walk.steps {
            if case .fails(let reason) = step.response.certificate {
                return "\(step.request.address.origin): \(reason)"
            }
        }
        return nil
    }

    /// What a reader must know about this side.
    var remarks: [String] { [endRemark, certificateRemark].compactMap { $0 } }

    func recorded(metaHeaders: [String: [String]]? = nil) -> WebExchange.Response? {
        response.map {
            WebExchange.Response(
                status: $0.status, headers: $0.headers.joined, isVerified: isVerified, metaHeaders: metaHeaders)
        }
    }

    /// Each step, and where the last answer sent although nobody answered there.
    var route: [WebExchange.Hop] {
        var route = walk.steps.map {
            WebExchange.Hop(address: $0.request.address.description, status: $0.response.status)
        }
        if case .failed(let address, _) = walk.end, !route.isEmpty {
            route.append(WebExchange.Hop(address: address.description, status: 0))
        }
        return route
    }

    var failure: Problem? {
        if case .failed(_, let problem) = walk.end { problem } else { nil }
    }

    private var endRemark: String? {
        switch walk.end {
        case .arrived: return nil
        case .tooMany: return "\(start) redirects more than \(RedirectWalk.limit) times; the last answer was judged."
        case .nowhere: return "\(start) redirects to something that is no address of the web."
        case .failed(let address, let problem):
            return walk.steps.isEmpty ? nil : "\(start) leads to \(address), where nothing was read: \(problem.message)"
        }
    }
}

/// The requests of one visit.
private struct Asking: Sendable {
    let probe: HTTPProbe
    let reach: Reach
    let time: Duration
    let clock: WallClock

    func walk(_ address: WebAddress?, secrets: HeaderFields, type: String) async throws -> WebSide? {
        guard let address else { return nil }
        var jar = CookieJar()
        let walk = try await probe.walk(
            from: WebRequest(address, headers: HeaderFields([("Accept", type)]), secrets: secrets), jar: &jar, reach: reach, within: time,
            now: clock)
        return WebSide(start: address, walk: walk, jar: jar)
    }

    /// Asks for robots.txt, only for the cookies that it sets.
    func robots(_ side: inout WebSide, secrets: HeaderFields) async throws {
        guard let address = side.start.resolving("/robots.txt") else { return }
        let request = WebRequest(
            address, headers: HeaderFields([("Accept", "text/plain,*/*;q=0.8")]), secrets: secrets)
        _ = try await probe.walk(from: request, jar: &side.jar, reach: reach, within: time, now: clock)
    }

    func preflight(_ side: WebSide, secrets: HeaderFields) async throws -> WebResponse? {
        let address = side.walk.last?.request.address ?? side.start
        let request = WebRequest(
            address, method: .options,
            headers: HeaderFields([("Access-Control-Request-Method", "GET"), ("Origin", WebVisit.foreignOrigin)]),
            secrets: address.hasSameOrigin(as: side.start) ? secrets : HeaderFields())
        do {
            return try await probe.answer(to: request, reach: reach, within: time)
        } catch is Problem {
            return nil
        }
    }
}

extension WebExchange.SeenCookie {
    fileprivate init(_ cookie: Cookie) {
        self.init(
            name: cookie.name, isSecure: cookie.isSecure, isHTTPOnly: cookie.isHTTPOnly,
            sameSite: cookie.sameSite?.rawValue)
    }
}

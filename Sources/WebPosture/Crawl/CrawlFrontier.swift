import Kernel

/// What a crawler visits next, and when: the pages that it knows of, its limits, and its patience with the server.
///
/// A state machine without a network and without a clock: it is told what was found and what was answered, and tells what
/// to do. Pages come in the order in which they were found, so that two scans of one site visit the same ones.
public struct CrawlFrontier: Sendable {
    /// How far a crawl goes.
    public struct Limits: Hashable, Sendable {
        /// The most pages that are visited.
        public let pages: Int
        /// The most links between the first page and another.
        public let depth: Int
        /// The most bytes of all bodies.
        public let bytes: Int
        /// The most time.
        public let time: Period
        /// The most pages whose addresses differ in numbers and queries only.
        public let alike: Int

        /// Limits of a crawl.
        public init(
            pages: Int = 200, depth: Int = 5, bytes: Int = 64 << 20, time: Period = .minutes(10), alike: Int = 10
        ) {
            self.pages = pages
            self.depth = depth
            self.bytes = bytes
            self.time = time
            self.alike = alike
        }
    }

    /// A page to visit.
    public struct Page: Hashable, Sendable {
        /// Where it is.
        public let address: WebAddress
        /// How many links lie between it and the first page.
        public let depth: Int
        /// That a redirection led there and no link.
        public let isRedirected: Bool
        var tries = 0

        /// A page out of its parts.
        public init(_ address: WebAddress, depth: Int = 0, isRedirected: Bool = false) {
            self.address = address
            self.depth = depth
            self.isRedirected = isRedirected
        }
    }

    /// What to do.
    public enum Step: Hashable, Sendable {
        /// Visit this page now.
        case visit(Page)
        /// Wait until then and ask again.
        case wait(until: Instant)
        /// There is nothing left to do.
        case finished(End)
    }

    /// Why a crawl ended.
    public enum End: String, Hashable, Sendable, Codable {
        /// Every page that may be visited was.
        case complete
        /// There are more pages than were wanted.
        case pages
        /// The pages together are larger than was wanted.
        case bytes
        /// The time is over.
        case time
        /// The server asked again and again to be left alone.
        case throttled
        /// The server stopped answering.
        case unreachable
        /// Somebody stopped it.
        case stopped
    }

    /// A link that was not followed.
    public struct Refused: Hashable, Sendable, Codable {
        /// Where it leads.
        public let address: String
        /// Why not.
        public let reason: LinkRules.Refusal
    }

    /// The links that were not followed, each once, as far as they are kept.
    public private(set) var refused: [Refused] = []

    private let rules: LinkRules
    private let limits: Limits
    private let pace: Period
    private let start: Instant
    private var queue: [Page] = []
    private var head = 0
    private var known: Set<String> = []
    private var alike: [String: Int] = [:]
    private var visited = 0
    private var bytes = 0
    private var nextAt: Instant
    private var throttled = 0
    private var failures = 0
    private var isCapped = false

    /// The most addresses that are known at a time, and refused links that are kept.
    static let knownLimit = 20_000
    /// The longest address that is visited or remembered, in bytes.
    private static let addressLimit = 2048
    private static let patience = 3
    private static let longestWait = Period.minutes(1)

    /// A crawl from `first` on.
    ///
    /// - Parameters:
    ///   - pace: The least time between two requests.
    ///   - now: When it begins.
    public init(from first: WebAddress, rules: LinkRules, limits: Limits, pace: Period, at now: Instant) {
        self.rules = rules
        self.limits = limits
        // A site may ask for more room, within reason.
        self.pace = max(pace, .seconds(min(rules.robots.delay ?? 0, 10)))
        start = now
        nextAt = now
        if rules.robots.allows(first.target) {
            enqueue(Page(first, depth: 0, isRedirected: false))
        } else {
            refuse(first, .robots)
        }
    }

    /// Takes note of a link on a page.
    ///
    /// - Returns: Why it is not followed; `nil` if it is, or is known already.
    @discardableResult
    public mutating func offer(
        _ address: WebAddress, text: String = "", method: String? = nil, from page: Page, isRedirection: Bool = false,
        isScript: Bool = false
    ) -> LinkRules.Refusal? {
        let spelled = address.description
        guard spelled.utf8.count <= Self.addressLimit, !known.contains(spelled) else { return nil }
        let depth = isRedirection ? page.depth : page.depth + 1
        var refusal: LinkRules.Refusal?
        if depth > limits.depth { refusal = .depth }
        if refusal == nil, queue.count >= limits.pages {
            isCapped = true
            refusal = .pages
        }
        // What a stranger's rules decide comes last, because matching them costs most.
        refusal = refusal ?? rules.refusal(of: address, text: text, method: method, isScript: isScript)
        let pattern = address.pattern
        let holdsNumbers = pattern != address.path
        if refusal == nil, holdsNumbers, alike[pattern, default: 0] >= limits.alike { refusal = .trap }
        if let refusal {
            refuse(address, refusal)
            return refusal
        }
        if holdsNumbers, alike.count < Self.knownLimit { alike[pattern, default: 0] += 1 }
        enqueue(Page(address, depth: depth, isRedirected: isRedirection))
        return nil
    }

    /// Tells whether the time is over.
    public func isOver(at now: Instant) -> Bool { now - start >= limits.time }

    /// What to do now.
    public mutating func next(at now: Instant) -> Step {
        if isOver(at: now) { return .finished(.time) }
        if throttled >= Self.patience { return .finished(.throttled) }
        if failures >= Self.patience { return .finished(.unreachable) }
        guard head < queue.count else { return .finished(isCapped ? .pages : .complete) }
        if visited >= limits.pages { return .finished(.pages) }
        if bytes >= limits.bytes { return .finished(.bytes) }
        if now < nextAt { return .wait(until: min(nextAt, start + limits.time)) }
        defer { head += 1 }
        visited += 1
        nextAt = now + pace
        return .visit(queue[head])
    }

    /// Takes note of an answer.
    ///
    /// - Parameters:
    ///   - retryAfter: The value of the field of that name.
    ///   - size: The bytes of the body.
    public mutating func answered(_ page: Page, status: Int, retryAfter: String?, size: Int, at now: Instant) {
        failures = 0
        bytes += size
        guard status == 429 || status == 503 else {
            throttled = 0
            return
        }
        throttled += 1
        let asked = retryAfter.flatMap { RetryAfter.period($0, at: now) } ?? .seconds(5 << min(throttled - 1, 3))
        nextAt = now + min(max(asked, pace), Self.longestWait)
        // Asked once more at the end, unless it goes on like that.
        if page.tries == 0 {
            var again = page
            again.tries = 1
            queue.append(again)
            visited -= 1
        }
    }

    /// Takes note that there was no answer.
    public mutating func failed(_ page: Page) { failures += 1 }

    private mutating func enqueue(_ page: Page) {
        guard known.count < Self.knownLimit, known.insert(page.address.description).inserted else { return }
        queue.append(page)
    }

    private mutating func refuse(_ address: WebAddress, _ reason: LinkRules.Refusal) {
        guard refused.count < Self.knownLimit, known.count < Self.knownLimit else { return }
        known.insert(address.description)
        // An address that carries a session or a secret is told of without it.
        let told = reason == .secret ? address.withoutSecrets : address
        refused.append(Refused(address: told.description, reason: reason))
    }
}

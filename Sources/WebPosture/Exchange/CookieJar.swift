import Kernel

/// The cookies of one visit, kept and sent as a browser does (RFC 6265 §5.3 and §5.4).
public struct CookieJar: Hashable, Sendable {
    /// A cookie with what follows from the page that set it.
    public struct Entry: Hashable, Sendable {
        /// The cookie as it was asked for.
        public let cookie: Cookie
        /// The domain that it belongs to.
        public let domain: String
        /// That it goes to that very host only.
        public let isHostOnly: Bool
        /// The path that it belongs to.
        public let path: String
        /// When it ends; `nil` with the visit.
        public let end: Instant?
    }

    /// What is kept, the oldest first.
    public private(set) var entries: [Entry] = []

    /// The most cookies that are kept; the oldest go first.
    public static let limit = 300

    private let suffixes: @Sendable (String) -> String?

    /// An empty jar.
    ///
    /// - Parameter suffixes: Which suffixes are nobody's own, and so may not be a cookie's domain.
    public init(suffixes: PublicSuffixes = .embeddedWithPrivate) { self.suffixes = suffixes.registeredDomain }

    /// Keeps what an answer from `address` sets.
    public mutating func take(_ headers: HeaderFields, from address: WebAddress, at now: Instant) {
        for field in headers["Set-Cookie"] {
            if let cookie = Cookie(field) { take(cookie, from: address, at: now) }
        }
    }

    /// Keeps one cookie that an answer from `address` sets, if that may set it.
    public mutating func take(_ cookie: Cookie, from address: WebAddress, at now: Instant) {
        let host = address.lookupHost
        var domain = host
        var isHostOnly = true
        if let wanted = cookie.domain, wanted != host {
            // A cookie for a whole public suffix would go to strangers.
            guard Self.domain(wanted, covers: host), suffixes(wanted) != nil else { return }
            domain = wanted
            isHostOnly = false
        } else if cookie.domain == host {
            isHostOnly = suffixes(host) == nil
        }
        if cookie.isSecure, address.scheme == .http, !address.isLoopback { return }
        if cookie.name.hasPrefix("__Secure-"), !cookie.isSecure { return }
        if cookie.name.hasPrefix("__Host-"), !cookie.isSecure || !isHostOnly || cookie.path != "/" { return }
        let path = cookie.path ?? Self.defaultPath(of: address)
        entries.removeAll { $0.cookie.name == cookie.name && $0.domain == domain && $0.path == path }
        guard !cookie.isExpired(at: now) else { return }
        let end = cookie.maxAge.map { now + .seconds(min($0, 400 * 86_400)) } ?? cookie.expires
        entries.append(Entry(cookie: cookie, domain: domain, isHostOnly: isHostOnly, path: path, end: end))
        if entries.count > Self.limit { entries.removeFirst() }
    }

    /// The value of the `Cookie` field for a request; `nil` if there is none to send.
    public func field(for address: WebAddress, at now: Instant) -> String? {
        let host = address.lookupHost
        let sent = entries.enumerated().filter { _, entry in
            (entry.isHostOnly ? entry.domain == host : Self.domain(entry.domain, covers: host))
                && Self.path(entry.path, covers: address.path)
                && (!entry.cookie.isSecure || address.scheme == .https || address.isLoopback)
                && (entry.end.map { $0 > now } ?? true)
        }
        // Longer paths first, among equals the older one.
        .sorted { ($1.element.path.utf8.count, $0.offset) < ($0.element.path.utf8.count, $1.offset) }
        .map {
            $0.element.cookie.name.isEmpty
                ? $0.element.cookie.value : "\($0.element.cookie.name)=\($0.element.cookie.value)"
        }
        return sent.isEmpty ? nil : sent.joined(separator: "; ")
    }

    private static func domain(_ domain: String, covers host: String) -> Bool {
        host == domain
            || (host.hasSuffix("." + domain) && !host.utf8.allSatisfy { $0 == 0x2E || (0x30...0x39).contains($0) })
    }

    private static func path(_ path: String, covers other: String) -> Bool {
        other == path || (other.hasPrefix(path) && (path.hasSuffix("/") || other.dropFirst(path.count).hasPrefix("/")))
    }

    private static func defaultPath(of address: WebAddress) -> String {
        guard let slash = address.path.lastIndex(of: "/"), slash != address.path.startIndex else { return "/" }
        return String(address.path[..<slash])
    }

    /// Compares what is kept.
    public static func == (left: CookieJar, right: CookieJar) -> Bool { left.entries == right.entries }
    /// Hashes what is kept.
    public func hash(into hasher: inout Hasher) { hasher.combine(entries) }
}

extension WebAddress {
    /// Tells whether the address is of this machine, which browsers trust without encryption.
    public var isLoopback: Bool {
        (host.hasPrefix("127.") && host.utf8.allSatisfy { $0 == 0x2E || (0x30...0x39).contains($0) })
            || host == "[::1]" || host == "localhost"
    }
}

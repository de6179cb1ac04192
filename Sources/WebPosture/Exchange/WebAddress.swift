/// The absolute address of something on the web: `http` or `https`, a host, a port, a path and a query.
///
/// Read as browsers read it (WHATWG URL): tabs and line ends are dropped, a backslash is a slash, a host beyond ASCII
/// becomes Punycode, numbers become an IPv4 address, dots in the path are worked out. Never holds credentials; a fragment
/// is dropped, because it never reaches a server.
public struct WebAddress: Hashable, Sendable {
    /// How the address is reached.
    public enum Scheme: String, Hashable, Sendable, Codable, CaseIterable {
        case http, https

        /// The port that is not spelled: 80 or 443.
        public var defaultPort: Int { self == .http ? 80 : 443 }
    }

    /// How it is reached.
    public let scheme: Scheme
    /// The host in lower case ASCII; an IPv6 address stands in brackets.
    public let host: String
    /// The port, 1…65535, the scheme's own where none was spelled.
    public let port: Int
    /// The path; begins with a slash.
    public let path: String
    /// What stands behind the question mark, without it; `nil` if there is none.
    public let query: String?

    /// The longest address that is read, in bytes.
    public static let limit = 8192

    init(scheme: Scheme, host: String, port: Int, path: String, query: String?) {
        self.scheme = scheme
        self.host = host
        self.port = port
        self.path = path
        self.query = query
    }

    /// Reads an absolute address.
    ///
    /// - Parameter text: At most ``limit`` bytes.
    /// - Returns: `nil` for another scheme, an impossible host or port, credentials, or anything that is no address.
    public init?(_ text: String) {
        guard let address = AddressReader.read(text, against: nil) else { return nil }
        self = address
    }

    /// The address that a link to `reference` on a page of this address leads to (RFC 3986 §5).
    ///
    /// - Returns: `nil` where the link leads nowhere that HTTP reaches, such as `mailto:`.
    public func resolving(_ reference: String) -> WebAddress? { AddressReader.read(reference, against: self) }

    /// Scheme, host and port as browsers compare and spell them, such as `https://example.com` (RFC 6454).
    public var origin: String { scheme.rawValue + "://" + authority }

    /// Host and port as in the `Host` header: without the scheme's own port.
    public var authority: String { port == scheme.defaultPort ? host : "\(host):\(port)" }

    /// The host as it is looked up: an IPv6 address without its brackets, and no point at the end of a name.
    public var lookupHost: String {
        if host.hasPrefix("[") { return String(host.dropFirst().dropLast()) }
        return host.hasSuffix(".") ? String(host.dropLast()) : host
    }

    /// Path and query as in the first line of a request.
    public var target: String { query.map { "\(path)?\($0)" } ?? path }

    /// The address without its query.
    public var withoutQuery: WebAddress { WebAddress(scheme: scheme, host: host, port: port, path: path, query: nil) }

    /// The address without its query, and without what stands behind semicolons in its path.
    public var withoutSecrets: WebAddress {
        let pieces = path.split(separator: "/", omittingEmptySubsequences: false).map { $0.prefix { $0 != ";" } }
        return WebAddress(
            scheme: scheme, host: host, port: port, path: pieces.joined(separator: "/"), query: nil)
    }

    /// Tells whether scripts of the one may read the other.
    public func hasSameOrigin(as other: WebAddress) -> Bool {
        scheme == other.scheme && host == other.host && port == other.port
    }
}

extension WebAddress: CustomStringConvertible, LosslessStringConvertible, Codable {
    /// The address as it is spelled in full.
    public var description: String { origin + target }

    /// Reads what ``description`` writes.
    ///
    /// - Throws: `DecodingError` for anything that is no such address.
    public init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        guard let address = WebAddress(try container.decode(String.self)) else {
            throw DecodingError.dataCorruptedError(in: container, debugDescription: "not an address of the web")
        }
        self = address
    }

    /// Writes ``description``.
    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(description)
    }
}

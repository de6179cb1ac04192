/// A site as people type it, read as Mozilla's Observatory does: a host, perhaps a port and a path.
public struct ObservatorySite: Hashable, Sendable {
    /// That a text names no site.
    public struct Fault: Error, Hashable {
        /// A sentence without a full stop.
        public let reason: String
    }

    /// The host in lower case and Punycode.
    public let host: String
    /// The port, if it is spelled and not that of HTTPS.
    public let port: Int?
    /// The path, which begins with a slash.
    public let path: String

    /// Reads what stands behind `https://`.
    ///
    /// - Throws: ``Fault`` for what is no host, and for a name without a point.
    public init(_ text: String) throws(Fault) {
        guard let address = WebAddress(WebAddress.withoutCredentials("https://" + text)) else {
            throw Fault(reason: "\(text) is invalid: invalid site string")
        }
        let labels = address.host.split(separator: ".", omittingEmptySubsequences: false)
        guard labels.count > 1, !labels.contains("") else {
            throw Fault(reason: "\(text) is invalid: hostname must have at least a host and TLD (e.g., site.com)")
        }
        guard address.host.utf8.count <= 253 else {
            throw Fault(reason: "\(text) is invalid: hostname is too long")
        }
        host = address.host
        port = address.port == 443 ? nil : address.port
        path = address.path
    }
}

extension WebAddress {
    /// An address as somebody else wrote it, without a name and a password in front of its host.
    static func withoutCredentials(_ text: String) -> String {
        guard let start = text.firstRange(of: "://")?.upperBound else { return text }
        let authority = text[start...].prefix { !"/\\?#".contains($0) }
        guard let mark = authority.lastIndex(of: "@") else { return text }
        return String(text[..<start] + text[text.index(after: mark)...])
    }
}

/// The hosts that browsers visit over HTTPS only, without having been told by the host itself.
public struct PreloadedHosts: Sendable {
    /// What the list says of a host.
    public struct Entry: Hashable, Sendable {
        /// That the host is visited over HTTPS only; an entry without it is for other purposes.
        public let forcesHTTPS: Bool
        /// That this holds for the hosts below it too.
        public let includesSubdomains: Bool

        /// An entry out of its parts.
        public init(forcesHTTPS: Bool, includesSubdomains: Bool) {
            self.forcesHTTPS = forcesHTTPS
            self.includesSubdomains = includesSubdomains
        }
    }

    private let find: @Sendable (String) -> Entry?

    /// A list that is asked host by host.
    public init(_ find: @escaping @Sendable (_ host: String) -> Entry?) { self.find = find }

    /// The list that is compiled in; its first line tells its date.
    public static let embedded = PreloadedHosts(.preloadedHosts)

    /// A list in the format of the compiled-in one.
    ///
    /// - Parameter bytes: One host a line in the order of their bytes, a star behind those whose subdomains are included; lines
    ///   that begin with `#` come first.
    public init(list bytes: [UInt8]) { self.init(ListBytes(bytes)) }

    private init(_ list: ListBytes) {
        find = { host in list.withBytes { SortedLines(bytes: $0).entry(of: Array(host.utf8)) } }
    }

    /// The entry that covers `host`: its own, or that of a host above it which includes its subdomains.
    ///
    /// - Parameter host: In lower case, without a point at its end.
    public func entry(covering host: String) -> Entry? {
        if let entry = find(host), entry.forcesHTTPS { return entry }
        var rest = host[...]
        while let point = rest.firstIndex(of: ".") {
            rest = rest[rest.index(after: point)...]
            if let entry = find(String(rest)), entry.forcesHTTPS, entry.includesSubdomains { return entry }
        }
        return nil
    }
}

/// Lines in the order of their bytes, searched where they lie: the list is never taken apart.
private struct SortedLines {
    let bytes: UnsafeBufferPointer<UInt8>

    func entry(of host: [UInt8]) -> PreloadedHosts.Entry? {
        var (low, high) = (0, bytes.count)
        while low < high {
            let start = lineStart(before: low + (high - low) / 2, notBefore: low)
            let end = lineEnd(after: start)
            let name = start..<nameEnd(from: start, to: end)
            if name.isEmpty || bytes[start] == UInt8(ascii: "#") || precedes(name, host) {
                low = end + 1
            } else if name.count == host.count, zip(name, host).allSatisfy({ bytes[$0] == $1 }) {
                return PreloadedHosts.Entry(forcesHTTPS: true, includesSubdomains: name.upperBound < end)
            } else {
                high = start
            }
        }
        return nil
    }

    private func lineStart(before middle: Int, notBefore low: Int) -> Int {
        var start = middle
        while start > low, bytes[start - 1] != UInt8(ascii: "\n") { start -= 1 }
        return start
    }

    private func lineEnd(after start: Int) -> Int {
        var end = start
        while end < bytes.count, bytes[end] != UInt8(ascii: "\n") { end += 1 }
        return end
    }

    private func nameEnd(from start: Int, to end: Int) -> Int {
        var at = start
        while at < end, bytes[at] != UInt8(ascii: " ") { at += 1 }
        return at
    }

    private func precedes(_ name: Range<Int>, _ host: [UInt8]) -> Bool {
        for (index, byte) in zip(name, host) where bytes[index] != byte { return bytes[index] < byte }
        return name.count < host.count
    }
}

import Kernel
import NIOCore

/// `HOST`, `HOST:PORT`, `[ADDRESS]:PORT` or an address, as a person names a server.
public struct ServerAddress: Hashable, Sendable {
    /// The name or address without brackets.
    public let host: String
    /// The port, 1…65535.
    public let port: Int

    /// Reads what a person typed.
    ///
    /// - Parameter standardPort: The port where none is named.
    /// - Throws: `Problem` (invalid) `scan.target`.
    public init(_ text: String, standardPort: Int) throws(Problem) {
        var host = Substring(text)
        var port = standardPort
        if host.first == "[", let end = host.firstIndex(of: "]") {
            let rest = host[host.index(after: end)...]
            host = host[host.index(after: host.startIndex)..<end]
            guard host.contains(":"), rest.isEmpty || rest.first == ":" else { throw Self.unreadable(text) }
            if !rest.isEmpty { port = try Self.port(rest.dropFirst(), text) }
        } else if let colon = host.firstIndex(of: ":"), host.lastIndex(of: ":") == colon {
            port = try Self.port(host[host.index(after: colon)...], text)
            host = host[..<colon]
        }
        let isAddress = host.contains(":")
        guard !host.isEmpty, host.utf8.count <= 253,
            host.utf8.allSatisfy({ Self.isNameByte($0) || isAddress && $0 == UInt8(ascii: ":") }),
            !isAddress || (try? SocketAddress(ipAddress: String(host), port: port)) != nil
        else { throw Self.unreadable(text) }
        self.host = String(host)
        self.port = port
    }

    private static func port(_ text: Substring, _ whole: String) throws(Problem) -> Int {
        guard text.utf8.allSatisfy({ (0x30...0x39).contains($0) }), let port = Int(text), (1...65_535).contains(port)
        else { throw unreadable(whole) }
        return port
    }

    private static func isNameByte(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"):
            true
        default: false
        }
    }

    private static func unreadable(_ text: String) -> Problem {
        Problem(
            .invalid, code: "scan.target", "\(text) is no server's address.",
            hint: "Name it as HOST:PORT, an IPv6 address as [ADDRESS]:PORT.")
    }
}

import NIOCore

/// What is an address and no name.
enum IPAddress {
    /// Tells whether `host`, without brackets, is an IPv4 or IPv6 address.
    static func isAddress(_ host: String) -> Bool { (try? SocketAddress(ipAddress: host, port: 0)) != nil }
}

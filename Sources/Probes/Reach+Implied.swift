import NIOCore

extension Reach {
    /// The reach that naming `host` implies: an address that is not public, or this machine's own name, is meant as it stands.
    ///
    /// - Parameter host: A name, or an address without brackets.
    public static func implied(by host: String) -> Reach {
        let host = host.lowercased()
        if host == "localhost" || host.hasSuffix(".localhost") { return .internalAddresses }
        guard let address = try? SocketAddress(ipAddress: host, port: 0) else { return .publicAddresses }
        return publicAddresses.allows(address) ? .publicAddresses : .internalAddresses
    }
}

import NIOCore

/// Who sent records, by what the receiver knows itself: never by what a message says of its origin, because that can be forged.
public enum LogSender: Hashable, Sendable {
    /// How an address reached us. An address over UDP can be forged by anyone on the way, one over TCP hardly.
    public enum Transport: String, Hashable, Sendable, CaseIterable {
        /// Datagrams: no connection, nobody waits.
        case udp
        /// A connection without TLS.
        case tcp
    }

    /// The other end of a socket.
    case address(PeerAddress, Transport)
    /// Who proved to hold the key of a client certificate: SHA-256 over the certificate (DER), in lower-case hexadecimal digits.
    case certificate(fingerprint: String)
    /// A file that is followed, by the path that it is followed under.
    case file(path: String)
    /// The journal of systemd.
    case journal
}

extension LogSender {
    /// The other end of a socket; `nil` for what has no IP address.
    init?(_ peer: SocketAddress, over transport: Transport) {
        guard let address = PeerAddress(peer) else { return nil }
        self = .address(address, transport)
    }
}

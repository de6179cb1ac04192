import Foundation
import NIOCore

/// An IP address of a sender, without its port. An IPv4 address that came as an IPv6 one (`::ffff:192.0.2.7`) is the IPv4 address.
///
/// The zone of a link-local address does not count: the numbers of network interfaces change when a machine starts anew.
public struct PeerAddress: Hashable, Sendable {
    // All 128 bits, IPv4 addresses in their IPv6 form: whatever way an address comes, it is equal to itself.
    private let high: UInt64
    private let low: UInt64

    private static let mappedPrefix: UInt64 = 0xFFFF

    private init(v4 address: in_addr) {
        high = 0
        low = Self.mappedPrefix << 32 | UInt64(UInt32(bigEndian: address.s_addr))
    }

    private init(v6 address: in6_addr) {
        (high, low) = withUnsafeBytes(of: address) { bytes in
            (
                UInt64(bigEndian: bytes.loadUnaligned(fromByteOffset: 0, as: UInt64.self)),
                UInt64(bigEndian: bytes.loadUnaligned(fromByteOffset: 8, as: UInt64.self))
            )
        }
    }

    /// The address of the other end of a socket; `nil` for a socket that has none, such as a local one.
    init?(_ peer: SocketAddress) {
        switch peer {
        case .v4(let peer): self.init(v4: peer.address.sin_addr)
        case .v6(let peer): self.init(v6: peer.address.sin6_addr)
        case .unixDomainSocket: return nil
        }
    }
}

extension PeerAddress: LosslessStringConvertible {
    /// Reads an address as a person writes it: `192.0.2.7`, `2001:db8::7`.
    ///
    /// - Returns: `nil` for anything else, names, ports and zones included.
    public init?(_ text: String) {
        guard text.utf8.count <= 45, !text.utf8.contains(0) else { return nil }
        var v4 = in_addr()
        var v6 = in6_addr()
        if inet_pton(AF_INET, text, &v4) == 1 {
            self.init(v4: v4)
        } else if inet_pton(AF_INET6, text, &v6) == 1 {
            self.init(v6: v6)
        } else {
            return nil
        }
    }

    /// The address in its usual form: IPv4 with dots, IPv6 as RFC 5952 has it.
    public var description: String {
        if high == 0, low >> 32 == Self.mappedPrefix {
            let number = UInt32(truncatingIfNeeded: low)
            return "\(number >> 24).\(number >> 16 & 255).\(number >> 8 & 255).\(number & 255)"
        }
        var text = [CChar](repeating: 0, count: Int(INET6_ADDRSTRLEN))
        var words = (high.bigEndian, low.bigEndian)
        _ = withUnsafeBytes(of: &words) { inet_ntop(AF_INET6, $0.baseAddress, &text, socklen_t(text.count)) }
        return String(decoding: text.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
    }
}

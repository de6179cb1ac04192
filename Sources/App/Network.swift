import Foundation
import NIOCore

/// Whom a limit is for: the whole that one party usually holds, not each of its addresses.
enum Network {
    /// The name of the network of `address`: an IPv4 address, or the first 64 bits of an IPv6 one, of which every
    /// subscriber has more than anyone could count.
    static func name(of address: SocketAddress?) -> String {
        guard let address else { return "unknown" }
        guard case .v6(let six) = address else { return address.ipAddress ?? "unknown" }
        // The address stands behind family, port and flow (RFC 3493 §3.3). Which module its field belongs to depends on what else
        // is imported, so it is taken by its place.
        let bytes = withUnsafeBytes(of: six.address) { Array($0[8..<24]) }
        if bytes.prefix(10).allSatisfy({ $0 == 0 }), bytes[10] == 0xFF, bytes[11] == 0xFF {
            return bytes.suffix(4).map(String.init).joined(separator: ".")
        }
        let groups = stride(from: 0, to: 8, by: 2).map { String(Int(bytes[$0]) << 8 | Int(bytes[$0 + 1]), radix: 16) }
        return groups.joined(separator: ":") + "::/64"
    }
}

import Foundation

/// A port of this machine that refuses connections for as long as this lives: it is taken, and nobody listens.
public final class ClosedPort: Sendable {
    public let number: Int
    private let socket: Int32

    public init() throws {
        socket = Foundation.socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let place = socket
        let status = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(place, $0, length) | getsockname(place, $0, &length)
            }
        }
        guard status == 0 else { throw CocoaError(.executableLoad) }
        number = Int(UInt16(bigEndian: address.sin_port))
    }

    deinit { close(socket) }
}

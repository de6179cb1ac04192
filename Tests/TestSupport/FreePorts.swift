import Foundation

/// Ports of this machine that nobody listens on.
public enum FreePorts {
    /// As many as asked for, each free a moment ago.
    public static func find(_ count: Int) throws -> [Int] {
        var sockets: [Int32] = []
        defer { sockets.forEach { close($0) } }
        return try (0..<count).map { _ in
            let socket = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
            sockets.append(socket)
            var address = sockaddr_in()
            address.sin_family = sa_family_t(AF_INET)
            address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
            var length = socklen_t(MemoryLayout<sockaddr_in>.size)
            let status = withUnsafeMutablePointer(to: &address) { pointer in
                pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                    bind(socket, $0, length) | getsockname(socket, $0, &length)
                }
            }
            guard status == 0 else { throw CocoaError(.executableLoad) }
            return Int(UInt16(bigEndian: address.sin_port))
        }
    }
}

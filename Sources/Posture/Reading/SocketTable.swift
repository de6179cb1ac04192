import Kernel

/// The sockets that wait for others, out of `/proc/net/{tcp,tcp6,udp,udp6}` (proc_net_tcp(5)).
struct SocketTable {
    struct Listener: Hashable {
        enum Transport: String { case tcp, udp }

        let transport: Transport
        let port: UInt16
        let user: UInt32
        let inode: UInt64
        /// Only this machine itself can reach it.
        let isLoopback: Bool

        var name: String { "\(port)/\(transport.rawValue)" }
    }

    private(set) var listeners: [Listener] = []
    /// The tables that could be read.
    private(set) var sources: [String] = []

    /// - Returns: `nil` if there is no table of TCP sockets.
    init?(on reader: HostReader) {
        for (name, transport) in [("tcp", Listener.Transport.tcp), ("tcp6", .tcp), ("udp", .udp), ("udp6", .udp)] {
            for path in ["/proc/net/\(name)", "/proc/self/net/\(name)", "/proc/1/net/\(name)"] {
                guard case .lines(let lines) = reader.lines(path, limit: 32 << 20),
                    lines.first?.contains("local_address") == true
                else { continue }
                sources.append(path)
                listeners += lines.dropFirst().compactMap { SocketTable.listener($0, transport) }
                break
            }
        }
        if !sources.contains(where: { $0.contains("tcp") }) { return nil }
    }

    /// Those that other machines can reach, by port.
    var exposed: [Listener] {
        listeners.filter { !$0.isLoopback }.sorted {
            ($0.port, $0.transport.rawValue, $0.user) < ($1.port, $1.transport.rawValue, $1.user)
        }
    }

    /// One line of a table; `nil` for a socket that waits for nobody.
    static func listener(_ line: String, _ transport: Listener.Transport) -> Listener? {
        let words = line.words
        guard words.count >= 10, let (address, port) = words[1].cut(at: ":"), let number = UInt16(port, radix: 16),
            number != 0,
            address.utf8.count == 8 || address.utf8.count == 32, let user = UInt32(words[7]),
            let inode = UInt64(words[9])
        else { return nil }
        // 0A is LISTEN. A UDP socket that waits for anybody is unconnected (07) and names no peer.
        let isWaiting =
            transport == .tcp ? words[3] == "0A" : words[3] == "07" && words[2].allSatisfy { $0 == "0" || $0 == ":" }
        guard isWaiting else { return nil }
        return Listener(transport: transport, port: number, user: user, inode: inode, isLoopback: isLoopback(address))
    }

    /// Addresses stand there as 32-bit words in the machine's byte order: 127.0.0.1 is `0100007F`.
    static func isLoopback(_ address: String) -> Bool {
        let address = address.uppercased()
        if address.utf8.count == 8 { return address.hasSuffix("7F") }
        if address == "00000000000000000000000001000000" { return true }
        return address.hasPrefix("0000000000000000FFFF0000") && address.hasSuffix("7F")
    }
}

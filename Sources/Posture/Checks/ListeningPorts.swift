import Kernel

/// Whether only allowed ports are open to other machines.
enum ListeningPorts {
    static let check = PostureCheck(
        "endpoint.listening-ports", title: "Open ports",
        measures:
            "Every port on which a process waits for other machines is on the allow list (UDP: below the ephemeral range).",
        keywords: ["port", "ports", "exposed", "services", "network access", "only needed ports"],
        judge: judge)

    static func judge(_ reader: HostReader, _ options: PostureOptions) -> Measurement {
        var trail = Trail()
        guard let table = SocketTable(on: reader) else {
            return trail.unknown("the kernel's table of sockets cannot be read", fix: "Mount /proc and run it again.")
        }
        // An unconnected UDP socket in this range is nearly always a client awaiting its answer; it says nothing either way.
        let range = reader.word("/proc/sys/net/ipv4/ip_local_port_range")?.words.first.flatMap { UInt16($0) } ?? 32_768
        let accounts = Accounts(on: reader)
        var open: [String] = []
        var seen: Set<String> = []
        var refused: [SocketTable.Listener] = []
        var passing = 0
        for listener in table.exposed {
            if listener.transport == .udp, listener.port >= range {
                passing += 1
                continue
            }
            let isAllowed =
                listener.transport == .tcp
                ? options.allowedPorts.contains(listener.port) : options.allowedDatagramPorts.contains(listener.port)
            guard seen.insert(listener.name).inserted else { continue }
            open.append(listener.name)
            if !isAllowed { refused.append(listener) }
        }
        let own = Set(table.listeners.filter(\.isLoopback).map(\.name)).count
        trail.note(
            table.sources.joined(separator: ", "),
            "open to others: \(open.isEmpty ? "none" : open.joined(separator: " ")); to this machine only: \(own); short-lived UDP: \(passing)"
        )
        trail.note(
            "allow list",
            "tcp \(options.allowedPorts.sorted().map(String.init).joined(separator: " ")); udp \(options.allowedDatagramPorts.sorted().map(String.init).joined(separator: " "))"
        )
        guard !refused.isEmpty else {
            return trail.pass(
                open.isEmpty
                    ? "no port is open to other machines"
                    : "\(open.count.counted("port")) open, all allowed: \(open.joined(separator: ", "))")
        }
        let owners = SocketOwners.names(of: Set(refused.prefix(32).map(\.inode)), on: reader)
        let described = refused.prefix(16).map { listener in
            let process = owners[listener.inode].map { " (\($0))" }
            return listener.name
                + (process ?? " (\(accounts?.name(of: listener.user)?.shortened(to: 32) ?? "user \(listener.user)"))")
        }
        return trail.fail(
            "\(refused.count.counted("port")) open that \(refused.count == 1 ? "is" : "are") not allowed: \(described.joined(separator: ", "))\(refused.count > 16 ? ", …" : "")",
            fix:
                "Find the service: ss -lntup. Stop it (systemctl disable --now SERVICE), bind it to 127.0.0.1 in its configuration, or put the port on the allow list."
        )
    }
}

/// Which processes hold sockets; only root sees those of others.
enum SocketOwners {
    /// - Returns: socket number → the process's short name, for those that could be told. Never its arguments.
    static func names(of inodes: Set<UInt64>, on reader: HostReader) -> [UInt64: String] {
        var names: [UInt64: String] = [:]
        let links = Dictionary(
            inodes.filter { $0 != 0 }.map { ("socket:[\($0)]", $0) }, uniquingKeysWith: { first, _ in first })
        for process in reader.processes() {
            if names.count == links.count { break }
            for descriptor in reader.names(in: "/proc/\(process.id)/fd") {
                guard let target = reader.linkTarget("/proc/\(process.id)/fd/\(descriptor)"), let inode = links[target]
                else { continue }
                names[inode] = process.name.shortened(to: 32)
            }
        }
        return names
    }
}

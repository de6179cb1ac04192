import Kernel

/// Whether people can log in to this machine from elsewhere, judged by the kind of machine: a server is for that, a laptop is not.
enum RemoteLogin {
    static let check = PostureCheck(
        "endpoint.remote-login", title: "Remote login",
        measures:
            "No unencrypted remote login or remote screen is open; on laptops no SSH and no remote desktop either.",
        keywords: ["remote login", "remote access", "remote desktop", "telnet", "vnc"],
        judge: judge)

    private static func service(_ port: UInt16) -> (name: String, isOpenText: Bool)? {
        switch port {
        case 22: ("SSH", false)
        case 23: ("telnet", true)
        case 512...514: ("rsh", true)
        case 3389: ("remote desktop", false)
        case 5900...5910: ("VNC", true)
        case 6000...6009: ("X11", true)
        default: nil
        }
    }

    static func judge(_ reader: HostReader, _ options: PostureOptions) -> Measurement {
        var trail = Trail()
        guard let table = SocketTable(on: reader) else {
            return trail.unknown("the kernel's table of sockets cannot be read", fix: "Mount /proc and run it again.")
        }
        let isPortable = DeviceKind(on: reader).isPortable
        let isAllowed = options.allowsRemoteLogin ?? !isPortable
        var found: [String] = []
        var refused: [String] = []
        for listener in table.exposed where listener.transport == .tcp {
            guard let service = service(listener.port) else { continue }
            let text = "\(service.name) on port \(listener.port)"
            guard !found.contains(text) else { continue }
            found.append(text)
            if service.isOpenText || !isAllowed { refused.append(text) }
        }
        trail.note(
            table.sources.joined(separator: ", "),
            found.isEmpty ? "no remote login is open" : found.joined(separator: ", "))
        if !refused.isEmpty {
            return trail.fail(
                "open to other machines\(isPortable ? " on a laptop" : ""): \(refused.joined(separator: ", "))",
                fix:
                    "Stop the service, for SSH: systemctl disable --now ssh; for others: ss -lntp names it. Use SSH with keys where a remote screen is needed."
            )
        }
        return trail.pass(
            found.isEmpty
                ? "no remote login is open to other machines"
                : "\(found.joined(separator: ", ")), which this machine may offer")
    }
}

import Kernel

/// Whether traffic leaves through a VPN whose other end has answered lately.
///
/// The best evidence is elsewhere: a server that sees the VPN's address. Addresses and keys of peers are not noted.
enum VirtualPrivateNetwork {
    static let check = PostureCheck(
        "endpoint.vpn", title: "VPN",
        measures:
            "The route to the Internet leads through a VPN; WireGuard's last handshake is at most 180 seconds old.",
        keywords: ["vpn", "virtual private network", "remote work", "working remotely", "tunnel"],
        judge: judge)

    static let fix =
        "Bring the VPN up (wg-quick up NAME, or in the network menu) with AllowedIPs = 0.0.0.0/0, ::/0, and let it start by itself."

    static func judge(_ reader: HostReader, _ options: PostureOptions) -> Measurement {
        var trail = Trail()
        guard let device = routeDevice(reader, trail: &trail) else {
            return trail.unknown(
                "the device that leads to the Internet cannot be told",
                fix: "Install iproute2 and try: ip route get 192.0.2.1")
        }
        let kind = ["wg", "tun", "tap", "ppp", "ipsec", "nebula", "tailscale", "zt"].first { device.hasPrefix($0) }
        let isWireGuard =
            device.hasPrefix("wg")
            || reader.linesIfAny("/sys/class/net/\(device)/uevent", limit: 4096).contains("DEVTYPE=wireguard")
        guard kind != nil || isWireGuard || handshake(reader, device: device) != nil else {
            let isSetUp =
                reader.names(in: "/etc/wireguard").contains { $0.hasSuffix(".conf") }
                || reader.names(in: "/sys/class/net").contains { $0.hasPrefix("wg") }
            let isExpected = options.expectsVPN ?? (DeviceKind(on: reader).isPortable || isSetUp)
            if isExpected { return trail.fail("traffic leaves by \(device), not through a VPN", fix: fix) }
            return trail.notApplicable("traffic leaves by \(device); this machine stands still and no VPN is set up")
        }
        guard isWireGuard || handshake(reader, device: device) != nil else {
            return trail.unknown(
                "traffic leaves by \(device); whether its other end answers cannot be told from here",
                fix: "Let the VPN's server confirm it: it sees this machine's sessions.")
        }
        switch reader.run(.wireGuardHandshakes) {
        case .finished(0, _):
            guard let age = handshake(reader, device: device) else {
                trail.note(HostCommand.wireGuardHandshakes.text, "no handshake on \(device)")
                return trail.fail("traffic leaves by \(device), but its other end has never answered", fix: fix)
            }
            trail.note(HostCommand.wireGuardHandshakes.text, "\(device): \(age) s ago")
            if age < -5 { return trail.unknown("the last handshake lies in the future", fix: "Check the clock.") }
            return age <= 180
                ? trail.pass("traffic leaves by \(device), last handshake \(age) s ago")
                : trail.fail("traffic leaves by \(device), but the last handshake was \(age) s ago", fix: fix)
        case .denied, .finished: return trail.needsRoot("WireGuard's last handshake (\(device))")
        case .absent where !reader.isRoot && !reader.isCaptured:
            return trail.needsRoot("WireGuard's last handshake (\(device))")
        default:
            return trail.unknown(
                "traffic leaves by \(device); its last handshake cannot be read",
                fix: "As root: apt install wireguard-tools, then: wg show")
        }
    }

    private static func routeDevice(_ reader: HostReader, trail: inout Trail) -> String? {
        if case .finished(0, let output) = reader.run(.routeToInternet) {
            let lines = output.lines
            // OpenVPN covers the default route with two halves.
            for line in lines.filter({ $0.hasPrefix("0.0.0.0/1 ") }) + lines {
                let words = line.words
                // "192.0.2.1 via … dev eth0 src …" or "default via … dev eth0"; only the device is of interest.
                guard let place = words.firstIndex(of: "dev"), place + 1 < words.count,
                    words.first == "default" || words.first?.first?.isNumber == true
                else { continue }
                if words.first?.contains("/") == true, words.first != "0.0.0.0/1" { continue }
                let device = words[place + 1].shortened(to: 16)
                trail.note("ip route", "dev \(device)")
                return device
            }
        }
        // OpenVPN covers the default route with two halves, of which the first (mask 128.0.0.0) also begins at 0.
        let routes = reader.linesIfAny("/proc/net/route").dropFirst().map(\.words)
        for words in routes.filter({ $0.count >= 8 && $0[7] == "00000080" }) + routes {
            // Destination 0, flag 1 (up). wg-quick's own table does not show here.
            guard words.count >= 8, words[1] == "00000000", words[7] == "00000000" || words[7] == "00000080",
                let flags = UInt16(words[3], radix: 16), flags & 1 == 1
            else { continue }
            trail.note("/proc/net/route", "default by \(words[0])")
            return words[0].shortened(to: 16)
        }
        return nil
    }

    /// Seconds since the device's newest handshake; `nil` if there was none or it cannot be read.
    static func handshake(_ reader: HostReader, device: String) -> Int? {
        guard case .finished(0, let output) = reader.run(.wireGuardHandshakes) else { return nil }
        let now = Int(clamping: reader.now().milliseconds / 1000)
        var ages: [Int] = []
        var current = ""
        for line in output.lines {
            let words = line.words
            if words.count == 2, words[0] == "interface:" { current = words[1] }
            if words.count == 3, words[0] == device, let time = Int(words[2]), time > 0, time < 1 << 40 {
                ages.append(now - time)
            }
            // `wg show all dump`: interface, public key, preshared key, endpoint, allowed addresses, handshake, …
            if words.count >= 8, words[0] == device, let time = Int(words[5]), time > 0, time < 1 << 40 {
                ages.append(now - time)
            }
            if current == device, let text = line.trimmed.after("latest handshake:"), let age = spoken(text) {
                ages.append(age)
            }
        }
        return ages.min()
    }

    /// `1 minute, 5 seconds ago`, `Now`.
    private static func spoken(_ text: String) -> Int? {
        let units = ["second": 1, "minute": 60, "hour": 3600, "day": 86_400, "year": 31_557_600]
        if text.trimmed.lowercased() == "now" { return 0 }
        var total: Int?
        for part in text.split(separator: ",") {
            let words = part.words
            guard words.count >= 2, let count = Int(words[0]), (0...1_000_000).contains(count) else { continue }
            if let unit = units.first(where: { words[1].hasPrefix($0.key) }) {
                total = (total ?? 0) + count * unit.value
            }
        }
        return total
    }
}

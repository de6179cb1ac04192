import Kernel

/// Whether wireless networks are joined only with WPA2 or better. No network's name is ever read into evidence: a saved network's file name is one.
enum WirelessSecurity {
    static let check = PostureCheck(
        "endpoint.wifi", title: "Wi-Fi security",
        measures: "The network in use and every saved network demand WPA2, WPA3 or OWE.",
        keywords: ["wi-fi", "wifi", "wireless", "wlan"],
        judge: { reader, _ in judge(reader) })

    static let fix =
        "Forget networks that are open or use WEP or WPA1 (nmcli connection show; nmcli connection delete NAME), and set the access point to WPA2 or WPA3."

    private enum Safety: Hashable { case safe, unsafe(String), untold(String) }

    static func judge(_ reader: HostReader) -> Measurement {
        var trail = Trail()
        let radios = reader.names(in: "/sys/class/net").filter {
            reader.exists("/sys/class/net/\($0)/wireless") || reader.exists("/sys/class/net/\($0)/phy80211")
        }
        let listed = reader.linesIfAny("/proc/net/wireless").dropFirst(2).contains { !$0.trimmed.isEmpty }
        let active = activeNetwork(reader, trail: &trail)
        let saved = savedNetworks(reader, trail: &trail)
        guard !radios.isEmpty || listed || active != nil || saved.count > 0 else {
            return trail.notApplicable("no wireless network device")
        }
        if case .unsafe(let how) = active { return trail.fail("the network in use is \(how)", fix: fix) }
        if !saved.unsafe.isEmpty {
            return trail.fail(
                "\(saved.unsafe.count) of \(saved.count.counted("saved network")) would be joined unprotected (\(Set(saved.unsafe).sorted().joined(separator: ", ")))",
                fix: fix)
        }
        if case .untold(let reason) = active { return trail.unknown(reason, fix: "As root: wpa_cli status") }
        let rest = saved.count == 0 ? "" : ", \(saved.count.counted("saved network")) all protected"
        if active == .safe { return trail.pass("the network in use has WPA2 or better\(rest)") }
        if saved.isDenied { return trail.needsRoot("the saved networks and the state of the radio") }
        if saved.count > 0 { return trail.pass("not connected\(rest)") }
        if saved.isThere { return trail.notApplicable("a wireless device, but no network is in use or saved") }
        return trail.unknown(
            "whether and how a wireless network is used cannot be told (root may be needed)",
            fix: "As root: wpa_cli status, or install NetworkManager.")
    }

    /// `nil` if nothing tells of a network in use.
    private static func activeNetwork(_ reader: HostReader, trail: inout Trail) -> Safety? {
        if case .finished(0, let output) = reader.run(.wirelessStatus) {
            let values = shellAssignments(output.lines)
            if let state = values["wpa_state"], state == "COMPLETED" {
                let management = values["key_mgmt"] ?? ""
                let cipher = values["pairwise_cipher"] ?? ""
                trail.note(HostCommand.wirelessStatus.text, "key_mgmt=\(management) pairwise_cipher=\(cipher)")
                return judge(management: management, cipher: cipher)
            }
        }
        if case .finished(0, let output) = reader.run(.networkManagerWiFi) {
            for line in output.lines {
                guard let (isActive, security) = line.cut(at: ":"), isActive == "yes" else { continue }
                trail.note("nmcli device wifi", "in use: \(security.isEmpty ? "open" : security)")
                let words = Set(security.words)
                if words.isEmpty { return .unsafe("open") }
                if words.contains("WEP") { return .unsafe("protected by WEP only") }
                if words.isDisjoint(with: ["WPA2", "WPA3", "OWE"]) {
                    return .unsafe("protected by \(security.shortened(to: 30)) only")
                }
                return words.contains("WPA1")
                    ? .untold("the network in use takes WPA1 and WPA2; which one serves cannot be told") : .safe
            }
        }
        return nil
    }

    private static func judge(management: String, cipher: String) -> Safety {
        let management = management.uppercased()
        if management == "NONE" || management.isEmpty {
            return .unsafe(cipher.hasPrefix("WEP") ? "protected by WEP only" : "open")
        }
        if cipher.contains("TKIP") || cipher.contains("WEP") {
            return .unsafe("encrypted with \(cipher.shortened(to: 16))")
        }
        let isStrong = ["WPA2", "WPA3", "SAE", "OWE", "FT-", "FILS", "DPP", "WPA-PSK-SHA256", "WPA-EAP-SUITE-B"]
            .contains { management.contains($0) }
        return isStrong ? .safe : .unsafe("protected by \(management.shortened(to: 24))")
    }

    private struct Saved {
        var count = 0
        var unsafe: [String] = []
        var isDenied = false
        var isThere = false
    }

    private static func savedNetworks(_ reader: HostReader, trail: inout Trail) -> Saved {
        var saved = Saved()
        for directory in ["/etc/NetworkManager/system-connections", "/run/NetworkManager/system-connections"] {
            let names: [String]
            switch reader.list(directory) {
            case .names(let found): names = found
            case .denied:
                saved.isDenied = true
                continue
            default: continue
            }
            saved.isThere = true
            for name in names {
                guard case .lines(let lines) = reader.lines("\(directory)/\(name)") else {
                    saved.isDenied = true
                    continue
                }
                take(KeyFile(lines), into: &saved)
            }
        }
        if saved.count > 0 {
            trail.note(
                "/etc/NetworkManager/system-connections",
                "\(saved.count.counted("wireless network")), \(saved.unsafe.count) unprotected")
        }
        return saved
    }

    private static func take(_ file: KeyFile, into saved: inout Saved) {
        let type = file.value("connection", "type") ?? ""
        guard type == "wifi" || type == "802-11-wireless" else { return }
        // A network that this machine itself offers is not one that it joins.
        let section = file.groups["wifi-security"] != nil ? "wifi-security" : "802-11-wireless-security"
        saved.count += 1
        if file.value("connection", "autoconnect") == "false", file.groups[section] == nil { return }
        let management = file.value(section, "key-mgmt") ?? ""
        let isOldOnly = [file.value(section, "proto"), file.value(section, "pairwise")].contains { value in
            guard let value else { return false }
            let words = value.split(whereSeparator: { ";, ".contains($0) })
            return words == ["wpa"] || words.contains("tkip")
        }
        switch management {
        case "wpa-psk", "sae", "wpa-eap", "wpa-eap-suite-b-192", "owe": if isOldOnly { saved.unsafe.append("WPA1") }
        case "none", "ieee8021x": saved.unsafe.append("WEP")
        default: saved.unsafe.append("open")
        }
    }
}

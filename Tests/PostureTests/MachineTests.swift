import Kernel
import Testing

@testable import Posture

private let efi = "/sys/firmware/efi/efivars/"
private let vendor = "-8be4df61-93ca-11d2-aa0d-00e098032b8c"
private let header =
    "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode\n"

private func socket(_ address: String, _ state: String = "0A", peer: String = "00000000:0000") -> String {
    "   0: \(address) \(peer) \(state) 00000000:00000000 00:00000000 00000000   100        0 574 1\n"
}

private let laptop = ["/sys/class/power_supply/BAT0/type": "Battery\n"]

@Suite struct MachineTests {
    @Test(arguments: [
        ([7, 0, 0, 0, 1], [7, 0, 0, 0, 0], CheckResult.pass), ([7, 0, 0, 0, 0], [7, 0, 0, 0, 0], .fail),
        ([7, 0, 0, 0, 1], [7, 0, 0, 0, 1], .fail), ([1], [0], .unknown), ([], [], .unknown),
    ])
    func `Secure boot is the fifth byte, outside set-up mode`(secure: [UInt8], setup: [UInt8], expected: CheckResult) {
        var host = FakeHost()
        host.bytes[efi + "SecureBoot" + vendor] = secure
        host.bytes[efi + "SetupMode" + vendor] = setup
        #expect(host.run("endpoint.secure-boot").result == expected)
    }

    @Test func `Without EFI a virtual machine is not judged, a real one fails`() {
        #expect(
            FakeHost(["/sys/class/dmi/id/sys_vendor": "QEMU\n"]).run("endpoint.secure-boot").result == .notApplicable)
        #expect(
            FakeHost(["/sys/class/dmi/id/sys_vendor": "LENOVO\n", "/sys/firmware/acpi/x": ""]).run(
                "endpoint.secure-boot"
            ).result == .fail)
        #expect(FakeHost().run("endpoint.secure-boot").result == .unknown)
    }

    @Test(arguments: [
        (socket("00000000:0016"), CheckResult.pass), (socket("00000000:1538"), .fail), (socket("0100007F:1538"), .pass),
        (socket("0200007F:1538"), .pass),
        (socket("00000000:1538", "01", peer: "0100A8C0:0050"), .pass), ("garbage\n", .pass),
        (socket("00000000:99999"), .pass),
    ])
    func `Ports beyond loopback are on the allow list`(line: String, expected: CheckResult) {
        #expect(FakeHost(["/proc/net/tcp": header + line]).run("endpoint.listening-ports").result == expected)
    }

    @Test func `IPv6 and UDP count too, and the list is the policy's`() {
        let six = "/proc/net/tcp6"
        let base = ["/proc/net/tcp": header]
        func run(_ more: [String: String], _ options: PostureOptions = PostureOptions()) -> CheckResult {
            FakeHost(base.merging(more) { $1 }).run("endpoint.listening-ports", options: options).result
        }
        #expect(run([six: header + socket("00000000000000000000000000000000:1F90")]) == .fail)
        #expect(
            run([six: header + socket("00000000000000000000000000000000:1F90")], PostureOptions(allowedPorts: [8080]))
                == .pass)
        #expect(run([six: header + socket("00000000000000000000000001000000:1F90")]) == .pass)
        #expect(run([six: header + socket("0000000000000000FFFF00000100007F:1F90")]) == .pass)
        #expect(run(["/proc/net/udp": header + socket("00000000:0045", "07")]) == .fail)
        #expect(run(["/proc/net/udp": header + socket("00000000:0044", "07")]) == .pass)
        #expect(FakeHost().run("endpoint.listening-ports").result == .unknown)
    }

    @Test func `SSH is for servers, open text for nobody`() {
        let ssh = ["/proc/net/tcp": header + socket("00000000:0016")]
        let id: CheckID = "endpoint.remote-login"
        #expect(FakeHost(ssh).run(id).result == .pass)
        #expect(FakeHost(ssh.merging(laptop) { $1 }).run(id).result == .fail)
        #expect(
            FakeHost(ssh.merging(laptop) { $1 }).run(id, options: PostureOptions(allowsRemoteLogin: true)).result
                == .pass)
        #expect(
            FakeHost(["/proc/net/tcp": header + socket("00000000:0017")]).run(
                id, options: PostureOptions(allowsRemoteLogin: true)
            ).result == .fail)
    }

    private static func clam(days: Int, processes: [String], more: [String: String] = [:]) -> CheckResult {
        var host = FakeHost(more)
        for (index, name) in processes.enumerated() { host.files["/proc/\(index + 10)/comm"] = name + "\n" }
        let built = CivilTime(FakeHost.noon - .days(days))
        host.files["/var/lib/clamav/daily.cld"] =
            "ClamAV-VDB:\(built.day) Nov 2026 12-00 +0000:27500:2000000:90:x:y:z:1"
            + String(repeating: " ", count: 2000)
        return host.run("endpoint.malware-protection").result
    }

    @Test func `A scanner runs, is fresh and looks; osquery and AppArmor are none`() {
        let scanned = [
            "/var/log/clamav/scan.log": "----------- SCAN SUMMARY -----------\nEnd Date:   2026:11:19 03:00:00\n"
        ]
        #expect(MachineTests.clam(days: 1, processes: ["clamd", "clamonacc"]) == .pass)
        #expect(MachineTests.clam(days: 4, processes: ["clamd", "clamonacc"]) == .fail)
        #expect(MachineTests.clam(days: 1, processes: ["osqueryd", "aa-exec", "freshclam"]) == .fail)
        #expect(MachineTests.clam(days: 1, processes: ["clamd"]) == .unknown)
        #expect(MachineTests.clam(days: 1, processes: ["clamd"], more: scanned) == .pass)
        #expect(MachineTests.clam(days: 1, processes: ["clamd"], more: scanned.merging(laptop) { $1 }) == .fail)
        #expect(
            MachineTests.clam(
                days: 1, processes: ["clamd"], more: ["/var/log/clamav/scan.log": "End Date: 2026:11:01 03:00:00\n"])
                == .fail)
        #expect(MachineTests.clam(days: 1, processes: ["falcon-sensor"]) == .unknown)
    }

    @Test(arguments: [
        ("20 Nov 2026 04-31 -0500", "2026-11-20T09:31:00Z"), ("Fri Nov 20 09:31:00 2026", "2026-11-20T09:31:00Z"),
        ("Fri, 20 Nov 2026 00:12:41 UTC", "2026-11-20T00:12:41Z"), ("nonsense", nil), ("99 Nov 2026", nil),
    ])
    func `Times in words are read`(text: String, expected: String?) {
        #expect(writtenTime(text) == expected.flatMap { Instant($0) })
    }

    @Test func `A clock is right when it is disciplined and within a second`() {
        let id: CheckID = "endpoint.time"
        var host = FakeHost()
        #expect(host.run(id).result == .unknown)
        host.clock = .init(isSynchronised: true, offset: 1200, estimatedError: 4000)
        #expect(host.run(id).result == .pass)
        host.clock = .init(isSynchronised: true, offset: -1_500_000, estimatedError: 0)
        #expect(host.run(id).result == .fail)
        host.clock = .init(isSynchronised: false, offset: 0, estimatedError: 0)
        #expect(host.run(id).result == .fail)
        #expect(host.run(id, options: PostureOptions(measuredClockSkew: .seconds(-1))).result == .pass)
        #expect(host.run(id, options: PostureOptions(measuredClockSkew: .seconds(3))).result == .fail)
        #expect(FakeHost(outputs: [.timeStatus: "NTPSynchronized=yes\n"]).run(id).result == .unknown)
        #expect(FakeHost(outputs: [.timeStatus: "NTPSynchronized=no\n"]).run(id).result == .fail)
        #expect(
            FakeHost(outputs: [
                .chronyTracking: "System time     : 0.000012 seconds slow of NTP time\nLeap status     : Normal\n"
            ]).run(id).result == .pass)
    }

    private static let keys =
        "[org/gnome/desktop/session]\nidle-delay=uint32 IDLE\n[org/gnome/desktop/screensaver]\nlock-enabled=LOCK\nlock-delay=uint32 0\n"
    private static let locks =
        "/org/gnome/desktop/session/idle-delay\n/org/gnome/desktop/screensaver/lock-enabled\n/org/gnome/desktop/screensaver/lock-delay\n"

    @Test(arguments: [
        ("300", "true", CheckResult.pass), ("900", "true", .pass), ("901", "true", .fail), ("0", "true", .fail),
        ("300", "false", .fail), ("99999999999999999999", "true", .fail),
    ])
    func `The screen locks within 15 minutes, and idle 0 means never`(idle: String, lock: String, expected: CheckResult)
    {
        let file = MachineTests.keys.replacing("IDLE", with: idle).replacing("LOCK", with: lock)
        let files = [
            "/etc/dconf/db/local.d/10": file, "/etc/dconf/db/local.d/locks/10": MachineTests.locks,
            "/home/ann/.config/dconf/user": "binary",
        ]
        #expect(FakeHost(files).run("endpoint.screen-lock").result == expected)
    }

    @Test func `A setting that users can change is unknown, KDE's file is read, headless is not judged`() {
        let file = MachineTests.keys.replacing("IDLE", with: "300").replacing("LOCK", with: "true")
        let id: CheckID = "endpoint.screen-lock"
        #expect(
            FakeHost(["/etc/dconf/db/local.d/10": file, "/home/ann/.config/dconf/user": "binary"]).run(id).result
                == .unknown)
        #expect(FakeHost(["/home/ann/.config/kscreenlockerrc": "[Daemon]\nTimeout=10\n"]).run(id).result == .pass)
        #expect(FakeHost(["/home/ann/.config/kscreenlockerrc": "[Daemon]\nAutolock=false\n"]).run(id).result == .fail)
        #expect(FakeHost(["/home/ann/.config/kscreenlockerrc": "[Daemon]\nTimeout=30\n"]).run(id).result == .fail)
        #expect(FakeHost().run(id).result == .notApplicable)
    }

    @Test(arguments: [
        ("192.0.2.1 dev wg0 src 10.0.0.2", "wg0\tKEY=\t\(FakeHost.noon.milliseconds / 1000 - 60)\n", CheckResult.pass),
        ("192.0.2.1 dev wg0", "wg0\tKEY=\t\(FakeHost.noon.milliseconds / 1000 - 181)\n", .fail),
        ("192.0.2.1 dev wg0", "wg0\tKEY=\t0\n", .fail),
        ("192.0.2.1 dev wg0", "interface: wg0\n\npeer: KEY=\n  latest handshake: 1 minute, 5 seconds ago\n", .pass),
        ("192.0.2.1 via 10.0.0.1 dev wlan0", "wg0\tKEY=\t1795262300\n", .fail), ("192.0.2.1 dev tun0", "", .unknown),
        ("RTNETLINK answers: junk", "", .unknown),
    ])
    func `A laptop's traffic leaves by a VPN that answers`(route: String, handshakes: String, expected: CheckResult) {
        let found = FakeHost(laptop, outputs: [.routeToInternet: route + "\n", .wireGuardHandshakes: handshakes]).run(
            "endpoint.vpn")
        #expect(found.result == expected)
        #expect(!"\(found)".contains("KEY="))
    }

    @Test(arguments: [
        ("wpa_state=COMPLETED\nssid=HomeNet\nkey_mgmt=WPA2-PSK\npairwise_cipher=CCMP\n", CheckResult.pass),
        ("wpa_state=COMPLETED\nssid=HomeNet\nkey_mgmt=NONE\n", .fail),
        ("wpa_state=COMPLETED\nssid=HomeNet\nkey_mgmt=WPA-PSK\npairwise_cipher=TKIP\n", .fail),
        ("wpa_state=COMPLETED\nkey_mgmt=SAE\npairwise_cipher=CCMP\n", .pass),
        ("wpa_state=COMPLETED\nkey_mgmt=OWE\npairwise_cipher=CCMP\n", .pass),
        ("wpa_state=COMPLETED\nkey_mgmt=WPA2/IEEE 802.1X/EAP\npairwise_cipher=CCMP\n", .pass),
        ("wpa_state=DISCONNECTED\n", .unknown),
    ])
    func `The wireless network in use has WPA2 or better, and is never named`(status: String, expected: CheckResult) {
        let found = FakeHost(["/sys/class/net/wlan0/wireless/x": ""], outputs: [.wirelessStatus: status]).run(
            "endpoint.wifi")
        #expect(found.result == expected)
        #expect(!"\(found)".contains("HomeNet"))
    }

    @Test(arguments: [
        ("[wifi-security]\nkey-mgmt=wpa-psk\n", CheckResult.pass), ("[wifi-security]\nkey-mgmt=sae\n", .pass),
        ("", .fail), ("[wifi-security]\nkey-mgmt=none\nwep-key0=x\n", .fail),
        ("[wifi-security]\nkey-mgmt=wpa-psk\nproto=wpa;\n", .fail),
    ])
    func `Saved networks count, and neither their names nor their files' names are told`(
        security: String, expected: CheckResult
    ) {
        let path = "/etc/NetworkManager/system-connections/HomeNet.nmconnection"
        let found = FakeHost([path: "[connection]\nid=HomeNet\ntype=wifi\n[wifi]\nssid=HomeNet\n" + security]).run(
            "endpoint.wifi")
        #expect(found.result == expected)
        #expect(!"\(found)".contains("HomeNet"))
        var locked = FakeHost(["/sys/class/net/wlan0/wireless/x": ""])
        locked.denied = [path]
        #expect(locked.run("endpoint.wifi").value.contains("root is needed"))
        #expect(FakeHost().run("endpoint.wifi").result == .notApplicable)
    }
}

import Kernel
import Testing

@testable import Posture

@Suite struct CatalogueTests {
    @Test func `Every check is declared once, about hosts, with what policy drafting needs`() {
        let ids = PostureCatalogue.checks.map(\.id)
        #expect(Set(ids).count == ids.count)
        #expect(ids.count == 22)
        for check in PostureCatalogue.checks.map(\.check) {
            #expect(check.population == .host)
            #expect(check.freshness > check.cadence)
            #expect(!check.title.isEmpty && check.measures.hasSuffix(".") && !check.keywords.isEmpty)
            #expect(check.keywords.allSatisfy { $0 == $0.lowercased() })
        }
    }

    @Test func `A check that fails to be answered gives error and stops no other`() {
        struct Trouble: Error {}
        let broken = PostureCheck(
            "endpoint.broken", title: "x", measures: "x.", keywords: ["x"], judge: { _, _ in throw Trouble() })
        #expect(PostureCatalogue.answer(broken, on: FakeHost().reader, options: PostureOptions()).result == .error)
        let refused = PostureCheck(
            "endpoint.refused", title: "x", measures: "x.", keywords: ["x"],
            judge: { _, _ in throw Problem(.unavailable, code: "x", "it is gone", hint: "look") })
        #expect(PostureCatalogue.answer(refused, on: FakeHost().reader, options: PostureOptions()).fix == "look")
        #expect(
            PostureCatalogue.run(["endpoint.time", "endpoint.nothing-such"], on: FakeHost().reader).map(\.0) == [
                "endpoint.time"
            ])
    }

    @Test func `A host of which nothing can be read passes no check`() {
        for (id, found) in PostureCatalogue.run(on: FakeHost().reader) {
            #expect(found.result != .pass, "\(id)")
            #expect(found.result != .error, "\(id)")
            if found.result == .unknown || found.result == .fail { #expect(found.fix?.isEmpty == false, "\(id)") }
        }
    }

    private static let paths = [
        "/etc/passwd", "/etc/shadow", "/etc/group", "/etc/sudoers", "/etc/sudoers.d/a", "/etc/ssh/sshd_config",
        "/etc/os-release", "/etc/pam.d/common-auth",
        "/etc/pam.d/common-password", "/etc/security/pwquality.conf", "/etc/apt/apt.conf.d/20a",
        "/etc/lightdm/lightdm.conf", "/etc/gdm3/daemon.conf",
        "/etc/NetworkManager/system-connections/n", "/etc/dconf/db/local.d/a", "/proc/self/mountinfo", "/proc/mounts",
        "/proc/swaps", "/proc/net/tcp", "/proc/net/tcp6",
        "/proc/net/udp", "/proc/net/route", "/proc/net/wireless", "/proc/net/if_inet6", "/proc/sys/kernel/osrelease",
        "/proc/version", "/proc/stat", "/proc/9/comm", "/proc/9/stat",
        "/proc/cpuinfo", "/var/lib/dpkg/status", "/var/lib/apt/lists/s_InRelease", "/var/lib/apt/lists/s_main_Packages",
        "/var/lib/clamav/daily.cvd", "/var/log/clamav/a.log",
        "/run/reboot-required.pkgs", "/boot/vmlinuz-1", "/sys/class/power_supply/B/type",
        "/sys/class/block/dm-0/dm/uuid", "/sys/class/block/dm-0/slaves/x", "/sys/class/net/w/wireless/x",
        "/sys/firmware/efi/efivars/SecureBoot-8be4df61-93ca-11d2-aa0d-00e098032b8c", "/home/a/.config/kscreenlockerrc",
        "/usr/sbin/sshd",
    ]

    /// Words out of every format, so that junk gets past the first guard of each reader.
    private static let words = [
        "Match", "Include", "*", "all", "User", "[", "]", "{", "}", ";", "::", ":", "=", "\"", "\\", "#", "\n", "\n",
        " ", "\t", "0", "-1", "99999999999999999999", "x", "root:x:0:0::/:/bin/sh",
        "password", "requisite", "pam_pwquality.so", "minlen=", "NOPASSWD:", "@include", "/etc/sudoers", "Inst", "(",
        ")", "Package: a", "Version: 1:~-", "ClamAV-VDB:", "rw", "ext4", "/", "8:1", "-",
        "/dev/sda1", "*filter", ":INPUT", "-A INPUT", "-j", "ACCEPT", "dev", "wg0", "{\"nftables\":[{\"chain\":{}}]}",
        "APT::Periodic::Enable", "[[[[", "\u{0}", "\u{7f}", "é", "\u{301}", "End Date:", "0A", "0100007F:0016",
    ]

    @Test(arguments: 0..<60)
    func `Junk in every file and every answer crashes nothing`(seed: Int) {
        var dice = Dice(state: UInt64(seed))
        func junk() -> [UInt8] {
            switch seed % 4 {
            case 0:
                return (0..<Int.random(in: 0...600, using: &dice)).map { _ in UInt8.random(in: 0...255, using: &dice) }
            case 1:
                return Array(
                    String(repeating: CatalogueTests.words.randomElement(using: &dice) ?? "", count: 3000).utf8)
            default:
                return Array(
                    (0..<Int.random(in: 0...80, using: &dice)).map { _ in
                        (CatalogueTests.words.randomElement(using: &dice) ?? "")
                            + (Bool.random(using: &dice) ? " " : "")
                    }.joined().utf8)
            }
        }
        var host = FakeHost()
        host.isCaptured = seed.isMultiple(of: 2)
        for path in CatalogueTests.paths { host.bytes[path] = junk() }
        for command in HostCommand.allCases { host.outcomes[command] = .finished(exitCode: 0, output: junk()) }
        let results = PostureCatalogue.run(on: host.reader)
        #expect(results.count == 22)
        for (_, found) in results {
            #expect(found.evidence.allSatisfy { !$0.content.unicodeScalars.contains { $0.value < 32 } })
        }
    }
}

@Suite struct ReadingLimitTests {
    @Test func `Chains that jump to one another by the thousand are each followed once`() {
        var rules = ["*filter", ":INPUT DROP [0:0]"]
        for level in 0..<30 {
            for _ in 0..<20 { rules.append("-A \(level == 0 ? "INPUT" : "c\(level)") -j c\(level + 1)") }
        }
        #expect(IptablesRules(rules)?.input == .drops)
    }

    @Test func `Continued lines are joined, each with the number of its beginning`() {
        let found = joinedLines(["a \\", "b", "", "# c \\", "d"])
        #expect(found.map(\.number) == [1, 4, 5])
        #expect(found.map(\.text) == ["a  b", "# c \\", "d"])
        #expect(joinedLines(Array(repeating: "\\", count: 200_000)).count == 1)
    }

    @Test(arguments: ["\\\n", "@include system-auth\n", "Include *\n", "{", "a{", "[", "x=y ", "\u{0}", "-"])
    func `A file that repeats one thing for 64 kilobytes is read to its end`(piece: String) {
        let text = String(repeating: piece, count: 65_536 / piece.utf8.count)
        var host = FakeHost()
        for path in [
            "/etc/sudoers", "/etc/ssh/sshd_config", "/etc/pam.d/system-auth", "/etc/apt/apt.conf.d/1",
            "/etc/os-release", "/etc/passwd",
            "/proc/self/mountinfo", "/etc/lightdm/lightdm.conf",
        ] { host.files[path] = text }
        for command in HostCommand.allCases {
            host.outcomes[command] = .finished(exitCode: 0, output: Array(text.utf8))
        }
        #expect(PostureCatalogue.run(on: host.reader).count == 22)
    }
}

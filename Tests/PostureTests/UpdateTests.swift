import Kernel
import Testing

@testable import Posture

private let updates: CheckID = "endpoint.security-updates"
private let lists = "/var/lib/apt/lists/"
private let securityRelease =
    "Origin: Debian\nLabel: Debian-Security\nSuite: oldstable-security\nCodename: bookworm-security\nDate: Fri, 20 Nov 2026 00:12:41 UTC\nValid-Until: Fri, 27 Nov 2026 00:12:41 UTC\n"
private let mainRelease = "Origin: Debian\nLabel: Debian\nSuite: oldstable\nCodename: bookworm\n"

private func host(
    _ output: String?, lists files: [String: String] = ["d_InRelease": mainRelease, "s_InRelease": securityRelease],
    more: [String: String] = [:]
) -> FakeHost {
    var host = FakeHost(more)
    for (name, text) in files { host.files[lists + name] = text }
    if let output { host.outcomes[.aptSimulate] = .finished(exitCode: 0, output: Array(output.utf8)) }
    return host
}

private let none = "Reading package lists...\n0 upgraded, 0 newly installed, 0 to remove and 0 not upgraded.\n"

@Suite struct UpdateTests {
    @Test(arguments: [
        (none, CheckResult.pass),
        (none + "Inst libssl3 [3.0.17-1] (3.0.18-1 Debian-Security:12/oldstable-security [amd64])\n", .fail),
        (none + "Inst libssl3 [3.0.17-1] (3.0.18-1 Ubuntu:22.04/jammy-security [amd64])\n", .fail),
        (none + "Inst libssl3 [1] (2 Debian-Security:12/stable [amd64])\n", .fail),
        (none + "Inst libapache2-mod-security2 [2.9.7-1] (2.9.7-2 Debian:12.15/oldstable [amd64])\n", .pass),
        ("Listing...\nopenssl/oldstable-security 3.0.18 amd64 [upgradable from: 3.0.17]\n", .fail),
        ("Listing...\nappstream/oldstable 0.16.1-2+b1 amd64 [upgradable from: 0.16.1-2]\n", .pass),
        ("E: Could not open lock file\n", .unknown), ("", .unknown), ("\u{0}\u{7f}junk\n", .unknown),
        (
            "Reading package lists...\nThe following packages have been kept back:\n  linux-image-amd64\n0 upgraded, 0 newly installed, 0 to remove and 1 not upgraded.\n",
            .unknown
        ),
    ])
    func `Security updates are told by the archive's label or suite`(output: String, expected: CheckResult) {
        #expect(host(output).run(updates).result == expected)
    }

    @Test func `Nothing pending proves nothing when the lists are old, run out, absent or without a security archive`()
    {
        var old = host(none)
        for path in old.files.keys { old.modified[path] = FakeHost.noon - .hours(49) }
        #expect(old.run(updates).result == .unknown)
        #expect(host(none, lists: [:]).run(updates).result == .unknown)
        #expect(host(none, lists: ["d_InRelease": mainRelease]).run(updates).result == .unknown)
        #expect(
            host(none, lists: ["s_InRelease": securityRelease.replacing("27 Nov", with: "21 Nov")]).run(updates).result
                == .unknown)
    }

    @Test func `What is pending stays a failure however old the lists are`() {
        var old = host("Inst libssl3 [1] (2 Debian-Security:12/oldstable-security [amd64])\n")
        for path in old.files.keys { old.modified[path] = FakeHost.noon - .days(30) }
        #expect(old.run(updates).result == .fail)
    }

    @Test(arguments: [
        ("3.0.17-1~deb12u2", CheckResult.fail), ("3.0.17-1~deb12u3", .pass), ("3.0.18-1", .pass), ("1:1.0", .pass),
    ])
    func `Without apt, installed versions are compared with the security archive's`(
        installed: String, expected: CheckResult
    ) {
        let files = [
            "s_InRelease": securityRelease,
            "s_main_binary-amd64_Packages": "Package: libssl3\nArchitecture: amd64\nVersion: 3.0.17-1~deb12u3\n",
        ]
        let status =
            "Package: libssl3\nStatus: install ok installed\nArchitecture: amd64\nVersion: \(installed)\nDescription: x\n y\n\nPackage: gone\nStatus: deinstall ok config-files\nArchitecture: amd64\nVersion: 0\n"
        #expect(host(nil, lists: files, more: ["/var/lib/dpkg/status": status]).run(updates).result == expected)
    }

    @Test(arguments: [
        (
            ["/run/reboot-required": "*** System restart required ***\n", "/run/reboot-required.pkgs": "linux-base\n"],
            CheckResult.fail
        ),
        (["/boot/vmlinuz-6.1.0-9-amd64": "", "/boot/vmlinuz-6.1.0-28-amd64": ""], .pass),
        (["/boot/vmlinuz-6.1.0-28-amd64": "", "/boot/vmlinuz-6.1.0-30-amd64": ""], .fail),
        (
            [
                "/boot/vmlinuz-6.1.0-28-amd64": "", "/boot/vmlinuz-6.1.0-30-cloud-amd64": "",
                "/boot/vmlinuz-6.1.0-31-amd64.dpkg-new": "",
            ], .pass
        ),
        (["/boot/vmlinuz-6.1.0-9-amd64": ""], .unknown), ([:], .unknown),
    ])
    func `The marker's absence proves nothing: the running kernel must be the newest installed`(
        files: [String: String], expected: CheckResult
    ) {
        var host = FakeHost(files)
        host.files["/proc/sys/kernel/osrelease"] = "6.1.0-28-amd64\n"
        #expect(host.run("endpoint.reboot-required").result == expected)
    }

    @Test func `A kernel rebuilt under the same name asks for a reboot`() {
        let status = "Package: linux-image-6.1.0-28-amd64\nStatus: install ok installed\nVersion: 6.1.119-2\n"
        let files = [
            "/proc/sys/kernel/osrelease": "6.1.0-28-amd64\n", "/boot/vmlinuz-6.1.0-28-amd64": "",
            "/var/lib/dpkg/status": status,
            "/proc/version":
                "Linux version 6.1.0-28-amd64 (debian-kernel@lists.debian.org) #1 SMP PREEMPT_DYNAMIC Debian 6.1.119-1 (2024-11-22)\n",
        ]
        #expect(FakeHost(files).run("endpoint.reboot-required").result == .fail)
    }

    @Test(arguments: [
        ("ID=debian\nVERSION_ID=\"12\"\n", CheckResult.pass), ("ID=debian\nVERSION_ID=\"11\"\n", .fail),
        ("ID=debian\nVERSION_ID=10\n", .fail),
        ("ID=ubuntu\nVERSION_ID=\"22.04\"\n", .pass), ("ID=ubuntu\nVERSION_ID='20.04'\n", .fail),
        ("ID=rhel\nVERSION_ID=\"9.4\"\n", .pass),
        ("ID=debian\nVERSION_CODENAME=trixie\n", .pass), ("ID=debian\nVERSION_CODENAME=sid\n", .unknown),
        ("ID=arch\n", .pass), ("ID=debian\nVERSION_ID=120\n", .unknown),
        ("ID=templeos\nVERSION_ID=5\n", .unknown), ("", .unknown),
    ])
    func `A release is supported until the day in the table`(release: String, expected: CheckResult) {
        #expect(FakeHost(["/etc/os-release": release]).run("endpoint.end-of-life").result == expected)
    }

    @Test func `Every date of the table is one`() {
        for entry in SupportCalendar.entries {
            #expect(Instant(entry.end) != nil, "\(entry.system) \(entry.version)")
            if let last = entry.longTermEnd {
                #expect(Instant(last) ?? .distantPast > Instant(entry.end) ?? .distantFuture)
            }
        }
    }

    private static let periodic =
        "APT::Periodic::Update-Package-Lists \"1\";\nAPT::Periodic::Unattended-Upgrade \"1\";\n"
    private static let origins =
        "Unattended-Upgrade::Origins-Pattern {\n  // \"origin=Debian,codename=${distro_codename}-updates\";\n  \"origin=Debian,codename=${distro_codename}-security,label=Debian-Security\";\n};\n"

    @Test(arguments: [
        (periodic + origins, 0, CheckResult.pass), (periodic + origins, 4, .fail), (periodic, 0, .fail),
        (origins, 0, .fail),
        (periodic.replacing("\"1\"", with: "\"0\"") + origins, 0, .fail),
        (periodic + origins + "APT::Periodic::Enable \"0\";\n", 0, .fail),
        ("// " + periodic.replacing("\n", with: "\n// ") + origins, 0, .fail),
        (
            periodic + "Unattended-Upgrade::Origins-Pattern { // \"label=Debian-Security\";\n \"label=Debian\"; };\n",
            0, .fail
        ),
        ("APT { Periodic { Update-Package-Lists \"1\"; Unattended-Upgrade \"7\"; }; };\n" + origins, 0, .pass),
        (periodic + origins + "#clear APT::Periodic;\n", 0, .fail), ("APT::Install-Recommends \"1\";\n", 0, .fail),
    ])
    func `Automatic updates are on, for the security archive, and have succeeded lately`(
        config: String, days: Int, expected: CheckResult
    ) {
        var host = FakeHost([
            "/etc/apt/apt.conf.d/20auto-upgrades": config, "/var/lib/apt/periodic/unattended-upgrades-stamp": "",
            "/usr/bin/unattended-upgrade": "",
        ])
        host.modified["/var/lib/apt/periodic/unattended-upgrades-stamp"] = FakeHost.noon - .days(days)
        #expect(host.run("endpoint.automatic-updates").result == expected)
    }

    @Test func `A masked timer fails, and success that nothing records is unknown`() {
        var host = FakeHost(["/etc/apt/apt.conf.d/20auto-upgrades": UpdateTests.periodic + UpdateTests.origins])
        host.files["/usr/bin/unattended-upgrade"] = ""
        #expect(host.run("endpoint.automatic-updates").result == .unknown)
        host.links["/etc/systemd/system/apt-daily-upgrade.timer"] = "/dev/null"
        #expect(host.run("endpoint.automatic-updates").result == .fail)
    }
}

import Kernel
import Testing

@testable import Posture

private let good = "PasswordAuthentication no\nKbdInteractiveAuthentication no\nPermitRootLogin no\n"
private let password: CheckID = "endpoint.sshd-password-authentication"
private let rootLogin: CheckID = "endpoint.sshd-root-login"
private let ciphers: CheckID = "endpoint.sshd-ciphers"

private func captured(_ config: String, more: [String: String] = [:], effective: String? = nil) -> FakeHost {
    var host = FakeHost(more.merging(["/etc/ssh/sshd_config": config]) { first, _ in first })
    host.isCaptured = true
    if let effective { host.outcomes[.sshdSettings] = .finished(exitCode: 0, output: Array(effective.utf8)) }
    return host
}

@Suite struct SSHDaemonTests {
    @Test func `Without a server the checks do not apply`() {
        for id in [password, rootLogin, ciphers] { #expect(FakeHost().run(id).result == .notApplicable) }
    }

    @Test(arguments: [
        (good, CheckResult.pass), ("", .fail), ("PasswordAuthentication no\n", .fail),
        ("KbdInteractiveAuthentication no\n", .fail),
        ("#PasswordAuthentication no\n#KbdInteractiveAuthentication no\n", .fail),
        ("PasswordAuthentication yes\n" + good, .fail),
        (good + "PasswordAuthentication yes\n", .pass),
        ("passwordauthentication=no\nChallengeResponseAuthentication \"no\"\n", .pass),
        (good + "Match User bob\n PasswordAuthentication yes\n", .fail),
        (good + "Match Address 10.0.0.0/8\n\tKbdInteractiveAuthentication yes\n", .fail),
        ("Match all\nPasswordAuthentication no\nKbdInteractiveAuthentication no\n", .pass),
        (good + "Match User a\nPasswordAuthentication no\n", .pass),
        (good + "Match all\nPasswordAuthentication yes\n", .fail),
    ])
    func `Passwords pass only if everyone is refused them`(config: String, expected: CheckResult) {
        #expect(captured(config).run(password).result == expected)
    }

    @Test(arguments: [
        (good, CheckResult.pass), ("", .fail), ("PermitRootLogin prohibit-password\n", .fail),
        ("PermitRootLogin without-password\n", .fail),
        ("PermitRootLogin forced-commands-only\n", .fail), (good + "Match User bob\nPermitRootLogin yes\n", .pass),
        (good + "Match User ro*\nPermitRootLogin yes\n", .fail),
        (good + "Match Address 192.0.2.1\nPermitRootLogin yes\n", .fail),
        (good + "Match User *,!root\nPermitRootLogin yes\n", .pass),
    ])
    func `Root is refused everywhere`(config: String, expected: CheckResult) {
        #expect(captured(config).run(rootLogin).result == expected)
    }

    @Test(arguments: [
        ("", CheckResult.pass), ("Ciphers aes256-ctr,aes128-gcm@openssh.com\n", .pass),
        ("Ciphers aes256-ctr,aes128-cbc\n", .fail),
        ("Ciphers +3des-cbc\n", .fail), ("Ciphers -chacha20*\n", .pass), ("Ciphers ^aes256-gcm@openssh.com\n", .pass),
        ("Ciphers arcfour\n", .fail),
    ])
    func `Only ciphers of the allow list are offered`(config: String, expected: CheckResult) {
        #expect(captured(config).run(ciphers).result == expected)
    }

    @Test func `Includes stand where they stand, in lexical order, and the first value wins`() {
        let more = [
            "/etc/ssh/sshd_config.d/20-late.conf": "PasswordAuthentication yes\n",
            "/etc/ssh/sshd_config.d/10-early.conf": "PasswordAuthentication no\nKbdInteractiveAuthentication no\n",
            "/etc/ssh/sshd_config.d/05-ignored.bak": "PasswordAuthentication yes\n",
        ]
        #expect(
            captured("Include /etc/ssh/sshd_config.d/*.conf\nPasswordAuthentication yes\n", more: more).run(password)
                .result == .pass)
        #expect(
            captured("PasswordAuthentication yes\nInclude sshd_config.d/*.conf\n", more: more).run(password).result
                == .fail)
    }

    @Test func `A Match block in an included file ends with that file`() {
        let more = ["/etc/ssh/sshd_config.d/10.conf": "Match User bob\nX11Forwarding no\n"]
        #expect(captured("Include sshd_config.d/*.conf\n" + good, more: more).run(password).result == .pass)
    }

    @Test func `The server's own answer counts before its files, but every Match block still does`() {
        let effective =
            "port 22\npasswordauthentication no\nkbdinteractiveauthentication no\npermitrootlogin no\nciphers aes256-ctr\n"
        #expect(captured("PasswordAuthentication yes\n", effective: effective).run(password).result == .pass)
        #expect(
            captured("Match Group staff\nPasswordAuthentication yes\n", effective: effective).run(password).result
                == .fail)
        var host = FakeHost(outputs: [.sshdSettings: effective])
        host.isCaptured = true
        #expect(host.run(password).result == .pass)
        #expect(host.run(rootLogin).result == .pass)
        #expect(host.run(ciphers).result == .pass)
    }

    @Test func `An answer that leaves the setting out is unknown, an error message is no answer`() {
        var host = FakeHost(outputs: [.sshdSettings: "permitrootlogin no\n"])
        #expect(host.run(password).result == .unknown)
        host = FakeHost(outputs: [.sshdSettings: "sshd: no hostkeys available -- exiting.\n"])
        #expect(host.run(password).result == .notApplicable)
    }

    @Test func `A file that may not be read makes a pass unknown, never a failure`() {
        var host = captured("Include /etc/ssh/sshd_config.d/*.conf\n" + good)
        host.denied = ["/etc/ssh/sshd_config.d/50-cloud-init.conf"]
        let found = host.run(password)
        #expect(found.result == .unknown)
        #expect(found.value.contains("root is needed"))
    }

    @Test func `A configuration newer than the running server is unknown until it is loaded`() {
        var host = captured(
            good,
            more: [
                "/proc/stat": "btime 1795258800\n", "/proc/7/comm": "sshd\n",
                "/proc/7/stat": "7 (sshd) S 1 " + String(repeating: "0 ", count: 17) + "100 0\n",
            ])
        host.modified["/etc/ssh/sshd_config"] = FakeHost.noon
        #expect(host.run(password).result == .unknown)
        host.modified["/etc/ssh/sshd_config"] = Instant("2026-11-20T00:00:00Z")
        #expect(host.run(password).result == .pass)
        host.modified["/etc/ssh/sshd_config"] = FakeHost.noon
        host.files["/run/sshd.pid"] = "7\n"
        #expect(host.run(password).result == .pass)
    }

    @Test(arguments: [
        ("Port 22", ["Port", "22"]), ("Port=22", ["Port", "22"]), ("  Ciphers  \"a b\" # c", ["Ciphers", "a b"]),
        ("# x", []), ("", []),
        ("Banner \"/etc/a b\"", ["Banner", "/etc/a b"]), ("\u{0}\u{1}", ["\u{0}\u{1}"]),
    ])
    func `A line falls into words`(line: String, expected: [String]) {
        #expect(SSHDaemonConfig.words(line) == expected)
    }
}

import Kernel
import Testing

@testable import Posture

private let passwd =
    "root:x:0:0:root:/root:/bin/bash\nann:x:1000:1000::/home/ann:/bin/bash\ndaemon:x:1:1::/:/usr/sbin/nologin\n"
private let shadow = "root:!:19000:0:99999:7:::\nann:$y$j9T$secretsalt$secrethash:19000:0:99999:7:::\n"
private let base = [
    "/etc/passwd": passwd, "/etc/shadow": shadow, "/etc/group": "root:x:0:\nsudo:x:27:ann\n",
    "/etc/sudoers": "root ALL=(ALL:ALL) ALL\n%sudo ALL=(ALL:ALL) ALL\n@includedir /etc/sudoers.d\n",
]

private func host(_ more: [String: String] = [:]) -> FakeHost { FakeHost(base.merging(more) { $1 }) }

@Suite struct AccountTests {
    @Test(arguments: [
        ([:], CheckResult.pass), (["/etc/passwd": passwd + "guest:x:1001:1001::/tmp:/bin/bash\n"], .fail),
        (["/etc/passwd": passwd + "guest:x:1001:1001::/tmp:/usr/sbin/nologin\n"], .pass),
        (["/etc/passwd": passwd + "bob::1001:1001::/home/bob:/bin/sh\n"], .fail),
        (["/etc/shadow": shadow + "ann::1:::::\n", "/etc/passwd": passwd], .fail),
        (["/etc/lightdm/lightdm.conf": "[Seat:*]\nallow-guest=true\n"], .fail),
        (["/etc/lightdm/lightdm.conf": "[Seat:*]\nallow-guest=false\n"], .pass),
        (["/etc/lightdm/lightdm.conf": "[Seat:*]\n#allow-guest=true\n"], .pass),
        (["/etc/lightdm/lightdm.conf": "[Seat:*]\n", "/usr/sbin/guest-account": ""], .fail),
        (["/etc/lightdm/lightdm.conf.d/50.conf": "[Seat:*]\nautologin-user=ann\n"], .fail),
        (["/etc/gdm3/daemon.conf": "[daemon]\nAutomaticLoginEnable = true\nAutomaticLogin=ann\n"], .fail),
        (["/etc/gdm3/daemon.conf": "[daemon]\n# AutomaticLoginEnable = true\n"], .pass),
    ])
    func `Nobody gets in without an account and a password of their own`(more: [String: String], expected: CheckResult)
    {
        #expect(host(more).run("endpoint.guest-access").result == expected)
    }

    @Test func `Without root, empty passwords are unknown, and no hash reaches the evidence`() {
        var locked = host()
        locked.denied = ["/etc/shadow"]
        locked.files["/etc/shadow"] = nil
        let found = locked.run("endpoint.guest-access")
        #expect(found.result == .unknown)
        #expect(found.value.contains("root is needed"))
        for check in PostureCatalogue.checks { #expect(!"\(host().run(check.id))".contains("secret")) }
    }

    @Test(arguments: [
        ([:], CheckResult.pass), (["/etc/sudoers.d/ann": "ann ALL=(ALL) NOPASSWD: ALL\n"], .fail),
        (["/etc/sudoers.d/ann": "ann ALL=(ALL) NOPASSWD : /bin/ls\n"], .fail),
        (["/etc/sudoers.d/ann": "# ann ALL=(ALL) NOPASSWD: ALL\n"], .pass),
        (["/etc/sudoers.d/ann.bak": "ann ALL=(ALL) NOPASSWD: ALL\n"], .pass),
        (["/etc/sudoers.d/ann~": "ann ALL=(ALL) NOPASSWD: ALL\n"], .pass),
        (["/etc/sudoers.d/x": "Defaults:ann !authenticate\n"], .fail),
        (["/etc/sudoers.d/x": "Defaults env_reset, \\\n  !authenticate\n"], .fail),
        (["/etc/sudoers": "#include /etc/sudoers.other\n", "/etc/sudoers.other": "a ALL=NOPASSWD:ALL\n"], .fail),
        (["/etc/sudoers": "#includedir /etc/sudoers.d\n", "/etc/sudoers.d/y": "a ALL=NOPASSWD:ALL\n"], .fail),
        (["/etc/sudoers": "@include gone\n"], .unknown),
        (["/etc/doas.conf": "permit nopass ann\n"], .fail),
    ])
    func `sudo asks everyone for a password`(more: [String: String], expected: CheckResult) {
        #expect(host(more).run("endpoint.sudo").result == expected)
    }

    @Test func `sudo's rules need root, do not apply without sudo, and can come from cvtsudoers`() {
        var locked = host()
        locked.files["/etc/sudoers"] = nil
        locked.denied = ["/etc/sudoers"]
        #expect(locked.run("endpoint.sudo").value.contains("root is needed"))
        #expect(FakeHost().run("endpoint.sudo").result == .notApplicable)
        let waived =
            #"{"User_Specs":[{"User_List":[{"username":"ann"}],"Cmnd_Specs":[{"Options":[{"authenticate":false}],"Commands":[{"command":"ALL"}]}]}]}"#
        #expect(FakeHost(outputs: [.sudoRules: waived]).run("endpoint.sudo").result == .fail)
        #expect(
            FakeHost(outputs: [.sudoRules: waived.replacing("false", with: "true")]).run("endpoint.sudo").result
                == .pass)
    }

    @Test func `Administrators must be on the register, and there is one user number 0`() {
        let id: CheckID = "endpoint.admin-accounts"
        #expect(host().run(id).result == .unknown)
        #expect(host().run(id, options: PostureOptions(registeredAdmins: ["ann"])).result == .pass)
        #expect(host().run(id, options: PostureOptions(registeredAdmins: ["eve"])).result == .fail)
        #expect(
            host(["/etc/sudoers.d/eve": "eve ALL=(ALL) ALL\n"]).run(
                id, options: PostureOptions(registeredAdmins: ["ann"])
            ).result == .fail)
        #expect(
            host(["/etc/passwd": passwd + "toor:x:0:0::/root:/bin/sh\n"]).run(
                id, options: PostureOptions(registeredAdmins: ["ann", "toor"])
            ).result == .fail)
        var locked = host()
        locked.files["/etc/sudoers"] = nil
        locked.denied = ["/etc/sudoers"]
        #expect(locked.run(id, options: PostureOptions(registeredAdmins: ["ann"])).result == .unknown)
    }

    private static let quality =
        "password requisite pam_pwquality.so retry=3\npassword [success=1 default=ignore] pam_unix.so obscure use_authtok yescrypt\n"

    @Test(arguments: [
        (quality, "minlen = 12\n", CheckResult.pass), (quality, "# minlen = 14\n", .fail),
        (quality, "minlen = 14\ndcredit = 3\n", .fail),
        (quality, "minlen = 14\nenforcing = 0\n", .fail), (quality, "", .fail),
        ("password [success=1 default=ignore] pam_unix.so obscure yescrypt\n", "minlen = 16\n", .fail),
        ("password optional pam_pwquality.so minlen=16\n", "", .fail),
        ("#password requisite pam_pwquality.so minlen=16\n", "minlen = 16\n", .fail),
        ("password requisite pam_pwquality.so minlen=16\n", "minlen = 4\n", .pass),
        ("password required pam_unix.so minlen=12\n", "", .pass),
        ("password requisite pam_passwdqc.so min=disabled,disabled,12,12,12\n", "", .pass),
        ("password requisite pam_passwdqc.so\n", "", .fail),
    ])
    func `A length of passwords counts only where PAM enforces it`(
        stack: String, settings: String, expected: CheckResult
    ) {
        let files = [
            "/etc/pam.d/common-password": stack, "/etc/security/pwquality.conf": settings,
            "/etc/login.defs": "PASS_MIN_LEN 20\n",
        ]
        #expect(FakeHost(files).run("endpoint.password-policy").result == expected)
    }

    @Test func `The main pwquality file overrides the directory's`() {
        let files = [
            "/etc/pam.d/common-password": AccountTests.quality,
            "/etc/security/pwquality.conf.d/50.conf": "minlen = 14\n",
        ]
        #expect(FakeHost(files).run("endpoint.password-policy").result == .pass)
        #expect(
            FakeHost(files.merging(["/etc/security/pwquality.conf": "minlen = 8\n"]) { $1 }).run(
                "endpoint.password-policy"
            ).result == .fail)
    }

    private static let faillock =
        "auth requisite pam_faillock.so preauth\nauth [success=1 default=ignore] pam_unix.so\nauth [default=die] pam_faillock.so authfail\n"

    @Test(arguments: [
        (faillock, "deny = 5\n", CheckResult.pass), (faillock, "", .pass), (faillock, "deny = 0\n", .fail),
        (faillock, "deny = 50\n", .fail),
        ("auth [success=1 default=ignore] pam_unix.so nullok\n", "deny = 5\n", .fail),
        ("auth requisite pam_faillock.so preauth\n", "deny = 5\n", .fail),
        ("# auth [default=die] pam_faillock.so authfail\n", "deny = 5\n", .fail),
    ])
    func `A lockout counts only where PAM calls it`(stack: String, settings: String, expected: CheckResult) {
        let files = ["/etc/pam.d/common-auth": stack, "/etc/security/faillock.conf": settings]
        #expect(FakeHost(files).run("endpoint.lockout").result == expected)
    }

    @Test func `PAM includes are followed, rings of them end`() {
        let files = [
            "/etc/pam.d/system-auth": "password include inner\n@include system-auth\n",
            "/etc/pam.d/inner": "auth required pam_deny.so\npassword required pam_pwquality.so minlen=15\n",
        ]
        #expect(FakeHost(files).run("endpoint.password-policy").result == .pass)
        #expect(FakeHost().run("endpoint.lockout").result == .unknown)
    }
}

import Kernel

/// Whether the system refuses short passwords: a PAM module that really is called, with a length of at least 12.
///
/// `PASS_MIN_LEN` in login.defs is not looked at: with PAM, nothing reads it.
enum PasswordPolicy {
    static let check = PostureCheck(
        "endpoint.password-policy", title: "Password length",
        measures:
            "PAM refuses new passwords of fewer than 12 characters (pam_pwquality, pam_passwdqc or pam_unix minlen).",
        keywords: ["password", "passwords", "password policy", "complexity", "strong passwords"],
        judge: { reader, _ in judge(reader) })

    static let wanted = 12
    static let fix = "As root: apt install libpam-pwquality, then in /etc/security/pwquality.conf set: minlen = 12"

    static func judge(_ reader: HostReader) -> Measurement {
        var trail = Trail()
        guard let stack = PamStack(services: ["common-password", "system-auth", "passwd", "password-auth"], on: reader)
        else {
            return trail.unknown("no PAM configuration for passwords was found in /etc/pam.d", fix: fix)
        }
        if stack.isDenied { return trail.needsRoot("/etc/pam.d") }
        var lengths: [Int] = []
        for module in stack.modules where module.kind == "password" && module.decides {
            guard let (length, source) = length(required: module, reader: reader) else { continue }
            trail.note(source, "\(module.name): at least \(length) characters")
            lengths.append(length)
        }
        guard let longest = lengths.max() else {
            trail.note(stack.files.joined(separator: ", "), "no module that demands a length")
            return trail.fail("nothing demands a length of passwords", fix: fix)
        }
        if longest < wanted {
            return trail.fail("passwords of \(longest) characters are accepted; \(wanted) are needed", fix: fix)
        }
        return trail.pass("passwords need at least \(longest) characters")
    }

    /// The shortest password that a module accepts, and where that is set; `nil` if it looks at no length.
    private static func length(required module: PamStack.Module, reader: HostReader) -> (Int, String)? {
        switch module.name {
        case "pam_pwquality.so", "pam_cracklib.so": return quality(module, reader: reader)
        case "pam_passwdqc.so":
            // min=N0,N1,N2,N3,N4 by kinds of characters; the shortest that is not disabled counts.
            let lengths = (module.argument("min") ?? "disabled,24,11,8,7").split(separator: ",").compactMap { Int($0) }
            return lengths.min().map { ($0, module.place) }
        case "pam_unix.so":
            // Its own floor is 6 (pam_unix(8)).
            return (module.argument("minlen").flatMap { Int($0) } ?? 6, module.place)
        default: return nil
        }
    }

    private static func quality(_ module: PamStack.Module, reader: HostReader) -> (Int, String) {
        var settings: [String: String] = [:]
        var source = module.place
        if module.name == "pam_pwquality.so" {
            // The directory's files come first, the main file overrides them, arguments override both (pwquality.conf(5)).
            let directory = "/etc/security/pwquality.conf.d"
            let parts = reader.names(in: directory).filter { $0.hasSuffix(".conf") }.map { "\(directory)/\($0)" }
            for path in parts + ["/etc/security/pwquality.conf"] {
                let before = settings["minlen"]
                settings = securitySettings(reader.linesIfAny(path), over: settings)
                if settings["minlen"] != nil, settings["minlen"] != before || path.hasSuffix("pwquality.conf") {
                    source = path
                }
            }
        }
        for argument in module.arguments {
            if let (key, value) = argument.cut(at: "=") { settings[key] = value }
        }
        if settings["enforcing"] == "0" { return (0, source) }
        func number(_ key: String) -> Int { max(-10_000, min(10_000, settings[key].flatMap { Int($0) } ?? 0)) }
        // A positive credit lets each kind of character stand for further length.
        let credit = ["dcredit", "ucredit", "lcredit", "ocredit"].reduce(0) { $0 + max(0, number($1)) }
        let demanded = settings["minlen"].flatMap { Int($0) } ?? 8
        return (max(6, min(demanded, 10_000) - credit), source)
    }
}

/// Whether guessing passwords locks an account: pam_faillock must be called, a configuration file for it alone does nothing.
enum Lockout {
    static let check = PostureCheck(
        "endpoint.lockout", title: "Lockout after failed logins",
        measures: "PAM calls pam_faillock and locks an account after at most 10 failed attempts.",
        keywords: ["lockout", "locked", "failed attempts", "brute force", "login attempts"],
        judge: { reader, _ in judge(reader) })

    static let fix = """
        In /etc/pam.d/common-auth put before pam_unix.so: auth requisite pam_faillock.so preauth; after it: \
        auth [default=die] pam_faillock.so authfail; in common-account: account required pam_faillock.so; in /etc/security/faillock.conf: deny = 5. \
        Keep a root shell open while you try it.
        """

    static func judge(_ reader: HostReader) -> Measurement {
        var trail = Trail()
        guard let stack = PamStack(services: ["common-auth", "system-auth", "login", "password-auth"], on: reader)
        else {
            return trail.unknown("no PAM configuration for logins was found in /etc/pam.d", fix: fix)
        }
        if stack.isDenied { return trail.needsRoot("/etc/pam.d") }
        let calls = stack.modules.filter {
            $0.kind == "auth" && ($0.name == "pam_faillock.so" || $0.name == "pam_tally2.so")
        }
        guard
            let call = calls.first(where: { $0.arguments.contains("authfail") })
                ?? calls.first(where: { $0.name == "pam_tally2.so" })
        else {
            trail.note(
                stack.files.joined(separator: ", "),
                calls.isEmpty
                    ? "pam_faillock is not called" : "pam_faillock is called, but never with authfail, which counts")
            if reader.exists("/etc/security/faillock.conf") {
                trail.note("/etc/security/faillock.conf", "is there, and nothing reads it")
            }
            return trail.fail("failed logins lock nothing: PAM does not call pam_faillock to count them", fix: fix)
        }
        trail.note(call.place, "\(call.name) \(call.arguments.joined(separator: " "))")
        var settings: [String: String] = [:]
        if call.name == "pam_faillock.so" {
            let path = call.argument("conf") ?? "/etc/security/faillock.conf"
            settings = securitySettings(reader.linesIfAny(path))
            if let deny = settings["deny"] { trail.note(path, "deny = \(deny)") }
        }
        guard
            call.name == "pam_tally2.so" || calls.contains(where: { $0.arguments.contains("preauth") })
                || call.control.contains("die") || call.decides
        else {
            return trail.fail("pam_faillock is called, but its refusal decides nothing", fix: fix)
        }
        let text = call.argument("deny") ?? settings["deny"]
        let deny = text.map { Int($0) ?? 0 } ?? 3
        guard (1...10).contains(deny) else {
            return trail.fail("accounts lock after \(text ?? "0") failed attempts; at most 10 are wanted", fix: fix)
        }
        return trail.pass("accounts lock after \(deny.counted("failed attempt"))")
    }
}

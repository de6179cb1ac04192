import Kernel

/// What the three checks of the SSH server share: find the server, look at every value that somebody can get, judge each.
enum SSHSettings {
    /// - Parameters:
    ///   - names: the settings, lower case; all must be good for everyone.
    ///   - refusal: why a value is not good; `nil` if it is.
    ///   - fix: what to do about one that is not.
    static func judge(
        _ reader: HostReader, names: [String], fix: String, refusal: (String, SSHDaemon.Setting) -> String?
    ) -> Measurement {
        var trail = Trail()
        guard let daemon = SSHDaemon(on: reader) else { return trail.notApplicable("no SSH server is installed") }
        var refusals: [String] = []
        var untold: [String] = []
        var summary: [String] = []
        for name in names {
            let settings = daemon.values(of: name)
            if settings.isEmpty { untold.append("\(name) is not among the answers of \(daemon.source)") }
            for setting in settings {
                trail.note(setting.source, "\(name) \(setting.value)")
                if let reason = refusal(name, setting) {
                    refusals.append(setting.block == nil ? reason : "\(reason) at \(setting.source)")
                }
            }
            if let first = settings.first { summary.append("\(name) \(first.value.shortened(to: 60))") }
        }
        if !refusals.isEmpty { return trail.fail(refusals.joined(separator: "; "), fix: fix) }
        if let gap = daemon.gap {
            trail.note("sshd_config", gap)
            return gap.contains("root")
                ? trail.needsRoot("all of the SSH server's configuration (\(gap))")
                : trail.unknown(
                    "the configuration could not be read whole: \(gap)",
                    fix: "Make the file readable, or run it as root.")
        }
        if let reason = untold.first { return trail.unknown(reason, fix: "Run sshd -T as root and look for it.") }
        if daemon.isOlderThanItsFiles {
            return trail.unknown(
                "the files say so, but the running server was started before they were changed",
                fix: "Load them: systemctl reload ssh")
        }
        return trail.pass(summary.joined(separator: ", "))
    }

    static func advice(_ lines: String) -> String {
        "In /etc/ssh/sshd_config, before any Match and Include, set: \(lines). Take the opposite out of every Match block. Then: sshd -t && systemctl reload ssh"
    }
}

/// Whether anybody can log in over SSH with a password.
enum SSHPasswordAuthentication {
    static let check = PostureCheck(
        "endpoint.sshd-password-authentication", title: "SSH without passwords",
        measures: "PasswordAuthentication and KbdInteractiveAuthentication are no for everyone, Match blocks included.",
        keywords: ["ssh", "ssh key", "ssh keys", "public key", "server access"],
        judge: { reader, _ in judge(reader) })

    static func judge(_ reader: HostReader) -> Measurement {
        SSHSettings.judge(
            reader, names: ["passwordauthentication", "kbdinteractiveauthentication"],
            fix: SSHSettings.advice("PasswordAuthentication no · KbdInteractiveAuthentication no")
        ) { name, setting in
            setting.value.lowercased() == "no" ? nil : "\(name) is \(setting.value.shortened(to: 40))"
        }
    }
}

/// Whether root can log in over SSH.
enum SSHRootLogin {
    static let check = PostureCheck(
        "endpoint.sshd-root-login", title: "No root login over SSH",
        measures: "PermitRootLogin is no for everyone, Match blocks that can apply to root included.",
        keywords: ["ssh", "root", "root login", "administrative access"],
        judge: { reader, _ in judge(reader) })

    static func judge(_ reader: HostReader) -> Measurement {
        SSHSettings.judge(reader, names: ["permitrootlogin"], fix: SSHSettings.advice("PermitRootLogin no")) {
            name, setting in
            if setting.value.lowercased() == "no" || !(setting.block.map(canApplyToRoot) ?? true) { return nil }
            return "\(name) is \(setting.value.shortened(to: 40))"
        }
    }

    /// A block for certain users other than root says nothing about root.
    static func canApplyToRoot(_ block: SSHDaemonConfig.Block) -> Bool {
        block.criteria.filter { $0.name == "user" }.allSatisfy { criterion in
            let isExcluded = criterion.patterns.contains {
                $0.hasPrefix("!") && GlobPattern($0.dropFirst()).matches("root")
            }
            return !isExcluded && criterion.patterns.contains { GlobPattern($0).matches("root") }
        }
    }
}

/// Whether the SSH server accepts only ciphers without known weakness.
enum SSHCiphers {
    static let check = PostureCheck(
        "endpoint.sshd-ciphers", title: "Strong SSH ciphers",
        measures: "Every cipher that the SSH server offers is AES in CTR or GCM mode or ChaCha20-Poly1305.",
        keywords: ["ssh", "cipher", "ciphers", "cryptography", "in transit"],
        judge: { reader, _ in judge(reader) })

    static let allowed: Set<String> = [
        "chacha20-poly1305@openssh.com", "aes128-ctr", "aes192-ctr", "aes256-ctr", "aes128-gcm@openssh.com",
        "aes256-gcm@openssh.com",
    ]

    static func judge(_ reader: HostReader) -> Measurement {
        SSHSettings.judge(
            reader, names: ["ciphers"],
            fix: SSHSettings.advice(
                "Ciphers chacha20-poly1305@openssh.com,aes256-gcm@openssh.com,aes128-gcm@openssh.com,aes256-ctr,aes192-ctr,aes128-ctr"
            )
        ) { _, setting in
            let weak = weak(in: setting.value)
            return weak.isEmpty ? nil : "weak ciphers are offered: \(weak.joined(separator: ", ").shortened())"
        }
    }

    /// What a list adds beyond the allowed: `+` and `^` add to the default, `-` only takes away.
    static func weak(in list: String) -> [String] {
        if list.hasPrefix("-") { return [] }
        let names = (list.hasPrefix("+") || list.hasPrefix("^") ? list.dropFirst() : list[...]).split(separator: ",")
            .map { $0.trimmed.lowercased() }
        return names.filter { name in
            let glob = GlobPattern(name)
            return
                !(glob.hasWildcard
                ? allowed.contains { glob.matches($0) } && !name.contains("cbc") && name != "*"
                : allowed.contains(name))
        }
    }
}

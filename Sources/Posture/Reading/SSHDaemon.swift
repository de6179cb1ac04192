import Kernel

/// What the SSH server of a host really does: its own answer (`sshd -T`) where it can be had, its files otherwise, and every `Match` block in any case.
struct SSHDaemon {
    /// One value that a setting can have for somebody, and where it comes from.
    struct Setting {
        let value: String
        let source: String
        /// The block it comes from; `nil` for the global one.
        let block: SSHDaemonConfig.Block?
    }

    /// The lines of `sshd -T`, if there are any.
    private let effective: [String: String]
    private let hasEffective: Bool
    let config: SSHDaemonConfig
    /// The running server was started before its files were last changed.
    let isOlderThanItsFiles: Bool

    /// What OpenSSH on Debian does without being told (sshd_config(5), Debian's README). The cipher list is that of 6.7 and newer.
    private static let defaults = [
        "passwordauthentication": "yes", "kbdinteractiveauthentication": "yes", "permitrootlogin": "prohibit-password",
        "permitemptypasswords": "no", "hostbasedauthentication": "no",
        "ciphers":
            "chacha20-poly1305@openssh.com,aes128-ctr,aes192-ctr,aes256-ctr,aes128-gcm@openssh.com,aes256-gcm@openssh.com",
    ]

    /// - Returns: `nil` if there is no SSH server on this host.
    init?(on reader: HostReader) {
        let outcome = reader.run(.sshdSettings)
        let isInstalled = reader.hasProgram("sshd") || (reader.isCaptured && reader.exists("/etc/ssh/sshd_config"))
        config = SSHDaemonConfig(on: reader)
        var settings: [String: String] = [:]
        // Without root the server cannot read its host keys and says nothing; its files then suffice.
        if case .finished(0, let output) = outcome {
            for line in output.lines {
                guard let (name, value) = line.trimmed.cut(at: " ") else { continue }
                let key = SSHDaemonConfig.canonical(name.lowercased())
                if settings[key] == nil { settings[key] = value }
            }
        }
        // Anything else than settings (an error message) is no answer.
        hasEffective = ["port", "permitrootlogin", "passwordauthentication", "ciphers", "kbdinteractiveauthentication"]
            .contains { settings[$0] != nil }
        effective = hasEffective ? settings : [:]
        guard isInstalled || hasEffective else { return nil }
        isOlderThanItsFiles = SSHDaemon.isOlder(on: reader, than: config.modified)
    }

    /// Where the answers come from.
    var source: String {
        hasEffective ? "sshd -T" : config.files.isEmpty ? "compiled-in defaults" : config.files.joined(separator: ", ")
    }

    /// Why the answers may not be all: files that could not be read. The server itself has read them if it answered.
    var gap: String? {
        let unread = hasEffective ? config.unread.filter { !$0.hasSuffix("is missing") } : config.unread
        if !hasEffective, config.files.isEmpty, unread.allSatisfy({ $0.hasSuffix("is missing") }) { return nil }
        return unread.first
    }

    /// Every value that `name` can have for somebody; empty if it cannot be told.
    func values(of name: String) -> [Setting] {
        var base: Setting?
        if hasEffective {
            base = effective[name].map { Setting(value: $0, source: "sshd -T", block: nil) }
        }
        if base == nil, !(hasEffective && config.files.isEmpty) {
            if let value = config.global[name] {
                base = Setting(value: value, source: config.files.first ?? "sshd_config", block: nil)
            } else {
                base = SSHDaemon.defaults[name].map { Setting(value: $0, source: "compiled-in default", block: nil) }
            }
        }
        guard let base else { return [] }
        var values: [Setting] = []
        for block in config.blocks {
            guard let value = block.settings[name] else { continue }
            values.append(Setting(value: value, source: "\(block.place) (Match)", block: block))
            // From here on everyone has a value: neither the global one nor later blocks are ever reached.
            if block.isForAll { return values }
        }
        return [base] + values
    }

    private static func isOlder(on reader: HostReader, than modified: Instant?) -> Bool {
        guard let modified else { return false }
        let boot = reader.linesIfAny("/proc/stat", limit: 4 << 20).compactMap { $0.after("btime ") }.first.flatMap {
            Int64($0.trimmed)
        }
        let starts: [Int64] = reader.processes().filter { $0.name == "sshd" }.compactMap { process in
            guard let line = reader.word("/proc/\(process.id)/stat"), let end = line.lastIndex(of: ")") else {
                return nil
            }
            let fields = String(line[line.index(after: end)...]).words
            // Field 22 of proc_pid_stat(5), counted from the third, in ticks of 1/100 s on every Linux that Swift runs on.
            return fields.count > 19 ? Int64(fields[19]) : nil
        }
        guard let boot, let first = starts.min(), boot > 0, boot < 1 << 40, first >= 0, first < 1 << 50 else {
            return false
        }
        var loaded = Instant(milliseconds: boot * 1000 + first * 10)
        // A reload keeps the process and its start, but writes its number anew.
        if let written = reader.modified("/run/sshd.pid") { loaded = max(loaded, written) }
        return modified > loaded + .seconds(2)
    }
}

import Kernel

/// Whether security updates install themselves: switched on, for a security archive, by a timer that runs, with success in the last 3 days.
enum AutomaticUpdates {
    static let check = PostureCheck(
        "endpoint.automatic-updates", title: "Automatic updates",
        measures:
            "unattended-upgrades is on for the security archive, its timer is enabled, and it succeeded within 3 days.",
        keywords: ["automatic updates", "automatically", "auto-update", "unattended", "updates"],
        judge: { reader, _ in judge(reader) })

    static let fix =
        "As root: apt install unattended-upgrades && dpkg-reconfigure -plow unattended-upgrades; try it with: unattended-upgrade --dry-run --debug"

    static func judge(_ reader: HostReader) -> Measurement {
        var trail = Trail()
        var config = AptConfig()
        var source = "apt-config dump"
        if case .finished(0, let output) = reader.run(.aptConfig), output.text.contains("APT") {
            config.merge(output.text)
        } else {
            let directory = "/etc/apt/apt.conf.d"
            // apt reads names of letters, digits, hyphens and underscores, without an extension or with ".conf".
            let names = reader.names(in: directory).filter {
                !$0.contains(".") || ($0.hasSuffix(".conf") && !$0.hasPrefix("."))
            }
            let paths = names.map { "\(directory)/\($0)" } + ["/etc/apt/apt.conf"]
            source = directory
            var isAny = false
            for path in paths {
                if case .contents(let bytes) = reader.read(path, 1 << 20) {
                    config.merge(bytes.text)
                    isAny = true
                }
            }
            guard isAny || reader.exists("/etc/apt") else {
                return trail.unknown(
                    "there is no apt here, and no other package manager can be asked yet",
                    fix: "Turn on your distribution's automatic security updates.")
            }
        }
        func isOn(_ name: String) -> Bool {
            guard let value = config.last(name)?.trimmed else { return false }
            return !["", "0", "false", "no", "off", "never"].contains(value.lowercased())
        }
        let upgrade = config.last("APT::Periodic::Unattended-Upgrade") ?? "(not set)"
        trail.note(
            source,
            "APT::Periodic::Unattended-Upgrade \(upgrade), Update-Package-Lists \(config.last("APT::Periodic::Update-Package-Lists") ?? "(not set)")"
        )
        if config.last("APT::Periodic::Enable") != nil, !isOn("APT::Periodic::Enable") {
            return trail.fail("APT::Periodic::Enable is off", fix: fix)
        }
        if !isOn("APT::Periodic::Unattended-Upgrade") { return trail.fail("automatic updates are off", fix: fix) }
        if !isOn("APT::Periodic::Update-Package-Lists") {
            return trail.fail("updates would install themselves, but package lists are never fetched", fix: fix)
        }
        let origins =
            config.list("Unattended-Upgrade::Origins-Pattern") + config.list("Unattended-Upgrade::Allowed-Origins")
        let security = origins.filter { $0.lowercased().contains("security") }
        trail.note(source, "origins: \(origins.prefix(4).joined(separator: " · "))")
        if security.isEmpty {
            return trail.fail(
                "automatic updates leave the security archive out",
                fix:
                    "In /etc/apt/apt.conf.d/50unattended-upgrades, under Origins-Pattern: \"origin=Debian,codename=${distro_codename}-security,label=Debian-Security\";"
            )
        }
        if !reader.isCaptured, !reader.hasProgram("unattended-upgrade") {
            return trail.fail("they are on, but unattended-upgrades is not installed", fix: fix)
        }
        if let reason = idleTimer(reader) {
            return trail.fail(
                reason,
                fix:
                    "As root: systemctl unmask apt-daily-upgrade.timer apt-daily.timer; systemctl enable --now apt-daily-upgrade.timer apt-daily.timer"
            )
        }
        return success(reader, trail: trail)
    }

    /// Why the timer does not run; `nil` if it does, or nothing says otherwise.
    private static func idleTimer(_ reader: HostReader) -> String? {
        let unit = "/etc/systemd/system/apt-daily-upgrade.timer"
        if reader.linkTarget(unit) == "/dev/null" { return "the timer apt-daily-upgrade.timer is masked" }
        let wants = "/etc/systemd/system/timers.target.wants"
        let names = reader.names(in: wants)
        if !names.isEmpty, !names.contains("apt-daily-upgrade.timer"), !reader.exists("/etc/cron.daily/apt-compat") {
            return "the timer apt-daily-upgrade.timer is not enabled"
        }
        return nil
    }

    private static func success(_ reader: HostReader, trail: Trail) -> Measurement {
        var trail = trail
        let directory = "/var/lib/apt/periodic"
        let stamps = ["unattended-upgrades-stamp", "upgrade-stamp"].compactMap { name in
            reader.modified("\(directory)/\(name)").map { (name, $0) }
        }
        let log = loggedSuccess(reader).map { ("log", $0) }
        guard let (name, last) = (stamps + [log].compactMap(\.self)).max(by: { $0.1 < $1.1 }) else {
            if case .denied = reader.list("/var/log/unattended-upgrades") {
                return trail.needsRoot("/var/log/unattended-upgrades")
            }
            if !reader.exists(directory) {
                return trail.unknown("they are on; when they last succeeded is not recorded here", fix: fix)
            }
            trail.note(directory, "no stamp of a run")
            return trail.fail(
                "they are on, and have never succeeded",
                fix: "As root: unattended-upgrade --debug, and look into /var/log/unattended-upgrades")
        }
        trail.note(name == "log" ? "/var/log/unattended-upgrades" : "\(directory)/\(name)", "last success \(last)")
        let age = reader.now() - last
        if age > .days(3) {
            return trail.fail(
                "they are on, but last succeeded \(Int(age.inSeconds / 86_400).counted("day")) ago",
                fix: "As root: unattended-upgrade --debug, and look into /var/log/unattended-upgrades")
        }
        return trail.pass("security updates install themselves, last success \(last)")
    }

    /// When the newest run in the log began, if it met no error: `2026-11-20 06:12:01,123 INFO Starting unattended upgrades script`.
    private static func loggedSuccess(_ reader: HostReader) -> Instant? {
        var last: Instant?
        for line in reader.linesIfAny("/var/log/unattended-upgrades/unattended-upgrades.log", limit: 16 << 20) {
            let words = line.words
            guard words.count > 3, let time = Instant("\(words[0])T\(words[1].prefix(8))Z") else { continue }
            if line.contains("Starting unattended upgrades script") { last = time }
            if words[2] == "ERROR" { last = nil }
        }
        return last
    }
}

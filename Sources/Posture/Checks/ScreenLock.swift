import Kernel

/// Whether an unattended screen locks itself within 15 minutes.
///
/// What a user may change counts only as it stands in that user's own session; a setting locked by the administrator counts for all.
enum ScreenLock {
    static let check = PostureCheck(
        "endpoint.screen-lock", title: "Screen lock",
        measures: "The screen locks after at most 15 minutes of idleness, lock delay included.",
        keywords: ["screen", "screen lock", "lock", "unattended", "clear screen", "clear desk"],
        judge: { reader, _ in judge(reader) })

    static let limit = 900
    static let fix = """
        As root, in /etc/dconf/db/local.d/10-lock: [org/gnome/desktop/session] idle-delay=uint32 300 · [org/gnome/desktop/screensaver] lock-enabled=true, \
        lock-delay=uint32 0; name the three keys in /etc/dconf/db/local.d/locks/10-lock; then: dconf update. KDE: System Settings, Screen Locking, 5 minutes.
        """

    static func judge(_ reader: HostReader) -> Measurement {
        var trail = Trail()
        let sessions = ["/usr/share/wayland-sessions", "/usr/share/xsessions"].flatMap { reader.names(in: $0) }.filter {
            $0.hasSuffix(".desktop")
        }
        let managers = ["/etc/gdm3", "/etc/gdm", "/etc/lightdm", "/etc/sddm.conf", "/etc/sddm.conf.d"].filter {
            reader.exists($0)
        }
        let gnome = GnomeLock(on: reader)
        let kde = KdeLock(on: reader)
        guard
            !sessions.isEmpty || !managers.isEmpty || gnome.isConfigured || kde != nil
                || reader.hasProgram("gnome-shell")
        else {
            return trail.notApplicable("no graphical desktop is installed")
        }
        if !sessions.isEmpty || !managers.isEmpty {
            trail.note(
                "/usr/share/wayland-sessions, /usr/share/xsessions",
                (sessions + managers).prefix(6).joined(separator: ", "))
        }
        var results: [Measurement] = []
        if let kde {
            trail.note(kde.source, "Autolock=\(kde.isOn), Timeout=\(kde.seconds / 60) min, LockGrace=\(kde.grace) s")
            results.append(judge(isOn: kde.isOn, idle: kde.seconds, delay: kde.grace, trail: trail))
        }
        let hasGnome =
            gnome.isConfigured || reader.hasProgram("gnome-shell")
            || sessions.contains { $0.contains("gnome") || $0.contains("ubuntu") }
            || managers.contains { $0.contains("gdm") }
        if hasGnome {
            trail.note(gnome.source, "idle-delay \(gnome.idle), lock-enabled \(gnome.isOn), lock-delay \(gnome.delay)")
            let found = judge(isOn: gnome.isOn, idle: gnome.idle, delay: gnome.delay, trail: trail)
            if found.result == .pass, !gnome.isCertain {
                results.append(
                    trail.unknown(
                        "the defaults lock it, but users may have changed them: their own settings show only in their session",
                        fix: "Run the agent in the user's session, or lock the settings. \(fix)"))
            } else {
                results.append(found)
            }
        }
        guard
            let worst = results.first(where: { $0.result == .fail }) ?? results.first(where: { $0.result == .unknown })
                ?? results.first
        else {
            return trail.unknown(
                "the settings of this desktop cannot be read",
                fix: "Run the agent in the user's session, or use GNOME or KDE. \(fix)")
        }
        return worst
    }

    private static func judge(isOn: Bool, idle: Int, delay: Int, trail: Trail) -> Measurement {
        if !isOn { return trail.fail("the screen never locks", fix: fix) }
        if idle == 0 {
            return trail.fail("the screen is never taken for idle (idle delay 0), so it never locks", fix: fix)
        }
        let total = idle + delay
        if total > limit {
            return trail.fail("the screen locks after \(total) s; at most \(limit) s are wanted", fix: fix)
        }
        return trail.pass("the screen locks after \(total) s")
    }
}

/// GNOME's three settings: from the session (`gsettings list-recursively`, `dconf dump /`), else from the administrator's keyfiles, else the defaults.
struct GnomeLock {
    private(set) var idle = 300
    private(set) var delay = 0
    private(set) var isOn = true
    private(set) var source = "GNOME's defaults"
    /// Any of the three is set somewhere.
    private(set) var isConfigured = false
    /// No user can have other values.
    private(set) var isCertain = false

    private static let keys = [
        "org/gnome/desktop/session/idle-delay", "org/gnome/desktop/screensaver/lock-enabled",
        "org/gnome/desktop/screensaver/lock-delay",
    ]

    init(on reader: HostReader) {
        var locks: Set<String> = []
        for database in reader.names(in: "/etc/dconf/db").filter({ $0.hasSuffix(".d") }) {
            let directory = "/etc/dconf/db/\(database)"
            var file = KeyFile()
            for name in reader.names(in: directory) where name != "locks" {
                file.merge(reader.linesIfAny("\(directory)/\(name)"))
            }
            take(file, from: directory)
            for name in reader.names(in: "\(directory)/locks") {
                locks.formUnion(
                    reader.linesIfAny("\(directory)/locks/\(name)").map {
                        $0.trimmed.split(separator: "/").joined(separator: "/")
                    })
            }
        }
        let isLocked = GnomeLock.keys.allSatisfy(locks.contains)
        let homes = reader.names(in: "/home").map { "/home/\($0)" } + ["/root"]
        let hasUserSettings = homes.contains { reader.exists("\($0)/.config/dconf/user") }
        isCertain = isLocked || (!hasUserSettings && reader.isRoot) || (!hasUserSettings && reader.isCaptured)
        // On a running machine the schema answers even where no desktop is, and root's own settings are nobody's session.
        guard !isLocked, reader.isCaptured || (!reader.isRoot && reader.hasProgram("gnome-shell")) else { return }
        if case .finished(0, let output) = reader.run(.screenSettings) { take(answer: output.lines) }
    }

    private mutating func take(_ file: KeyFile, from place: String) {
        set(
            idle: file.value("org/gnome/desktop/session", "idle-delay"),
            delay: file.value("org/gnome/desktop/screensaver", "lock-delay"),
            isOn: file.value("org/gnome/desktop/screensaver", "lock-enabled"), from: place)
    }

    private mutating func take(answer lines: [String]) {
        // `dconf dump /` names only what was changed; `gsettings` names everything.
        if lines.contains(where: { $0.hasPrefix("[") }) {
            let file = KeyFile(lines)
            take(file, from: "dconf dump /")
            isCertain = true
            return
        }
        var values: [String: String] = [:]
        for line in lines {
            let words = line.words
            guard words.count >= 3 else { continue }
            values["\(words[0]) \(words[1])"] = words.dropFirst(2).joined(separator: " ")
        }
        let found = [
            values["org.gnome.desktop.session idle-delay"], values["org.gnome.desktop.screensaver lock-delay"],
            values["org.gnome.desktop.screensaver lock-enabled"],
        ]
        set(idle: found[0], delay: found[1], isOn: found[2], from: HostCommand.screenSettings.text)
        if found.allSatisfy({ $0 != nil }) { isCertain = true }
    }

    private mutating func set(idle: String?, delay: String?, isOn: String?, from place: String) {
        if idle != nil || delay != nil || isOn != nil {
            isConfigured = true
            source = place
        }
        if let idle { self.idle = GnomeLock.number(idle) }
        if let delay { self.delay = GnomeLock.number(delay) }
        if let isOn { self.isOn = isOn == "true" }
    }

    /// `uint32 300` or `300`. What cannot be read stands for a day, which no policy allows.
    private static func number(_ text: String) -> Int {
        text.words.last.flatMap { Int($0) }.flatMap { (0...1_000_000).contains($0) ? $0 : nil } ?? 86_400
    }
}

/// KDE's settings, the weakest of all users'; its defaults are to lock after 5 minutes with 5 seconds of grace.
struct KdeLock {
    let isOn: Bool
    let seconds, grace: Int
    let source: String

    /// - Returns: `nil` if KDE is not there.
    init?(on reader: HostReader) {
        let hasKde = reader.hasProgram("plasmashell") || reader.hasProgram("kwin_wayland")
        var base = KeyFile()
        base.merge(reader.linesIfAny("/etc/xdg/kscreenlockerrc"))
        let users = reader.names(in: "/home").filter { reader.exists("/home/\($0)/.config/kscreenlockerrc") }
        guard hasKde || !users.isEmpty || !base.groups.isEmpty else { return nil }
        var files = [base]
        for user in users {
            var file = base
            file.merge(reader.linesIfAny("/home/\(user)/.config/kscreenlockerrc"))
            files.append(file)
        }
        let judged = users.isEmpty ? files : Array(files.dropFirst())
        func number(_ file: KeyFile, _ key: String, _ standard: Int) -> Int {
            guard let text = file.value("Daemon", key) else { return standard }
            return Int(text).flatMap { (0...10_000).contains($0) ? $0 : nil } ?? 10_000
        }
        isOn = judged.allSatisfy {
            $0.value("Daemon", "Autolock")?.lowercased() != "false" && number($0, "Timeout", 5) > 0
        }
        seconds = (judged.map { number($0, "Timeout", 5) }.max() ?? 5) * 60
        grace = judged.map { number($0, "LockGrace", 5) }.max() ?? 5
        source = users.isEmpty ? "/etc/xdg/kscreenlockerrc" : "kscreenlockerrc of \(users.count.counted("user"))"
    }
}

import Kernel

/// Whether anybody can get in without an account of their own: a guest account, a guest session, an automatic login, an empty password.
enum GuestAccess {
    static let check = PostureCheck(
        "endpoint.guest-access", title: "No guest access",
        measures: "No guest account or session, no automatic login, no account with an empty password.",
        keywords: ["guest", "guest access", "guest account", "anonymous access"],
        judge: { reader, _ in judge(reader) })

    static func judge(_ reader: HostReader) -> Measurement {
        var trail = Trail()
        guard let accounts = Accounts(on: reader) else {
            return trail.unknown(
                "/etc/passwd could not be read", fix: "Make /etc/passwd readable (chmod 644) and valid (pwck).")
        }
        var states: [String: Accounts.PasswordState] = [:]
        var shadow: Measurement?
        switch reader.lines("/etc/shadow") {
        case .lines(let lines):
            states = Accounts.passwordStates(lines)
            let empty = states.filter { $0.value == .empty }.count
            trail.note("/etc/shadow", "\(states.count.counted("account")), \(empty) without a password")
            if states.isEmpty { shadow = trail.unknown("/etc/shadow holds no account", fix: "Repair it: pwck") }
        case .missing, .denied: shadow = trail.needsRoot("/etc/shadow, where empty passwords show")
        case .unusable(let reason): shadow = trail.unknown(reason, fix: "Repair it: pwck")
        }
        trail.note("/etc/passwd", "\(accounts.accounts.count.counted("account"))")
        var faults: [(what: String, fix: String)] = []
        for account in accounts.accounts where account.canLogIn {
            let name = account.name.shortened(to: 32)
            if account.hasNoPassword || states[account.name] == .empty {
                faults.append(("\(name) needs no password", "passwd -l \(name)"))
            } else if account.name.lowercased() == "guest" || account.name.lowercased().hasPrefix("guest-"),
                states[account.name] != .locked
            {
                faults.append(
                    (
                        "there is a guest account, \(name)",
                        "usermod -L -s /usr/sbin/nologin \(name), or userdel -r \(name)"
                    ))
            }
        }
        faults += displayManagers(reader, trail: &trail)
        if let first = faults.first {
            return trail.fail(faults.map(\.what).joined(separator: "; "), fix: "As root: \(first.fix)")
        }
        return shadow ?? trail.pass("no guest account, no guest session, no automatic login, no empty password")
    }

    private static func displayManagers(_ reader: HostReader, trail: inout Trail) -> [(what: String, fix: String)] {
        var faults: [(what: String, fix: String)] = []
        let lightdm = merged(
            reader,
            directories: [
                "/usr/share/lightdm/lightdm.conf.d", "/etc/xdg/lightdm/lightdm.conf.d", "/etc/lightdm/lightdm.conf.d",
            ], last: "/etc/lightdm/lightdm.conf")
        let seats = lightdm.groups.keys.filter { $0.hasPrefix("Seat:") || $0 == "SeatDefaults" }.sorted()
        for seat in seats {
            trail.note("/etc/lightdm", "[\(seat)] allow-guest=\(lightdm.value(seat, "allow-guest") ?? "(not set)")")
            if lightdm.isTrue(seat, "allow-guest") {
                faults.append(
                    ("lightdm lets guests in", "in /etc/lightdm/lightdm.conf, under [Seat:*]: allow-guest=false"))
            }
            if let user = lightdm.value(seat, "autologin-user"), !user.isEmpty {
                faults.append(
                    (
                        "lightdm logs someone in by itself",
                        "take autologin-user out of /etc/lightdm/lightdm.conf and lightdm.conf.d"
                    ))
            }
            if lightdm.isTrue(seat, "autologin-guest") {
                faults.append(
                    ("lightdm logs a guest in by itself", "in /etc/lightdm/lightdm.conf: autologin-guest=false"))
            }
        }
        // lightdm's own default is to allow guests, wherever a script for their session is installed.
        let isDecided = seats.contains { lightdm.value($0, "allow-guest") != nil }
        if !isDecided, reader.exists("/etc/lightdm"),
            let script = reader.first(of: [
                "/usr/sbin/guest-account", "/usr/lib/lightdm/guest-session-auto.sh", "/usr/bin/guest-account",
            ])
        {
            trail.note(script, "a guest session is installed")
            faults.append(
                ("lightdm lets guests in by default", "in /etc/lightdm/lightdm.conf, under [Seat:*]: allow-guest=false")
            )
        }
        for path in ["/etc/gdm3/daemon.conf", "/etc/gdm3/custom.conf", "/etc/gdm/custom.conf"] {
            guard case .lines(let lines) = reader.lines(path) else { continue }
            let file = KeyFile(lines)
            trail.note(path, "AutomaticLoginEnable=\(file.value("daemon", "AutomaticLoginEnable") ?? "(not set)")")
            if file.isTrue("daemon", "AutomaticLoginEnable") || file.isTrue("daemon", "TimedLoginEnable") {
                faults.append(
                    (
                        "gdm logs someone in by itself",
                        "in \(path), under [daemon]: AutomaticLoginEnable=false and TimedLoginEnable=false"
                    ))
            }
        }
        let sddm = merged(
            reader, directories: ["/usr/lib/sddm/sddm.conf.d", "/etc/sddm.conf.d"], last: "/etc/sddm.conf")
        if let user = sddm.value("Autologin", "User"), !user.isEmpty {
            faults.append(
                ("sddm logs someone in by itself", "take User out of [Autologin] in /etc/sddm.conf and sddm.conf.d"))
        }
        return faults
    }

    private static func merged(_ reader: HostReader, directories: [String], last: String) -> KeyFile {
        var file = KeyFile()
        for directory in directories {
            for name in reader.names(in: directory) where name.hasSuffix(".conf") {
                file.merge(reader.linesIfAny("\(directory)/\(name)"))
            }
        }
        file.merge(reader.linesIfAny(last))
        return file
    }
}

/// What the daemons of a Linux host say in their messages, as fields.
///
/// Sign-ins have `outcome` (`accepted`, `failed`, `invalid_user`, `closed`), `user`, `src_ip`, `src_port` and `method`; what sudo runs
/// has `user`, `target_user`, `command`, `tty` and `outcome`; accounts that change have `action` and `account`. Names that
/// strangers choose, such as those they try to sign in with, stand in the middle of messages: what is fixed is read from both ends.
struct LinuxMessage {
    private(set) var fields: [(name: StaticString, value: ArraySlice<UInt8>)] = []
    /// The services of Sigma's taxonomy that such a message belongs to.
    private(set) var services: [String] = []
    /// How often it was said, for one that says that it was repeated.
    private(set) var repetitions = 1

    init(application: ArraySlice<UInt8>?, facility: Int?, _ message: ArraySlice<UInt8>) {
        // auth and authpriv.
        if facility == 4 || facility == 10 { services.append("auth") }
        let text = unrepeated(message)
        guard let application else { return }
        let name = Self.baseName(application)
        switch String(decoding: name.prefix(32), as: UTF8.self).lowercased() {
        case "sshd", "sshd-session", "dropbear":
            belong(to: "sshd", "auth")
            readSSH(text)
        case "sudo":
            belong(to: "sudo", "auth")
            readSudo(text)
        case "su":
            belong(to: "auth")
            readSu(text)
        case "useradd", "userdel", "usermod", "groupadd", "groupdel", "groupmod", "gpasswd", "passwd", "chpasswd",
            "chage":
            belong(to: "auth")
            readAccount(text)
        case "cron", "crond", "anacron": belong(to: "cron")
        case "login", "systemd-logind", "polkitd", "pkexec", "gdm-password]", "vsftpd":
            belong(to: name == "vsftpd" ? "vsftpd" : "auth")
            readPAM(text)
        case "clamd", "freshclam": belong(to: "clamav")
        case "auditd", "audit", "audispd": belong(to: "auditd")
        default: break
        }
    }

    private mutating func belong(to names: String...) {
        for name in names where !services.contains(name) { services.append(name) }
    }

    private mutating func set(_ name: StaticString, _ value: ArraySlice<UInt8>?) {
        if let value, !value.isEmpty { fields.append((name, value)) }
    }

    private mutating func set(_ name: StaticString, _ word: StaticString) {
        fields.append((name, word.withUTF8Buffer { Array($0)[...] }))
    }

    private static func baseName(_ application: ArraySlice<UInt8>) -> ArraySlice<UInt8> {
        application.lastIndex(of: UInt8(ascii: "/")).map { application[($0 + 1)...] } ?? application
    }

    /// `message repeated 2 times: [ … ]`, as rsyslog shortens it.
    private mutating func unrepeated(_ message: ArraySlice<UInt8>) -> ArraySlice<UInt8> {
        var reader = LineReader(message)
        guard reader.take("message repeated "), let times = reader.number(), reader.take(" times: ["),
            reader.rest.last == UInt8(ascii: "]")
        else { return message }
        repetitions = max(1, times)
        return reader.rest.dropLast().trimmed
    }

    // MARK: OpenSSH

    private mutating func readSSH(_ text: ArraySlice<UInt8>) {
        var reader = LineReader(text)
        if reader.take("Failed ") || reader.take("error: Failed ") { return readAttempt(reader, "failed") }
        if reader.take("Accepted ") { return readAttempt(reader, "accepted") }
        if reader.take("Invalid user ") || reader.take("Illegal user ") {
            set("outcome", "invalid_user")
            return readPeer(reader.rest)
        }
        if reader.take("error: maximum authentication attempts exceeded for ")
            || reader.take("Disconnecting: Too many authentication failures for ")
        {
            set("outcome", "failed")
            _ = reader.take("invalid user ")
            return readPeer(reader.rest)
        }
        for opening: StaticString in ["Connection closed by ", "Connection reset by ", "Disconnected from "]
        where reader.take(opening) {
            set("outcome", "closed")
            if reader.take("authenticating user ") || reader.take("invalid user ") || reader.take("user ") {
                // The name, then the address.
                if let place = reader.rest.lastRange(of: " port ") {
                    let before = reader.rest[..<place.lowerBound]
                    if let space = before.lastIndex(of: 0x20) {
                        set("user", before[..<space])
                        set("src_ip", before[(space + 1)...])
                    }
                }
                return
            }
            return set("src_ip", reader.run { $0 != 0x20 })
        }
        if reader.take("Did not receive identification string from ")
            || reader.take("Bad protocol version identification ") || reader.take("banner exchange: Connection from ")
        {
            set("outcome", "no_ssh")
            return readPeer(reader.rest)
        }
        readPAM(text)
    }

    /// `password for [invalid user ]NAME from ADDRESS port NUMBER ssh2`.
    private mutating func readAttempt(_ reader: LineReader, _ outcome: StaticString) {
        var reader = reader
        set("outcome", outcome)
        set("method", reader.upTo(" for "))
        if reader.take("invalid user ") || reader.take("illegal user ") { set("account_known", "false") }
        readPeer(reader.rest)
    }

    /// `NAME from ADDRESS port NUMBER …`; the last such counts, whatever the name says.
    private mutating func readPeer(_ text: ArraySlice<UInt8>) {
        guard let from = text.lastRange(of: " from ") else {
            return set("src_ip", LineReader.first(text))
        }
        set("user", text[..<from.lowerBound])
        var reader = LineReader(text[from.upperBound...])
        set("src_ip", reader.run { $0 != 0x20 })
        if reader.take(" port ") { set("src_port", reader.run(while: ASCII.isDigit)) }
    }

    // MARK: PAM

    /// `pam_unix(sshd:auth): authentication failure; logname= uid=0 … rhost=192.0.2.1  user=root`.
    private mutating func readPAM(_ text: ArraySlice<UInt8>) {
        var reader = LineReader(text)
        if reader.take("pam_") { guard reader.upTo(": ") != nil else { return } }
        if reader.take("authentication failure;") {
            set("outcome", "failed")
            set("src_ip", Self.value(of: "rhost=", in: reader.rest))
            set("tty", Self.value(of: "tty=", in: reader.rest))
            return set("user", Self.value(of: " user=", in: reader.rest))
        }
        for (opening, outcome): (StaticString, StaticString) in [
            ("session opened for user ", "session_opened"), ("session closed for user ", "session_closed"),
        ] where reader.take(opening) {
            set("outcome", outcome)
            return set("user", reader.run { $0 != 0x20 && $0 != UInt8(ascii: "(") })
        }
    }

    private static func value(of key: StaticString, in text: ArraySlice<UInt8>) -> ArraySlice<UInt8>? {
        guard let place = text.lastRange(of: key) else { return nil }
        return LineReader.first(text[place.upperBound...])
    }

    // MARK: sudo, su and accounts

    /// `alice : [what went wrong ; ]TTY=pts/0 ; PWD=/home/alice ; USER=root ; COMMAND=/bin/sh`.
    private mutating func readSudo(_ text: ArraySlice<UInt8>) {
        guard text.contains(" : ") else { return readPAM(text) }
        var reader = LineReader(text.trimmed)
        set("user", reader.upTo(" : "))
        let rest = reader.rest
        if rest.starts(with: "TTY=") || rest.starts(with: "PWD=") {
            set("outcome", "run")
        } else if rest.contains("NOT in sudoers") {
            set("outcome", "not_in_sudoers")
        } else if rest.contains("incorrect password attempt") || rest.contains("a password is required") {
            set("outcome", "failed")
        } else if rest.contains("command not allowed") {
            set("outcome", "not_allowed")
        }
        // The command comes last and may hold anything, also what looks like another part.
        var head = rest
        if let command = rest.firstRange(of: "COMMAND=") {
            set("command", rest[command.upperBound...])
            head = rest[..<command.lowerBound]
        }
        for (key, name): (StaticString, StaticString) in [("TTY=", "tty"), ("PWD=", "cwd"), ("USER=", "target_user")] {
            guard let place = head.firstRange(of: key) else { continue }
            var part = LineReader(head[place.upperBound...])
            set(name, part.upTo(" ;") ?? part.rest.trimmed)
        }
    }

    /// `(to root) alice on pts/1`, with `FAILED SU` before it where that failed.
    private mutating func readSu(_ text: ArraySlice<UInt8>) {
        var reader = LineReader(text)
        let hasFailed = reader.take("FAILED SU ")
        guard reader.take("(to ") else { return readPAM(text) }
        set("outcome", hasFailed ? "failed" : "run")
        set("target_user", reader.upTo(") "))
        set("user", reader.upTo(" on "))
        set("tty", reader.rest)
    }

    private mutating func readAccount(_ text: ArraySlice<UInt8>) {
        var reader = LineReader(text)
        for (opening, action): (StaticString, StaticString) in [
            ("new user: name=", "user_added"), ("new group: name=", "group_added"), ("delete user '", "user_deleted"),
            ("removed group '", "group_deleted"), ("change user '", "user_changed"), ("lock user '", "user_locked"),
            ("unlock user '", "user_unlocked"),
        ] where reader.take(opening) {
            set("action", action)
            return set("account", reader.run { $0 != UInt8(ascii: ",") && $0 != UInt8(ascii: "'") })
        }
        if reader.take("add '"), let account = reader.upTo("' to "),
            reader.take("group '") || reader.take("shadow group '")
        {
            set("action", "group_member_added")
            set("account", account)
            return set("group", reader.upTo("'"))
        }
        if reader.take("user "), let account = reader.upTo(" added by "), let by = reader.upTo(" to group ") {
            set("action", "group_member_added")
            set("account", account)
            set("user", by)
            return set("group", reader.rest.trimmed)
        }
        if text.contains("password changed for ") {
            set("action", "password_changed")
            return set("account", text.lastRange(of: "password changed for ").map { text[$0.upperBound...] })
        }
        readPAM(text)
    }
}

extension LineReader {
    /// The first word of a text.
    static func first(_ text: ArraySlice<UInt8>) -> ArraySlice<UInt8> { text.prefix { $0 != 0x20 } }
}

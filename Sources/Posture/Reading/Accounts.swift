import Kernel

/// The accounts and groups of a host (passwd(5), group(5), shadow(5)).
struct Accounts {
    struct Account {
        let name: String
        /// The password field of passwd(5) is empty: no password at all is asked for.
        let hasNoPassword: Bool
        let user, group: UInt32
        let shell: String

        /// Whether the account's shell lets someone in.
        var canLogIn: Bool {
            !["nologin", "false", "sync", "halt", "shutdown"].contains(
                shell.split(separator: "/").last.map(String.init) ?? "sh")
        }
    }

    struct Group {
        let name: String
        let number: UInt32
        let members: [String]
    }

    let accounts: [Account]
    let groups: [Group]

    init(passwd: [String], group: [String]) {
        accounts = passwd.compactMap { line in
            let fields = line.split(separator: ":", omittingEmptySubsequences: false)
            guard fields.count >= 7, !fields[0].isEmpty, !fields[0].hasPrefix("#"), let user = UInt32(fields[2]),
                let group = UInt32(fields[3])
            else { return nil }
            return Account(
                name: String(fields[0]), hasNoPassword: fields[1].isEmpty, user: user, group: group,
                shell: String(fields[6]).trimmed)
        }
        groups = Accounts.groups(group)
    }

    static func groups(_ lines: [String]) -> [Group] {
        lines.compactMap { line in
            let fields = line.split(separator: ":", omittingEmptySubsequences: false)
            guard fields.count >= 4, !fields[0].isEmpty, let number = UInt32(fields[2]) else { return nil }
            return Group(
                name: String(fields[0]), number: number,
                members: fields[3].split(separator: ",").map { $0.trimmed }.filter { !$0.isEmpty })
        }
    }

    /// Reads both files; `nil` if there is no usable passwd.
    init?(on reader: HostReader) {
        guard case .lines(let passwd) = reader.lines("/etc/passwd") else { return nil }
        self.init(passwd: passwd, group: reader.linesIfAny("/etc/group"))
        if accounts.isEmpty { return nil }
    }

    func name(of user: UInt32) -> String? {
        accounts.first { $0.user == user }?.name
    }

    /// What shadow(5) says about an account's password, without the hash.
    enum PasswordState { case empty, locked, set }

    static func passwordStates(_ lines: [String]) -> [String: PasswordState] {
        var states: [String: PasswordState] = [:]
        for line in lines {
            let fields = line.split(separator: ":", omittingEmptySubsequences: false)
            guard fields.count >= 2, !fields[0].isEmpty else { continue }
            let isLocked = fields[1].hasPrefix("!") || fields[1].hasPrefix("*")
            states[String(fields[0])] = fields[1].isEmpty ? .empty : isLocked ? .locked : .set
        }
        return states
    }
}

import Kernel

/// Whether sudo always asks for a password.
enum SudoRights {
    static let check = PostureCheck(
        "endpoint.sudo", title: "sudo asks for a password",
        measures: "No sudo rule carries NOPASSWD and no default turns authentication off.",
        keywords: ["sudo", "privileged", "privilege", "least privilege", "administrative rights"],
        judge: { reader, _ in judge(reader) })

    static let fix =
        "With visudo (visudo -f FILE for those in /etc/sudoers.d) take NOPASSWD: and !authenticate out of the lines named"

    static func judge(_ reader: HostReader) -> Measurement {
        var trail = Trail()
        if let refusal = doas(reader, trail: &trail) { return refusal }
        let rules = SudoRules(on: reader)
        if !rules.files.isEmpty {
            trail.note(rules.files.joined(separator: ", "), "\(rules.waivers.count.counted("rule")) without a password")
        }
        if !rules.waivers.isEmpty {
            return trail.fail(
                "no password is asked for by \(rules.waivers.prefix(8).joined(separator: ", "))", fix: fix)
        }
        if rules.isDenied { return trail.needsRoot("/etc/sudoers") }
        if let obstacle = rules.obstacle { return trail.unknown(obstacle, fix: "Check it with: visudo -c") }
        guard rules.isThere else {
            if reader.hasProgram("sudo") || reader.exists("/etc/sudoers.d") {
                return trail.unknown(
                    "sudo is installed, and /etc/sudoers cannot be found (root may be needed)",
                    fix: "Check it with: visudo -c")
            }
            return trail.evidence.isEmpty
                ? trail.notApplicable("sudo is not installed")
                : trail.pass("doas asks for a password; sudo is not installed")
        }
        return trail.pass("every rule asks for a password")
    }

    private static func doas(_ reader: HostReader, trail: inout Trail) -> Measurement? {
        switch reader.lines("/etc/doas.conf") {
        case .lines(let lines):
            let rules = lines.map { line in (line.firstIndex(of: "#").map { String(line[..<$0]) } ?? line).words }
                .filter { $0.first == "permit" }
            let count = rules.filter { $0.contains("nopass") }.count
            trail.note("/etc/doas.conf", "\(count.counted("rule")) without a password")
            return count > 0
                ? trail.fail(
                    "doas asks for no password in \(count.counted("rule"))", fix: "Take nopass out of /etc/doas.conf")
                : nil
        case .denied: return trail.needsRoot("/etc/doas.conf")
        default: return nil
        }
    }
}

/// Whether only those on the company's register can become root, and only root has user number 0.
enum AdminAccounts {
    static let check = PostureCheck(
        "endpoint.admin-accounts", title: "Administrators",
        measures:
            "Only root has user number 0, and everyone in sudo, wheel or admin, or named in sudoers, is a registered administrator.",
        keywords: ["administrator", "administrators", "admin", "admin access", "privileged accounts", "access rights"],
        judge: judge)

    static func judge(_ reader: HostReader, _ options: PostureOptions) -> Measurement {
        var trail = Trail()
        guard let accounts = Accounts(on: reader) else {
            return trail.unknown(
                "/etc/passwd could not be read", fix: "Make /etc/passwd readable (chmod 644) and valid (pwck).")
        }
        let roots = accounts.accounts.filter { $0.user == 0 }.map { $0.name.shortened(to: 32) }
        trail.note("/etc/passwd", "user number 0: \(roots.joined(separator: ", "))")
        if roots != ["root"] {
            let extra = roots.filter { $0 != "root" }
            if extra.isEmpty { return trail.fail("root is not exactly one account", fix: "Repair /etc/passwd: vipw") }
            return trail.fail(
                "user number 0 belongs to \(extra.joined(separator: ", ")) as well",
                fix: "Remove the account or give it a number of its own: vipw")
        }
        let rules = SudoRules(on: reader)
        let admins = administrators(accounts, rules: rules, reader: reader, trail: &trail)
        let listed = admins.sorted().map { $0.shortened(to: 40) }
        guard let register = options.registeredAdmins ?? (admins.isEmpty ? [] : nil) else {
            return trail.unknown(
                "\(admins.count.counted("administrator")): \(listed.joined(separator: ", ")); no register of administrators has been given to compare with",
                fix: "Enter the administrators of this host in Vouchsafe's settings.")
        }
        let strangers = listed.filter { !register.contains($0) }
        if !strangers.isEmpty {
            return trail.fail(
                "not on the register: \(strangers.joined(separator: ", "))",
                fix: "gpasswd -d ACCOUNT sudo (and visudo for rules that name it), or enter it in the register")
        }
        if rules.isDenied { return trail.needsRoot("/etc/sudoers, which can name further administrators") }
        return trail.pass(
            admins.isEmpty
                ? "root is the only administrator"
                : "\(admins.count.counted("administrator")), all registered: \(listed.joined(separator: ", "))")
    }

    private static func administrators(_ accounts: Accounts, rules: SudoRules, reader: HostReader, trail: inout Trail)
        -> Set<String>
    {
        var groups = accounts.groups
        // Groups out of a directory service show up here only.
        if case .finished(_, let output) = reader.run(.groupEntries) { groups += Accounts.groups(output.lines) }
        var names: Set<String> = ["sudo", "wheel", "admin"]
        var admins: Set<String> = []
        for grantee in rules.grantees {
            if let group = grantee.after("%") {
                names.insert(group)
            } else if grantee != "root", grantee != "ALL", grantee != "#0" {
                admins.insert(grantee)
            }
            if grantee == "ALL" { admins.insert("ALL (everyone)") }
        }
        var members: [String: Set<String>] = [:]
        for group in groups where names.contains(group.name) {
            let primary = accounts.accounts.filter { $0.group == group.number }.map(\.name)
            members[group.name, default: []].formUnion(Set(group.members + primary).subtracting(["root"]))
        }
        for (name, people) in members.sorted(by: { $0.key < $1.key }) {
            trail.note(
                "/etc/group",
                "\(name.shortened(to: 32)): \(people.isEmpty ? "nobody" : people.sorted().joined(separator: ", "))")
            admins.formUnion(people)
        }
        return admins
    }
}

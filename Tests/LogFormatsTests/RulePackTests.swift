import Foundation
import Kernel
import Sigma
import Testing

@testable import LogFormats

/// The rules that Vouchsafe ships, on lines as servers write them.
@Suite("The rules that we ship")
struct RulePackTests {
    private static let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
        .appending(path: "../../").standardized

    private static let set: RuleSet? = {
        let folder = root.appending(path: "rules")
        guard let names = try? FileManager.default.contentsOfDirectory(atPath: folder.path) else { return nil }
        let reader = RuleReader()
        return RuleSet(
            names.sorted().compactMap { name in
                (try? Data(contentsOf: folder.appending(path: name))).map { reader.read([UInt8]($0), file: name) }
            })
    }()

    /// The titles of what speaks, in their order, each with the number of times.
    private func spoken(_ format: LogFormat, _ lines: [String]) throws -> [String: Int] {
        let set = try #require(Self.set)
        let clock = EventClock()
        let matcher = RuleMatcher(
            CompiledRules(set.rules, fields: set.correlationFields + clock.fields), routing: .unsaid)
        var engine = CorrelationEngine(set)
        var reader = LogReader(format)
        var titles: [String: Int] = [:]
        let silent = set.silentRules
        var number = 0
        func take(_ event: LogEvent) {
            #expect(event.json.withUnsafeBufferPointer { matcher.match($0, from: event.source) } == nil)
            for rule in matcher.matches where !silent.contains(Int(rule)) {
                titles[set.rules[Int(rule)].about.title, default: 0] += 1
            }
            var values: [String: [UInt8]] = [:]
            for field in set.correlationFields { values[field] = matcher.value(of: field) }
            let arrival = CorrelationArrival(
                rules: matcher.matches.map(Int.init), values: values, time: matcher.time(by: clock) ?? 0, event: number)
            for match in engine.receive(arrival) {
                titles[set.correlations[match.correlation].rule.about.title, default: 0] += 1
            }
            number += 1
        }
        let now = try #require(Instant("2026-11-22T12:00:00Z"))
        for line in lines { _ = reader.read(Array(line.utf8), receivedAt: now, take) }
        reader.finish(receivedAt: now, take)
        return titles
    }

    private func failures(
        _ count: Int, user: (Int) -> String = { _ in "root" }, from: (Int) -> String = { _ in "192.0.2.7" }
    )
        -> [String]
    {
        (0..<count).map {
            "Nov 22 10:0\($0 / 30):\(10 + $0 % 30) web1 sshd[1]: Failed password for \(user($0)) from \(from($0)) port 4 ssh2"
        }
    }

    private func request(
        _ target: String, _ status: Int, _ number: Int, method: String = "GET", agent: String = "Mozilla/5.0"
    ) -> String {
        #"203.0.113.9 - - [22/Nov/2026:10:0\#(number / 30):\#(10 + number % 30) +0000] "\#(method) \#(target) HTTP/1.1" \#(status) 10 "-" "\#(agent)""#
    }

    @Test("every rule can be used, says what it finds, and names its licence")
    func complete() throws {
        let set = try #require(Self.set)
        #expect(set.rejected.isEmpty, "\(set.rejected)")
        for about in set.rules.map(\.about) + set.correlations.map(\.rule.about) {
            #expect(about.id != nil && about.description != nil && about.license == "DRL-1.1", "\(about.title)")
        }
        let silent = set.silentRules
        for (index, rule) in set.rules.enumerated() where !silent.contains(index) {
            #expect(
                rule.about.level != nil && !rule.about.tactics.isEmpty && !rule.about.falsePositives.isEmpty,
                "\(rule.about.title)")
        }
        for correlation in set.correlations where correlation.rule.about.name != "ssh_many_failures" {
            #expect(
                correlation.rule.about.level != nil && !correlation.rule.about.tactics.isEmpty,
                "\(correlation.rule.about.title)")
        }
    }

    @Test("passwords guessed by SSH")
    func guessing() throws {
        #expect(try spoken(.syslog, failures(9)) == [:])
        #expect(try spoken(.syslog, failures(12)) == ["SSH password guessing": 1])
        #expect(try spoken(.syslog, failures(8, user: { "user\($0)" })) == ["SSH password spraying": 1])
        #expect(try spoken(.syslog, failures(10, from: { "192.0.2.\($0)" })) == ["SSH guessing from many addresses": 1])
    }

    @Test("a sign-in after failures, but not one after a slip")
    func guessed() throws {
        let accepted = "Nov 22 10:01:30 web1 sshd[1]: Accepted publickey for bob from 192.0.2.7 port 4 ssh2"
        #expect(try spoken(.syslog, failures(2) + [accepted]) == [:])
        #expect(try spoken(.syslog, failures(7) + [accepted]) == ["SSH sign-in after many failures": 1])
        let root = "Nov 22 10:01:30 web1 sshd[1]: Accepted password for root from 198.51.100.1 port 4 ssh2"
        #expect(try spoken(.syslog, [root]) == ["SSH sign-in as root by password": 1])
    }

    @Test(
        "rights of administrators, accounts and logs",
        arguments: [
            (
                "sudo:    eve : user NOT in sudoers ; TTY=pts/1 ; PWD=/ ; USER=root ; COMMAND=/bin/sh",
                ["Sudo by somebody who may not": 1]
            ),
            ("sudo:  alice : TTY=pts/1 ; PWD=/ ; USER=root ; COMMAND=/usr/bin/apt update", [:]),
            (
                "useradd[9]: new user: name=toor, UID=0, GID=0, home=/root, shell=/bin/sh",
                ["Account with the number of root": 1, "Account made": 1]
            ),
            (
                "useradd[9]: new user: name=bob, UID=1001, GID=1001, home=/home/bob, shell=/bin/bash",
                ["Account made": 1]
            ),
            ("useradd[9]: new user: name=ntp, UID=101, GID=101, home=/nonexistent, shell=/usr/sbin/nologin", [:]),
            ("usermod[9]: add 'bob' to group 'sudo'", ["Somebody became an administrator": 1]),
            ("usermod[9]: add 'bob' to group 'games'", [:]),
            (
                "sudo:  alice : TTY=pts/1 ; PWD=/ ; USER=root ; COMMAND=/usr/bin/rm -rf /var/log/auth.log",
                ["Logs deleted or emptied by a command": 1]
            ),
            (
                "sudo:  alice : TTY=pts/1 ; PWD=/ ; USER=root ; COMMAND=/usr/bin/journalctl --vacuum-time=1s",
                ["Logs deleted or emptied by a command": 1]
            ),
            ("sudo:  alice : TTY=pts/1 ; PWD=/ ; USER=root ; COMMAND=/usr/bin/less /var/log/auth.log", [:]),
            (
                "sudo:  alice : TTY=pts/1 ; PWD=/ ; USER=root ; COMMAND=/usr/bin/systemctl stop auditd",
                ["Logging switched off": 1]
            ),
            ("sudo:  alice : TTY=pts/1 ; PWD=/ ; USER=root ; COMMAND=/usr/bin/systemctl restart nginx", [:]),
            ("sudo:  alice : TTY=pts/1 ; PWD=/ ; USER=root ; COMMAND=/sbin/auditctl -D", ["Logging switched off": 1]),
            ("rsyslogd: [origin software=\"rsyslogd\"] exiting on signal 15.", ["Log daemon ended by a signal": 1]),
        ])
    func hosts(line: String, expected: [String: Int]) throws {
        #expect(try spoken(.syslog, [line]) == expected)
    }

    @Test("wrong passwords for sudo and su, again and again")
    func repeated() throws {
        let sudo =
            "Nov 22 10:00:10 web1 sudo: alice : 3 incorrect password attempts ; TTY=pts/1 ; PWD=/ ; USER=root ; COMMAND=/bin/sh"
        #expect(try spoken(.syslog, Array(repeating: sudo, count: 5)) == ["Sudo password guessing": 1])
        let su = "Nov 22 10:00:10 web1 su[5]: FAILED SU (to root) eve on pts/1"
        #expect(try spoken(.syslog, Array(repeating: su, count: 5)) == ["Su password guessing": 1])
    }

    @Test("web servers")
    func web() throws {
        let probes = ["/.env", "/.git/config", "/phpinfo.php", "/cgi-bin/x", "/vendor/phpunit/x"].enumerated().map {
            request($1, 404, $0)
        }
        #expect(try spoken(.access, probes) == ["Web scanning": 1])
        #expect(try spoken(.access, (0..<50).map { request("/missing\($0)", 404, $0) }) == ["Web content guessed": 1])
        #expect(try spoken(.access, (0..<50).map { _ in request("/favicon.ico", 404, 1) }) == [:])
        #expect(try spoken(.access, (0..<20).map { request("/", 502, $0) }) == ["Web error burst": 1])
        #expect(
            try spoken(.access, (0..<20).map { request("/login", 401, $0, method: "POST") }) == [
                "Web password guessing": 1
            ])
        #expect(try spoken(.access, [request("/", 200, 1, agent: "sqlmap/1.7")]) == ["Web scanner by its own name": 1])
        #expect(try spoken(.access, (0..<200).map { request("/page\($0 % 40)?q=1", 200, $0 % 60) }) == [:])
    }
}

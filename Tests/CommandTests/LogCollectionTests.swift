import Foundation
import Testing

/// Logs from real senders, through a real server, as the commands show them.
@Suite(.enabled(if: Program.isBuilt))
struct LogCollectionTests {
    private func settled(_ condition: () throws -> Bool) async throws -> Bool {
        for _ in 0..<3000 {
            if try condition() { return true }
            try await Task.sleep(for: .milliseconds(100))
        }
        return false
    }

    /// The sources as `logs list` tells them, by name.
    private func sources(_ folder: Folder) throws -> [String: [String: Any]] {
        let list = try Program.run("logs", "list", "--format", "json", "--data", folder["data"])
        let all = try #require(list.json as? [[String: Any]], "\(list.messages)")
        return Dictionary(all.compactMap { source in (source["name"] as? String).map { ($0, source) } }) { first, _ in
            first
        }
    }

    private func count(_ folder: Folder, _ name: String, _ what: String = "events") throws -> Int {
        try sources(folder)[name]?[what] as? Int ?? -1
    }

    private func alerts(_ folder: Folder) throws -> [[String: Any]] {
        let list = try Program.run("alerts", "list", "--format", "json", "--data", folder["data"])
        let overview = try #require(list.json as? [String: Any], "\(list.messages)")
        return overview["alerts"] as? [[String: Any]] ?? []
    }

    /// A server that listens for syslog, with the ports that it got.
    private func serve(_ folder: Folder) throws -> (server: RunningServer, udp: String, tcp: String) {
        let server = try RunningServer(
            folder, "--syslog-host", "127.0.0.1", "--syslog-udp", "0", "--syslog-tcp", "0")
        let lines = try server.greeting + server.wait(for: "Serving.")
        let line = try #require(lines.first { $0.hasPrefix("Listening for syslog on") })
        let ports = line.matches(of: /port ([0-9]+)/).map { String($0.1) }
        try #require(ports.count == 2)
        return (server, ports[0], ports[1])
    }

    private func add(_ folder: Folder, _ arguments: String...) throws {
        let added = try Program.run(["logs", "add"] + arguments + ["--data", folder["data"]])
        #expect(added.status == 0, "\(added.messages)")
    }

    @Test func whatIsSentInEveryWayIsKeptCountedOnceAndFoundAlsoAfterAKill() async throws {
        let folder = try Folder()
        try Samples.install(in: folder)
        try folder.write("", to: "access.log")
        try add(folder, "office", "--from", "127.0.0.0/8")
        try add(folder, "web", "--format", "access", "--file", folder["access.log"])
        try add(folder, "api", "--service", "shop")
        let data = ["--data", folder["data"]]
        _ = try Program.run(
            ["service-accounts", "make", "shop", "--purpose", "Sends.", "--permission", "logs.send"] + data)
        let soon = String(Date().addingTimeInterval(40 * 86_400).ISO8601Format().prefix(10))
        let token = try Program.run(
            ["tokens", "make", "shop", "--service-account", "shop", "--permission", "logs.send", "--until", soon] + data
        ).text.trimmingCharacters(in: .whitespacesAndNewlines)
        let api = try #require(try sources(folder)["api"]?["id"] as? String)
        var (server, udp, tcp) = try serve(folder)

        let line =
            #"203.0.113.9 - - [22/Nov/2026:10:00:00 +0000] "GET /canary-web HTTP/1.1" 200 12 "-" "curl""# + "\n"
        let sent = try Program.shell(
            """
            logger -n 127.0.0.1 -P \(udp) -d --rfc5424 canary-udp
            logger -n 127.0.0.1 -P \(udp) -d --rfc3164 canary-old
            logger -n 127.0.0.1 -P \(tcp) -T --octet-count canary-tcp
            logger -n 127.0.0.1 -P \(tcp) -T canary-lines
            """, in: folder)
        #expect(sent.status == 0, "\(sent.messages)")
        try append(line, to: folder["access.log"])
        func send(_ start: Int, _ records: [String]) throws -> String {
            try folder.write(records.joined(separator: "\n"), to: "records")
            return try Program.shell(
                "curl -sk -w ' %{http_code}' -H 'Authorization: Bearer \(token)' --data-binary @records '\(server.address)/api/v1/logs/\(api)/records?stream=s&start=\(start)'",
                in: folder
            ).text
        }
        let records = (0..<5).map { #"{"order":\#($0),"note":"canary-api"}"# }
        #expect(try send(0, records) == #"{"kept":5} 201"#)
        #expect(try send(0, records) == #"{"kept":0} 201"#, "sent twice")
        #expect(try send(3, records) == #"{"kept":3} 201"#, "the last three are new")
        #expect(try send(9, records).hasSuffix("409"), "one is missing in between")
        #expect(
            try await settled {
                try count(folder, "office") == 4 && count(folder, "web") == 1 && count(folder, "api") == 8
            })

        #expect(server.stop(SIGKILL).isExit == false)
        try append(line + line, to: folder["access.log"])
        (server, udp, tcp) = try serve(folder)
        #expect(try send(0, records) == #"{"kept":0} 201"#, "sent again, to the next process")
        #expect(
            try await settled { try count(folder, "web") == 3 })
        #expect(try count(folder, "office") == 4)
        #expect(try count(folder, "api") == 8)
        #expect(server.stop().status == 0)

        for (word, found) in [
            ("canary-udp", 1), ("canary-old", 1), ("canary-tcp", 1), ("canary-lines", 1), ("canary-web", 3),
            ("CANARY-API", 8),
        ] {
            let search = try Program.run(["logs", "search", word, "--format", "json"] + data)
            let result = try #require(search.json as? [String: Any], "\(search.messages)")
            #expect((result["records"] as? [Any])?.count == found, "\(word)")
        }
        #expect(try Program.run(["ledger", "verify"] + data).status == 0)
        #expect(!server.logged.contains("canary"))
        #expect(!server.logged.contains(token))
        let bytes = try Program.shell("grep -rl canary- data/logs data/vouchsafe.sqlite* | wc -l", in: folder).text
        #expect(bytes.trimmingCharacters(in: .whitespacesAndNewlines) == "0")
    }

    @Test(.enabled(if: FileManager.default.isExecutableFile(atPath: "/usr/sbin/sshd")))
    func passwordsGuessedAtARealServerBecomeOneAlert() async throws {
        let folder = try Folder()
        try Samples.install(in: folder)
        try add(folder, "hosts", "--from", "127.0.0.1/32")
        let (server, _, tcp) = try serve(folder)
        try folder.write("#!/bin/sh\necho wrong\n", to: "ask")
        // sshd writes to standard error, and logger sends what it writes, as daemons without syslog are collected. Without a
        // separation folder it does not start as root.
        let script = """
            chmod 700 ask; [ "$(id -u)" = 0 ] && mkdir -p /run/sshd
            ssh-keygen -q -t ed25519 -N '' -f hostkey
            port=$(python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
            printf 'ListenAddress 127.0.0.1\\nPort %s\\nHostKey %s/hostkey\\nPidFile none\\nUsePAM no\\nPasswordAuthentication yes\\nMaxStartups 100\\nStrictModes no\\n' "$port" "$PWD" > conf
            /usr/sbin/sshd -D -e -f "$PWD/conf" 2> log & sshd=$!
            for i in $(seq 100); do grep -q 'Server listening' log && break; sleep 0.1; done
            for i in 1 2 3 4 5; do
                DISPLAY= SSH_ASKPASS="$PWD/ask" SSH_ASKPASS_REQUIRE=force ssh -p "$port" -o StrictHostKeyChecking=no \
                    -o UserKnownHostsFile=/dev/null -o PreferredAuthentications=password -o NumberOfPasswordPrompts=3 \
                    nobody-here@127.0.0.1 true 2> /dev/null < /dev/null
            done
            kill -9 $sshd
            grep -c 'Failed password' log
            logger -n 127.0.0.1 -P \(tcp) -T -t sshd --id=$sshd -f log
            """
        let run = try Program.shell(script, in: folder)
        let failures = Int(run.text.trimmingCharacters(in: .whitespacesAndNewlines)) ?? 0
        #expect(
            failures >= 10,
            "\(run.text) \(run.messages) \((try? String(contentsOfFile: folder["log"], encoding: .utf8)) ?? "")")
        #expect(try await settled { try !alerts(folder).isEmpty })
        let found = try alerts(folder)
        #expect(found.contains { $0["title"] as? String == "SSH password guessing" }, "\(found)")
        #expect(found.first?["sources"] as? [String] == ["hosts"])
        let id = try #require(found.first?["id"] as? String)
        let data = ["--data", folder["data"]]
        #expect(try Program.run(["alerts", "close", id, "--as", "harmless", "--note", "a test"] + data).status == 0)
        let twice = try Program.run(["alerts", "close", id, "--as", "real", "--note", "x"] + data)
        #expect(twice.messages.contains("closed already"))
        #expect(server.stop().status == 0)
    }

    @Test func rulesAreReplacedAtOnceAndTheirChangesTold() throws {
        let folder = try Folder()
        try Samples.install(in: folder)
        let rule = { (title: String) in
            "title: \(title)\nid: \(title)\nlogsource: { service: shop }\ndetection: { a: { x: 1 }, condition: a }\n"
        }
        try folder.write(rule("one") + "---\n" + rule("two"), to: "rules.yml")
        let update = { (options: [String]) in
            try Program.run(["rules", "update", folder["rules.yml"], "--data", folder["data"]] + options)
        }
        #expect(try update(["--dry-run"]).text.contains("Nothing was changed."))
        #expect(try update([]).text.contains("new: one"))
        try folder.write(rule("two") + "---\n" + rule("three") + "---\ntitle: broken\n", to: "rules.yml")
        let second = try update([])
        #expect(second.text.contains("new: three") && second.text.contains("gone: one"))
        #expect(second.text.contains("1 new, 1 gone, 0 changed, 1 as they were, 1 rejected."))
        #expect(second.messages.contains("Rejected:"))
        try folder.write("title: broken\n", to: "rules.yml")
        #expect(try update([]).status == 1)
        try folder.write(rule("two") + "---\n" + rule("three"), to: "rules.yml")
        #expect(try update([]).text.contains("0 new, 0 gone, 0 changed, 2 as they were"))
    }

    private func append(_ text: String, to path: String) throws {
        let file = try FileHandle(forWritingTo: URL(fileURLWithPath: path))
        defer { try? file.close() }
        try file.seekToEnd()
        try file.write(contentsOf: Data(text.utf8))
    }
}

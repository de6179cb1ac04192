import Foundation
import Kernel
import Sigma
import TestSupport
import Testing

@testable import LogFormats

/// A line of a log, and fields that its event must have.
struct LineCase: CustomTestStringConvertible, Sendable {
    let line: String
    let fields: [String: String?]

    init(_ line: String, _ fields: [String: String?]) {
        self.line = line
        self.fields = fields
    }

    var testDescription: String { line }
}

@Suite("Reading logs")
struct LogReaderTests {
    private static let now = Instant("2026-11-22T12:00:00Z") ?? .distantPast

    private func read(_ format: LogFormat, _ lines: [[UInt8]]) throws -> (events: [[String: Any]], sources: [LogSource])
    {
        var reader = LogReader(format)
        var events: [LogEvent] = []
        for line in lines { _ = reader.read(line, receivedAt: Self.now) { events.append($0) } }
        reader.finish(receivedAt: Self.now) { events.append($0) }
        let objects = try events.map {
            try #require(
                try JSONSerialization.jsonObject(with: Data($0.json)) as? [String: Any],
                "\(String(decoding: $0.json, as: UTF8.self))")
        }
        return (objects, events.map(\.source))
    }

    private func check(_ format: LogFormat, _ sample: LineCase) throws {
        let event = try #require(try read(format, [Array(sample.line.utf8)]).events.first)
        for (name, value) in sample.fields {
            #expect(event[name].map { "\($0)" } == value, "\(name) of \(event)")
        }
    }

    // Examples of RFC 5424 section 6.5 and RFC 3164 section 5.4, and what daemons write.
    @Test(
        "syslog in its forms",
        arguments: [
            LineCase(
                "<34>1 2003-10-11T22:14:15.003Z mymachine.example.com su - ID47 - \u{FEFF}'su root' failed for lonvick on /dev/pts/8",
                [
                    "timestamp": "2003-10-11T22:14:15.003Z", "hostname": "mymachine.example.com", "appname": "su",
                    "procid": nil,
                    "msgid": "ID47", "facility": "4", "severity": "2",
                    "message": "'su root' failed for lonvick on /dev/pts/8",
                ]),
            LineCase(
                "<165>1 2003-08-24T05:14:15.000003-07:00 192.0.2.1 myproc 8710 - - %% It's time to make the do-nuts.",
                [
                    "timestamp": "2003-08-24T12:14:15.000Z", "appname": "myproc", "procid": "8710",
                    "message": "%% It's time to make the do-nuts.",
                ]),
            LineCase(
                #"<165>1 2003-10-11T22:14:15.003Z h evntslog - ID47 [exampleSDID@32473 iut="3" eventSource="App\"l\]" eventID="1011"][x@1 a="b"]"#,
                [
                    "exampleSDID@32473.iut": "3", "exampleSDID@32473.eventSource": #"App"l]"#, "x@1.a": "b",
                    "message": "",
                ]),
            LineCase(
                "<34>Oct 11 22:14:15 mymachine su: 'su root' failed for lonvick on /dev/pts/8",
                [
                    "timestamp": "2026-10-11T22:14:15.000Z", "hostname": "mymachine", "appname": "su",
                    "message": "'su root' failed for lonvick on /dev/pts/8",
                ]),
            LineCase(
                "Dec 10 11:00:00 LabSZ sshd[25518]: Failed password for root from 183.62.140.253 port 40110 ssh2",
                [
                    "timestamp": "2025-12-10T11:00:00.000Z", "hostname": "LabSZ", "appname": "sshd", "procid": "25518",
                    "outcome": "failed",
                    "user": "root", "src_ip": "183.62.140.253", "src_port": "40110", "method": "password",
                ]),
            LineCase(
                "2026-11-22T10:00:00.123456+01:00 web1 CRON[77]: (root) CMD (x)",
                [
                    "timestamp": "2026-11-22T09:00:00.123Z", "hostname": "web1", "appname": "CRON",
                    "message": "(root) CMD (x)",
                ]),
            LineCase(
                "<13>Nov  2 03:04:05 kernel: oops",
                ["hostname": nil, "appname": "kernel", "message": "oops", "timestamp": "2026-11-02T03:04:05.000Z"]),
            LineCase("just words", ["message": "just words", "hostname": nil, "appname": nil]),
            LineCase("<999>1 x", ["message": "<999>1 x", "facility": nil]),
            LineCase("<34>1 not-a-date h a - - - m", ["facility": "4", "message": "1 not-a-date h a - - - m"]),
        ])
    func syslog(sample: LineCase) throws { try check(.syslog, sample) }

    @Test(
        "what sshd says; names that strangers choose decide nothing",
        arguments: [
            LineCase(
                "sshd[1]: Failed password for invalid user oracle from 192.0.2.7 port 4 ssh2",
                ["outcome": "failed", "user": "oracle", "src_ip": "192.0.2.7", "account_known": "false"]),
            LineCase(
                "sshd[1]: Failed password for invalid user a from 198.51.100.1 port 1 ssh2 from 192.0.2.7 port 4 ssh2",
                ["user": "a from 198.51.100.1 port 1 ssh2", "src_ip": "192.0.2.7"]),
            LineCase(
                "sshd[1]: Invalid user  from 192.0.2.7 port 4",
                ["outcome": "invalid_user", "user": nil, "src_ip": "192.0.2.7"]),
            LineCase(
                "sshd[1]: Accepted publickey for deploy from 2001:db8::1 port 50 ssh2: ED25519 SHA256:abc",
                ["outcome": "accepted", "user": "deploy", "src_ip": "2001:db8::1", "method": "publickey"]),
            LineCase(
                "sshd[1]: Connection closed by authenticating user root 192.0.2.7 port 22 [preauth]",
                ["outcome": "closed", "user": "root", "src_ip": "192.0.2.7"]),
            LineCase(
                "sshd[1]: message repeated 4 times: [ Failed password for root from 192.0.2.7 port 4 ssh2]",
                ["outcome": "failed", "user": "root", "repeated": "4"]),
            LineCase(
                "sshd(pam_unix)[19939]: authentication failure; logname= uid=0 euid=0 tty=NODEVssh ruser= rhost=218.188.2.4  user=root",
                ["outcome": "failed", "user": "root", "src_ip": "218.188.2.4"]),
            LineCase(
                "sshd[1]: pam_unix(sshd:session): session opened for user bob(uid=1000) by (uid=0)",
                ["outcome": "session_opened", "user": "bob"]),
        ])
    func ssh(sample: LineCase) throws { try check(.syslog, sample) }

    @Test(
        "what sudo, su and the tools for accounts say",
        arguments: [
            LineCase(
                "sudo:    alice : TTY=pts/0 ; PWD=/home/alice ; USER=root ; COMMAND=/bin/sh -c echo ; USER=bob",
                [
                    "outcome": "run", "user": "alice", "target_user": "root", "command": "/bin/sh -c echo ; USER=bob",
                    "cwd": "/home/alice", "tty": "pts/0",
                ]),
            LineCase(
                "sudo:    eve : user NOT in sudoers ; TTY=pts/1 ; PWD=/ ; USER=root ; COMMAND=/bin/sh",
                ["outcome": "not_in_sudoers", "user": "eve"]),
            LineCase(
                "sudo:    eve : 3 incorrect password attempts ; TTY=pts/1 ; PWD=/ ; USER=root ; COMMAND=/bin/sh",
                ["outcome": "failed"]),
            LineCase(
                "sudo: pam_unix(sudo:auth): authentication failure; logname=eve uid=1 euid=0 tty=/dev/pts/1 ruser=eve rhost=  user=eve",
                ["outcome": "failed", "user": "eve"]),
            LineCase(
                "su[5]: FAILED SU (to root) eve on pts/1", ["outcome": "failed", "user": "eve", "target_user": "root"]),
            LineCase(
                "useradd[9]: new user: name=mallory, UID=0, GID=0, home=/root, shell=/bin/sh",
                ["action": "user_added", "account": "mallory"]),
            LineCase(
                "usermod[9]: add 'mallory' to group 'sudo'",
                ["action": "group_member_added", "account": "mallory", "group": "sudo"]),
            LineCase(
                "passwd[9]: pam_unix(passwd:chauthtok): password changed for root",
                ["action": "password_changed", "account": "root"]),
        ])
    func accounts(sample: LineCase) throws { try check(.syslog, sample) }

    @Test(
        "access logs, common, combined and with a host",
        arguments: [
            LineCase(
                #"203.0.113.9 - bob [22/Nov/2026:10:00:00 +0100] "GET /a%20b?x=1 HTTP/1.1" 404 153 "https://e.com/" "curl/8""#,
                [
                    "timestamp": "2026-11-22T09:00:00.000Z", "c-ip": "203.0.113.9", "cs-username": "bob",
                    "cs-method": "GET",
                    "cs-uri-stem": "/a%20b", "cs-uri-query": "/a%20b?x=1", "cs-version": "HTTP/1.1", "sc-status": "404",
                    "sc-bytes": "153",
                    "cs-referer": "https://e.com/", "cs-user-agent": "curl/8",
                ]),
            LineCase(
                #"2001:db8::1 - - [22/Nov/2026:10:00:00 +0000] "POST / HTTP/2.0" 200 -"#,
                ["c-ip": "2001:db8::1", "sc-bytes": nil, "cs-user-agent": nil]),
            LineCase(
                #"www.example.com:443 203.0.113.9 - - [22/Nov/2026:10:00:00 +0000] "GET / HTTP/1.1" 200 1 "-" "x""#,
                ["cs-host": "www.example.com", "c-ip": "203.0.113.9"]),
            LineCase(
                #"203.0.113.9 - - [22/Nov/2026:10:00:00 +0000] "\x16\x03\x01\"" 400 0 "-" "-""#,
                ["cs-method": nil, "cs-uri-query": "\u{16}\u{3}\u{1}\""]),
            LineCase(
                #"203.0.113.9 - - [22/Nov/2026:10:00:00 +0000] "GET /x y HTTP/1.1" 200 1 "-" "a \"quoted\" agent""#,
                ["cs-uri-query": "/x y", "cs-user-agent": #"a "quoted" agent"#]),
            LineCase(
                #"203.0.113.9 - a ["b [22/Nov/2026:10:00:00 +0000] "GET / HTTP/1.1" 200 1"#,
                ["message": #"203.0.113.9 - a ["b [22/Nov/2026:10:00:00 +0000] "GET / HTTP/1.1" 200 1"#]),
        ])
    func access(sample: LineCase) throws { try check(.access, sample) }

    @Test("nginx's error log")
    func nginxError() throws {
        try check(
            .nginxError,
            LineCase(
                #"2026/11/22 10:00:00 [error] 123#124: *45 open() "/var/www/x, client: 1.1.1.1" failed (2: No such file), client: 203.0.113.9, server: _, request: "GET /x HTTP/1.1", host: "e.com""#,
                [
                    "timestamp": "2026-11-22T10:00:00.000Z", "level": "error", "pid": "123", "c-ip": "203.0.113.9",
                    "cs-uri-query": "/x", "cs-host": "e.com",
                ]))
    }

    @Test("Apache's error log")
    func apacheError() throws {
        try check(
            .apacheError,
            LineCase(
                "[Sun Nov 22 10:00:00.123456 2026] [core:error] [pid 7:tid 8] [client 203.0.113.9:5678] AH00124: Request exceeded",
                [
                    "timestamp": "2026-11-22T10:00:00.123Z", "level": "error", "module": "core", "pid": "7",
                    "c-ip": "203.0.113.9", "message": "AH00124: Request exceeded",
                ]))
    }

    @Test("records of one audit event are one event, also where others stand between them")
    func audit() throws {
        let lines = [
            #"type=SYSCALL msg=audit(1700039735.040:107): arch=c000003e syscall=59 success=yes exit=0 a0=48ead5 a1=20 items=2 ppid=41 pid=47 auid=1000 uid=0 comm="cat" exe="/usr/bin/cat" key=(null)"#
                + "\u{1D}" + #"ARCH=x86_64 AUID="alice" UID="root""#,
            #"type=USER_AUTH msg=audit(1700039735.041:108): pid=1 uid=0 msg='op=PAM:authentication acct="bob" exe="/usr/sbin/sshd" addr=192.0.2.1 res=failed'"#,
            #"type=EXECVE msg=audit(1700039735.040:107): argc=3 a0="cat" a1=2F6574632F6D792066696C65 a2="x""#,
            #"type=CWD msg=audit(1700039735.040:107): cwd="/root""#,
            #"type=PATH msg=audit(1700039735.040:107): item=0 name="/usr/bin/cat" nametype=NORMAL"#,
            #"type=PATH msg=audit(1700039735.040:107): item=1 name="/tmp/new" nametype=CREATE"#,
            #"type=PROCTITLE msg=audit(1700039735.040:107): proctitle=63617400"# + "2F6574632F6D792066696C65",
        ]
        let (events, sources) = try read(.auditd, lines.map { Array($0.utf8) })
        #expect(events.count == 2)
        let signIn = events[0]
        #expect(signIn["type"] as? String == "USER_AUTH")
        #expect(signIn["acct"] as? String == "bob")
        #expect(signIn["res"] as? String == "failed")
        let start = events[1]
        #expect(start["type"] as? [String] == ["SYSCALL", "EXECVE", "CWD", "PATH", "PROCTITLE"])
        #expect(start["CommandLine"] as? String == "cat /etc/my file x")
        #expect(start["Image"] as? String == "/usr/bin/cat")
        #expect(start["User"] as? String == "alice")
        #expect(start["a1"] as? [String] == ["20", "/etc/my file"])
        #expect(start["proctitle"] as? String == "cat /etc/my file")
        #expect(start["timestamp"] as? String == "2023-11-15T09:15:35.040Z")
        #expect(sources[1].categories == ["process_creation", "file_event"])
        #expect(sources[1].services == ["auditd"])
    }

    @Test("the journal as JSON and in its export format")
    func journal() throws {
        let json =
            #"{"__REALTIME_TIMESTAMP":"1795341600123456","_HOSTNAME":"web1","SYSLOG_IDENTIFIER":"sshd","_PID":"5","PRIORITY":"6","MESSAGE":"Accepted password for bob from 192.0.2.1 port 22 ssh2","_EXE":"/usr/sbin/sshd"}"#
        let event = try #require(try read(.journal, [Array(json.utf8)]).events.first)
        #expect(event["outcome"] as? String == "accepted")
        #expect(event["user"] as? String == "bob")
        #expect(event["hostname"] as? String == "web1")
        #expect(event["timestamp"] as? String == "2026-11-22T10:00:00.123Z")
        let bytes = #"{"MESSAGE":[104,255,105],"__REALTIME_TIMESTAMP":"1"}"#
        #expect(try read(.journal, [Array(bytes.utf8)]).events[0]["message"] as? String == "h\u{FFFD}i")
        let export =
            Array("__REALTIME_TIMESTAMP=1795341600123456\n_HOSTNAME=web1\nMESSAGE\n".utf8)
            + [10, 0, 0, 0, 0, 0, 0, 0] + Array("two\n\nlines\nPRIORITY=3\n\nMESSAGE=next\n".utf8)
        let (events, _) = try read(
            .journalExport, export.split(separator: 0x0A, omittingEmptySubsequences: false).map(Array.init))
        #expect(events.map { $0["message"] as? String } == ["two\n\nlines", "next"])
        #expect(events.map { $0["severity"] as? Int } == [3, nil])
        #expect(events.map { $0["hostname"] as? String } == ["web1", nil])
    }

    @Test("CloudTrail's records, alone and in a file of them")
    func cloudTrail() throws {
        let record = #"{"eventName":"ConsoleLogin","eventTime":"2026-11-22T10:00:00Z","userIdentity":{"type":"Root"}}"#
        #expect(try read(.cloudtrail, [Array(record.utf8)]).events.count == 1)
        let (events, sources) = try read(.cloudtrail, [Array(#"{"Records":[\#(record),\#(record)]}"#.utf8)])
        #expect(events.count == 2)
        #expect(sources[0].services == ["cloudtrail"])
    }

    @Test(
        "events of Windows in the forms in which they are shipped",
        arguments: [
            ##"{"Event":{"System":{"Provider":{"#attributes":{"Name":"Microsoft-Windows-Sysmon"}},"EventID":{"#text":1},"Channel":"Microsoft-Windows-Sysmon/Operational","Computer":"pc","TimeCreated":{"#attributes":{"SystemTime":"2026-11-22T10:00:00.5Z"}}},"EventData":{"Image":"C:\\Windows\\cmd.exe","Process Id":4}}}"##,
            ##"{"Event":{"System":{"Provider":{"@Name":"Microsoft-Windows-Sysmon"},"EventID":"1","Channel":"Microsoft-Windows-Sysmon/Operational","Computer":"pc","TimeCreated":{"@SystemTime":"2026-11-22T10:00:00.5Z"}},"EventData":{"Data":[{"@Name":"Image","#text":"C:\\Windows\\cmd.exe"},{"@Name":"ProcessId","#text":"4"}]}}}"##,
            ##"{"@timestamp":"2026-11-22T10:00:00.5Z","winlog":{"event_id":1,"channel":"Microsoft-Windows-Sysmon/Operational","provider_name":"Microsoft-Windows-Sysmon","computer_name":"pc","event_data":{"Image":"C:\\Windows\\cmd.exe","ProcessId":"4"}}}"##,
            ##"{"EventTime":"2026-11-22 10:00:00.5","Hostname":"pc","EventID":1,"SourceName":"Microsoft-Windows-Sysmon","Channel":"Microsoft-Windows-Sysmon/Operational","Image":"C:\\Windows\\cmd.exe","ProcessId":4}"##,
        ])
    func windows(line: String) throws {
        var reader = LogReader(.windows)
        var events: [LogEvent] = []
        #expect(reader.read(Array(line.utf8), receivedAt: Self.now) { events.append($0) } == nil)
        let event = try #require(try JSONSerialization.jsonObject(with: Data(events[0].json)) as? [String: Any])
        for (name, value) in [
            "EventID": "1", "Provider_Name": "Microsoft-Windows-Sysmon", "Computer": "pc",
            "Image": #"C:\Windows\cmd.exe"#,
            "ProcessId": "4",
        ] {
            #expect(event[name].map { "\($0)" } == value, "\(name) of \(event)")
        }
        #expect(events[0].source.categories == ["process_creation"] && events[0].source.services == ["sysmon"])
        #expect(events[0].time == Instant("2026-11-22T10:00:00.500Z"))
    }

    @Test("a process that Windows itself reports has the names that rules expect")
    func windowsProcess() throws {
        let line =
            #"{"Event":{"System":{"EventID":4688,"Channel":"Security"},"EventData":{"NewProcessName":"C:\\a.exe","ParentProcessName":"C:\\b.exe","CommandLine":"a"}}}"#
        let (events, sources) = try read(.windows, [Array(line.utf8)])
        #expect(events[0]["Image"] as? String == #"C:\a.exe"#)
        #expect(events[0]["ParentImage"] as? String == #"C:\b.exe"#)
        #expect(sources[0].categories == ["process_creation"] && sources[0].services == ["security"])
    }

    @Test(
        "a line in another form is an event that is all message",
        arguments: LogFormat.allCases.filter { $0 != .json && $0 != .syslog && $0 != .journalExport })
    func otherForm(format: LogFormat) throws {
        var reader = LogReader(format)
        var events: [LogEvent] = []
        let fault = reader.read(Array("garbage \"\\ \u{7F}".utf8), receivedAt: Self.now) { events.append($0) }
        #expect(fault == .otherForm)
        let object = try #require(try JSONSerialization.jsonObject(with: Data(events[0].json)) as? [String: Any])
        #expect(object["message"] as? String == "garbage \"\\ \u{7F}")
    }

    @Test("whatever comes, events are JSON", arguments: LogFormat.allCases.filter { $0 != .json && $0 != .cloudtrail })
    func fuzz(format: LogFormat) throws {
        let pieces = [
            "<34>", "1 ", "2003-10-11T22:14:15.003Z", "Oct 11 22:14:15 ", "host ", "sshd[1]: ", "[a b=\"", "\\", "\"",
            "]", " - ",
            "Failed password for ", "invalid user ", " from ", " port ", "192.0.2.1", "type=EXECVE ",
            "msg=audit(1.0:1): ", "a0=",
            "a1[0]=6162", "key='", "'", "\u{1D}", "[22/Nov/2026:10:00:00 +0000] ", "GET / HTTP/1.1", "\\x4", "\\x41",
            "404 ", "{", "}",
            "\"MESSAGE\":", "[1,2]", "[300]", ":", ",", "=", "(", ")", "é", "\u{0}", "COMMAND=", " : ", "TTY=", "add '",
            "2026/11/22 10:00:00 ",
            "[error] ", "1#1: ", ", client: ", ", request: \"", "[Sun Nov 22 10:00:00 2026] ", "[client ",
            "message repeated 2 times: [",
        ].map { Array($0.utf8) }
        var generator = SeededGenerator(
            ProcessInfo.processInfo.environment["VOUCHSAFE_FUZZ_SEED"].flatMap(UInt64.init) ?? 5)
        let rounds = ProcessInfo.processInfo.environment["VOUCHSAFE_FUZZ_ROUNDS"].flatMap(Int.init) ?? 3000
        var reader = LogReader(format)
        for _ in 0..<rounds {
            var line: [UInt8] = []
            for _ in 0..<Int.random(in: 0...14, using: &generator) {
                line += pieces[Int.random(in: pieces.indices, using: &generator)]
            }
            if !line.isEmpty, Bool.random(using: &generator) {
                line[Int.random(in: line.indices, using: &generator)] = UInt8.random(
                    in: .min ... .max, using: &generator)
            }
            var events: [LogEvent] = []
            _ = reader.read(line, receivedAt: Self.now) { events.append($0) }
            for event in events {
                let object = try? JSONSerialization.jsonObject(with: Data(event.json))
                #expect(
                    object is [String: Any],
                    "\(String(decoding: line, as: UTF8.self)) -> \(String(decoding: event.json, as: UTF8.self))")
            }
        }
    }
}

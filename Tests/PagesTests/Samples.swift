import Kernel
import Verdicts
import Wire

/// An invented organisation with one of everything that a page can show.
enum Samples {
    static let now = Instant(milliseconds: 1_795_300_380_000)
    static let vkey = "vouchsafe.example/northwind+3f1c9a2e+AZk0Q2x1bmsgdGhhdCBzdGFuZHMgZm9yIGEga2V5"

    static func ago(_ period: Period) -> Instant { now - period }

    static let exception = ExceptionNotice(
        id: "exception-1", reason: "The vendor ships its fix in December; the port is closed at the edge until then.",
        requestedBy: "Ada Moreno", approvedBy: "Jon Vik", grantedAt: ago(.days(9)), until: now + .days(21))

    static let waiting = ExceptionNotice(
        id: "exception-2", reason: "The build host moves to new hardware next week.", requestedBy: "Ada Moreno",
        approvedBy: nil, grantedAt: ago(.hours(3)), until: now + .days(9))

    static func status(
        _ id: String, section: String, _ summary: String, owner: String = "IT lead", _ verdict: Verdict,
        since: Instant? = ago(.days(34)), observed: Instant? = ago(.minutes(12)), reason: String,
        exception: ExceptionNotice? = nil, policy: String = "northwind-security"
    ) -> CommitmentStatus {
        CommitmentStatus(
            policy: policy, id: id, section: section, summary: summary, owner: owner, verdict: verdict, since: since,
            observedAt: observed, validUntil: observed.map { $0 + .hours(26) }, reason: reason, exception: exception)
    }

    static let commitments: [CommitmentStatus] = [
        status(
            "disk-encryption", section: "2 · Our devices", "Every laptop and server encrypts its disks.", .broken,
            since: ago(.hours(5)), reason: "1 of 4 hosts fails; all must pass.", exception: exception),
        status(
            "malware-protection", section: "2 · Our devices",
            "Malware protection runs everywhere, with current signatures.",
            .kept, reason: "4 of 4 hosts pass."),
        status(
            "screen-lock", section: "2 · Our devices", "Screens lock after ten minutes at most.", .kept,
            reason: "3 of 3 hosts pass; 1 does not apply."),
        status(
            "guest-access", section: "2 · Our devices", "No device has a guest account.", .unprovable, since: nil,
            observed: nil,
            reason: "“Guest access” is not defined, so nothing could show it."),
        status(
            "security-updates", section: "3 · Updates", "Security updates are installed within seven days.",
            owner: "Operations", .stale, since: ago(.hours(7)), observed: ago(.hours(33)),
            reason: "Evidence of 2 of 4 hosts ran out."),
        status(
            "supported-systems", section: "3 · Updates", "Only systems that still get security updates are in use.",
            owner: "Operations", .kept, reason: "4 of 4 hosts pass."),
        status(
            "firewall", section: "4 · Network", "A firewall lets in only what is needed.", owner: "Operations", .kept,
            since: ago(.days(61)), reason: "4 of 4 hosts pass.", exception: waiting),
        status(
            "ssh-keys", section: "4 · Network", "Remote access needs a key; passwords are refused.",
            owner: "Operations",
            .kept, reason: "4 of 4 hosts pass."),
        status(
            "breach-notice", section: "5 · When something goes wrong",
            "Customers are told of a breach without undue delay, within 72 hours at the latest.",
            owner: "Security lead",
            .unproven, since: nil, observed: nil, reason: "This installation cannot send notices yet."),
        status(
            "vulnerability-follow-up", section: "5 · When something goes wrong",
            "Every vulnerability is followed up until it is resolved.", owner: "Security lead", .unproven, since: nil,
            observed: nil, reason: "No scanner is connected."),
        status(
            "yearly-audit", section: "6 · Certification", "An outside auditor checks us every year.",
            owner: "Security lead",
            .withdrawn, since: ago(.days(3)), observed: nil, reason: "Version 4 of the policy no longer says so."),
    ]

    static let report = StatusReport(asOf: now, commitments: commitments)

    static let summary = PolicySummary(
        id: "northwind-security", title: "Information security policy", issuer: "Northwind Labs", version: "4",
        sha256: "9f2c1b0e7d5a48c3b6e1f0a9d8c7b6a5f4e3d2c1b0a99887766554433221100f", importedAt: ago(.days(3)),
        hasText: true,
        counts: report.counts)

    static func standing(
        _ name: String, _ result: CheckResult?, _ value: String?, fresh: Bool = true, fix: String? = nil,
        evidence: [Evidence] = []
    ) -> SubjectStanding {
        SubjectStanding(
            subject: "0192f0c1-\(name)", name: name, kind: "host", result: result, isFresh: fresh, value: value,
            observedAt: result == nil ? nil : ago(fresh ? .minutes(12) : .hours(33)),
            expiresAt: result == nil ? nil : fresh ? now + .hours(26) : ago(.hours(7)), evidence: evidence, fix: fix)
    }

    static let subjects = [
        standing(
            "web-1.north.example", .pass, "2 of 2 volumes encrypted (aes-xts-plain64)",
            evidence: [Evidence(source: "/sys/block/dm-0/dm/uuid", content: "CRYPT-LUKS2-9c1f…-root")]),
        standing(
            "build-3.north.example", .fail, "1 of 2 volumes encrypted; /srv lies on plain /dev/sdb1",
            fix:
                "Back up /srv, then encrypt /dev/sdb1 with:\ncryptsetup reencrypt --encrypt --reduce-device-size 32M /dev/sdb1",
            evidence: [
                Evidence(source: "/proc/self/mountinfo", content: "41 28 8:17 / /srv rw,relatime - ext4 /dev/sdb1 rw"),
                Evidence(source: "/sys/class/block/sdb1/slaves", content: "(empty)"),
            ]),
        standing(
            "lena-laptop", .unknown, "Needs root to read the device mapper",
            fix: "Run the agent with the capability CAP_SYS_ADMIN, or as root."),
        standing("backup-2", .pass, "1 of 1 volume encrypted", fresh: false),
        standing("new-host", nil, nil),
        standing("router", .notApplicable, "Has no disk"),
        standing("old-nas", .error, "The check stopped: mountinfo has no root entry"),
    ]

    static let detail = CommitmentDetail(
        status: commitments[0], policyTitle: summary.title,
        wording: ["All laptops and servers used by our staff have their hard drives encrypted."],
        defect: "The policy names “SHA256withRSA” as a cipher; that is a signature.",
        controls: [
            ControlList(framework: "ISO/IEC 27001:2022", references: ["A.8.1", "A.8.24"]),
            ControlList(framework: "GDPR", references: ["Art. 32(1)(a)"]),
        ],
        checks: [
            CheckDetail(
                id: "endpoint.disk-encryption", title: "Disk encryption",
                measures: "Every volume that holds data lies on an encrypted device; passes when all of them do.",
                population: "hosts", threshold: "all", freshness: .hours(26), verdict: .broken, missing: nil,
                subjects: subjects),
            CheckDetail(
                id: "endpoint.recovery-keys", title: "Recovery keys",
                measures: "A recovery key of every encrypted device is in escrow.", population: "hosts",
                threshold: "95 %",
                freshness: .days(7), verdict: .unproven, missing: "No key escrow is connected.", subjects: []),
        ],
        history: [
            VerdictChange(
                at: ago(.hours(5)), verdict: .broken, reason: "1 of 4 hosts fails; all must pass.",
                check: "endpoint.disk-encryption", subject: "0192f0c1-build-3.north.example"),
            VerdictChange(at: ago(.days(34)), verdict: .kept, reason: "4 of 4 hosts pass.", check: nil, subject: nil),
            VerdictChange(
                at: ago(.days(36)), verdict: .stale, reason: "The evidence ran out.", check: "endpoint.disk-encryption",
                subject: nil),
            VerdictChange(at: ago(.days(80)), verdict: .kept, reason: "4 of 4 hosts pass.", check: nil, subject: nil),
        ],
        shares: [
            ShareOfTime(days: 7, kept: 0.9702, broken: 0.0298, stale: 0, unproven: 0),
            ShareOfTime(days: 90, kept: 0.8643, broken: 0.0023, stale: 0.0222, unproven: 0.1112),
        ],
        exceptions: [exception, waiting],
        proof: ProofSummary(entry: 1284, verdict: .broken, asOf: ago(.minutes(12)), validUntil: now + .hours(25)))

    static let hosts = [
        HostSummary(
            id: "0192f0c1-web", name: "web-1.north.example", enrolledAt: ago(.days(80)), observedAt: ago(.minutes(12)),
            results: ["pass": 16, "not-applicable": 3]),
        HostSummary(
            id: "0192f0c1-build", name: "build-3.north.example", enrolledAt: ago(.days(80)),
            observedAt: ago(.minutes(9)),
            results: ["pass": 11, "fail": 2, "unknown": 3, "not-applicable": 3]),
        HostSummary(
            id: "0192f0c1-lena", name: "lena-laptop", enrolledAt: ago(.days(41)), observedAt: ago(.hours(33)),
            results: ["expired": 19]),
        HostSummary(id: "0192f0c1-new", name: "new-host", enrolledAt: ago(.minutes(1)), observedAt: nil, results: [:]),
    ]

    static let host = HostDetail(
        host: hosts[1],
        checks: subjects.enumerated().map { position, standing in
            SubjectCheck(
                id: "endpoint.check-\(position)",
                title: [
                    "Disk encryption", "Firewall", "Secure boot", "Time", "Automatic updates", "Wi-Fi security",
                    "Screen lock",
                ][position],
                standing: standing, commitments: [reference(0), reference(1)])
        })

    static func reference(_ position: Int) -> CommitmentReference {
        let status = commitments[position]
        return CommitmentReference(
            policy: status.policy, id: status.id, summary: status.summary, verdict: status.verdict)
    }

    static let policy: PolicyDetail = {
        let words: [(String, [Int], String, Bool)] = [
            ("Northwind Labs takes the security of its customers seriously.", [], "context", false),
            ("This document says what we do.", [], "context", true),
            ("All laptops and servers used by our staff have their hard drives encrypted.", [0], "commitment", false),
            (
                "They run malware protection with current signatures, and their screens lock after ten minutes.",
                [1, 2], "commitment", false
            ),
            ("There is no guest access.", [3], "unprovable", true),
            ("Security updates are installed within seven days.", [4], "commitment", false),
            ("We use only systems that still get security updates.", [5], "commitment", true),
            ("A firewall lets in only what is needed, and remote access needs a key.", [6, 7], "commitment", false),
            ("Our software is free of errors.", [], "unprovable", true),
            (
                "Should personal data be breached, we tell customers without undue delay, within 72 hours at the latest.",
                [8], "commitment", false
            ),
            ("Every vulnerability is followed up until it is resolved.", [9], "commitment", true),
        ]
        var start = 0
        let spans = words.map { text, commitments, spanClass, ends in
            defer { start += text.utf8.count + 1 }
            return SpanDetail(
                start: start, end: start + text.utf8.count, spanClass: spanClass, text: text, endsParagraph: ends,
                reason: spanClass == "unprovable" ? "No evidence could ever show this as it is worded." : nil,
                commitments: commitments.map(reference))
        }
        return PolicyDetail(policy: summary, spans: spans, defects: ["“Guest access” is never defined."])
    }()

    static let ledger = LedgerPage(
        origin: "vouchsafe.example/northwind", verificationKey: vkey, size: 1285,
        checkpoint:
            "vouchsafe.example/northwind\n1285\nq83vEjRWeJCrze8SNFZ4kKvN7xI0VniQq83vEjRWeJA=\n\n— vouchsafe.example/northwind PxyaLkFkYSBNb3Jlbm8gd2FzIGhlcmUgYW5kIHNpZ25lZCBub3RoaW5nIGF0IGFsbA==\n",
        entries: (0..<6).map { position in
            LedgerEntrySummary(
                index: 1284 - position, at: ago(.minutes(12 + position * 7)),
                actor: position == 3 ? "person:0192f0c1-2b7a-7e11-9d3e-0123456789ab" : "job:checks",
                action: position == 3 ? "exception.granted" : "observations.received",
                subject: "host:0192f0c1-2b7a-7e11-9d3e-0123456789ab", rows: 19)
        }, next: 1279)

    static let settings = SettingsSummary(
        organisation: "Northwind Labs", slug: "northwind", database: "SQLite, write-ahead log, synchronous full",
        dataKey: "Key file, mode 0400", certificateExpiresAt: now + .days(200), people: 3, version: "0.1.0")

    static let trust = TrustPage(
        organisation: "Northwind Labs", slug: "northwind", publishedAt: ago(.minutes(12)),
        origin: "vouchsafe.example/northwind",
        verificationKey: vkey,
        policies: [
            PublishedPolicy(
                id: summary.id, title: summary.title, version: summary.version, sha256: summary.sha256,
                commitments: commitments.map { status in
                    PublishedCommitment(
                        id: status.id, section: status.section, summary: status.summary, verdict: status.verdict,
                        since: status.since, observedAt: status.observedAt, validUntil: status.validUntil,
                        reason: status.reason, exceptionUntil: status.exception?.until,
                        keptShare: status.observedAt == nil ? nil : 0.9731)
                })
        ])
}

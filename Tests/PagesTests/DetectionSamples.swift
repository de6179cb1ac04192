import Kernel
import Pages
import Wire

/// Alerts, log sources, reviews and rules for the pages about them.
struct DetectionSamples {
    /// What stands wherever somebody else's words can; the samples' own where it is `nil`.
    var text: String?

    func words(_ own: String) -> String { text ?? own }

    /// An identifier, which stays one of its own among others.
    private func id(_ own: String) -> String { text.map { $0 + own } ?? own }

    func alert(
        _ id: String, _ title: String, _ level: Severity, _ state: String, due: Period? = .minutes(20),
        outcome: String? = nil, count: Int = 212
    ) -> AlertSummary {
        AlertSummary(
            id: words(id), title: words(title), rule: words("5af54681-df95-4c26-854f-2565e13cfab0"), level: level,
            state: state, sources: [words("web-1 auth"), words("web-2 auth")],
            group: [words("src_ip"): words("203.0.113.7"), "user": words("root")], count: count,
            firstAt: Samples.ago(.hours(2)), lastAt: Samples.ago(.minutes(4)), dueAt: due.map { Samples.now + $0 },
            acknowledgedAt: state == "open" ? nil : Samples.ago(.minutes(30)), outcome: outcome)
    }

    var overview: AlertOverview {
        AlertOverview(
            alerts: [
                alert(
                    "a1", "Many wrong passwords from one address, then a right one", .critical, "open",
                    due: .minutes(-50)),
                alert("a2", "Shell started by a web server", .high, "open", due: .minutes(-5), count: 1),
                alert("a3", "Search engine asks for a hidden folder", .medium, "open"),
                alert("a4", "Cron entry changed", .low, "open", due: nil),
                alert("a5", "Package installed", .informational, "open", due: nil, count: 14_210),
                alert("a6", "Console sign-in without a second factor", .high, "acknowledged"),
                alert("a7", "Backup server reads every file", .medium, "closed", outcome: "harmless"),
            ], open: ["critical": 1, "high": 1, "medium": 1, "low": 1, "informational": 1], overdue: 2, edition: 41)
    }

    private var event: AlertEvent {
        AlertEvent(
            at: Samples.ago(.minutes(4)), source: words("web-1 auth"),
            fields: [
                AlertEvent.Field(name: words("program"), value: words("sshd")),
                AlertEvent.Field(
                    name: words("message"),
                    value: words("Failed password for invalid user admin from 203.0.113.7 port 51122 ssh2")),
                AlertEvent.Field(name: words("src_ip"), value: words("203.0.113.7")),
            ])
    }

    func detail(_ state: String = "open") -> AlertDetail {
        AlertDetail(
            alert: alert(
                "a1", "Many wrong passwords from one address, then a right one", .critical, state, due: .minutes(-50),
                outcome: state == "closed" ? "real" : nil),
            events: [event, event, event],
            description: words("Somebody guesses passwords.\nA right one after many wrong ones is worse."),
            author: words("Ada Moreno, Jon Vik"), license: words("DRL-1.1"),
            references: [words("https://attack.example/techniques/T1110/"), words("A book, page 12")],
            falsePositives: [words("Somebody who forgot a password")], tags: [words("attack.t1110")],
            steps: [
                AlertStep(
                    at: Samples.ago(.hours(1)), who: words("Jon Vik"), what: words("acknowledged"),
                    note: words("Looks real; the address is blocked at the edge.")),
                AlertStep(at: Samples.ago(.minutes(40)), who: words("Ada Moreno"), what: words("reopened"), note: ""),
            ],
            tunable: [
                AlertEvent.Field(name: words("src_ip"), value: words("203.0.113.7")),
                AlertEvent.Field(name: words("user"), value: words("root")),
            ])
    }

    func source(
        _ id: String, _ name: String, format: String = "syslog", way: String = "syslog from 10.0.0.0/8",
        seen: Period? = .seconds(3), silent: Bool = false, events: Int = 128_400, faults: Int = 0, lost: Int = 0,
        applicable: Int = 40, canFire: Int = 12
    ) -> LogSourceSummary {
        LogSourceSummary(
            id: words(id), name: words(name), format: text ?? format, way: words(way),
            registeredAt: Samples.ago(.days(60)), lastSeen: seen.map { Samples.ago($0) }, isSilent: silent,
            silenceAfter: .hours(24), rate: silent ? 0 : 1.48, events: events, faults: faults, lost: lost,
            applicable: applicable, canFire: canFire)
    }

    var sources: [LogSourceSummary] {
        [
            source("s1", "web servers"), source("s2", "old firewall", seen: .hours(31), silent: true, events: 0),
            source("s3", "build hosts", way: "syslog over TLS with the certificate 9f2c1b0e7d5a48c3…", lost: 1_204),
            source("s4", "accounting", format: "json", way: "sent over HTTPS with a token", faults: 17),
            source(
                "s5", "coffee machine", format: "json", way: "sent over HTTPS with a token", applicable: 0, canFire: 0),
        ]
    }

    func sourceOverview(isCollecting: Bool = true) -> LogSourceOverview {
        LogSourceOverview(
            sources: sources, isCollecting: isCollecting, retentionDays: 90, archivedBytes: 3_412_000_000,
            archivedRecords: 41_200_300)
    }

    var hours: [LogHour] {
        (0..<48).map { hour in
            let isQuiet = (20..<24).contains(hour)
            return LogHour(
                start: Samples.now - .hours(48 - hour), events: isQuiet ? 0 : 400 + hour * 37 % 900,
                faults: hour == 12 ? 17 : 0, matches: hour == 40 || hour == 41 ? 3 : 0)
        }
    }

    var sourceDetail: LogSourceDetail {
        LogSourceDetail(
            source: sources[3], hours: hours,
            faults: [
                LogFaultCount(
                    reason: words("not in this form"), count: 17,
                    samples: [words("<13>Nov 22 10:00:00 not JSON at all"), words("{\"half\":")]),
                LogFaultCount(reason: words("too long"), count: 2, samples: []),
            ],
            fields: ["user", "src_ip", "action", "status"].map(words),
            blind: [
                BlindRule(
                    rule: words("r9"), title: words("Process started from a temporary folder"),
                    missing: [words("Image"), words("ParentImage")])
            ], blindCount: 28, checks: Samples.host.checks)
    }

    var found: LogSearchResult {
        LogSearchResult(
            records: (0..<3).map { position in
                LogRecordFound(
                    source: words("s1"), name: words("web servers"), receivedAt: Samples.ago(.minutes(position)),
                    text: words(
                        "<38>1 2026-11-22T10:00:0\(position)Z web-1 sshd 812 - - Failed password for root from 203.0.113.7"
                    )
                )
            }, hasMore: true, remarks: [words("One segment of build hosts cannot be opened.")])
    }

    private func digest(_ id: String, _ day: String, due: Period, by: String? = nil) -> DigestSummary {
        DigestSummary(
            id: self.id(id), day: words(day), dueAt: Samples.now + due,
            lines: [
                DigestLine(
                    source: words("s1"), name: words("web servers"), events: 128_400, faults: 0, silentHours: 0,
                    alerts: ["critical": 1, "medium": 3]),
                DigestLine(
                    source: words("s2"), name: words("old firewall"), events: 12, faults: 4, silentHours: 23,
                    alerts: [:]),
            ], signedBy: by.map(words), signedAt: by == nil ? nil : Samples.now + due - .hours(2),
            findings: by == nil ? nil : words("Nothing but the passwords of Tuesday."),
            exceptions: by == nil ? nil : words("The firewall sent nothing from 02:00 to 10:00."))
    }

    var reviews: LogReviewOverview {
        LogReviewOverview(
            waiting: [digest("d1", "2026-11-20", due: .hours(-9)), digest("d2", "2026-11-21", due: .hours(15))],
            signed: [digest("d3", "2026-11-19", due: .hours(-33), by: "Ada Moreno")])
    }

    var rules: RuleOverview {
        RuleOverview(
            name: words("sigma-2026-11"), installedAt: Samples.ago(.days(9)), rules: 112, correlations: 8,
            rejected: [words("web/x.yml: the modifier “|magic” is not known")], rejectedCount: 3,
            tactics: [
                TacticCoverage(tactic: "credential-access", rules: 40, applicable: 30, canFire: 12, alerts: 3),
                TacticCoverage(tactic: "initial-access", rules: 12, applicable: 12, canFire: 12, alerts: 0),
                TacticCoverage(tactic: "execution", rules: 22, applicable: 20, canFire: 13, alerts: 1),
                TacticCoverage(tactic: "persistence", rules: 24, applicable: 6, canFire: 1, alerts: 0),
                TacticCoverage(tactic: "stealth", rules: 4, applicable: 2, canFire: 0, alerts: 0),
                TacticCoverage(tactic: words("house-rules"), rules: 2, applicable: 2, canFire: 2, alerts: 9),
            ],
            noise: [
                RuleNoise(rule: "r1", title: words("Package installed"), alerts: 40, events: 14_210, acted: 0),
                RuleNoise(rule: "r2", title: words("Many wrong passwords"), alerts: 12, events: 900, acted: 9),
            ],
            suppressions: [
                SuppressionSummary(
                    id: words("q1"), rule: "r1", title: words("Package installed"),
                    reason: words("The fleet is updated this week."), by: words("Ada Moreno"),
                    since: Samples.ago(.days(1)), until: Samples.now + .days(6), suppressed: 1_204)
            ],
            tunings: [
                TuningSummary(
                    id: id("t1"), rule: "r2", title: words("Many wrong passwords"), field: words("src_ip"),
                    value: words("198.51.100.4"), reason: words("The monitoring signs in with a wrong password."),
                    by: words("Jon Vik"), since: Samples.ago(.days(20)), isInForce: true,
                    yaml: words("title: \"Tuned: Many wrong passwords\"\nfilter:\n    condition: not known\n")),
                TuningSummary(
                    id: id("t2"), rule: "r7", title: words("Old rule"), field: words("user"), value: words("backup"),
                    reason: words("The backup reads everything."), by: words("Jon Vik"), since: Samples.ago(.days(80)),
                    isInForce: false, yaml: words("title: \"Tuned: Old rule\"\n")),
            ])
    }

    func pages(_ renderer: PageRenderer, in frame: PageFrame) -> [RenderedPage] {
        let closing = FilledForm(
            values: ["note": words("Hm"), "outcome": "real"], problems: ["note": words("Say more.")],
            problem: words("Look again."))
        let register = FilledForm(
            values: ["name": words("x"), "format": "auditd", "silenceHours": words("0")],
            problems: ["name": words("There is one already."), "silenceHours": words("At least 1.")],
            problem: words("Look again."))
        let signature = FilledForm(
            values: ["digest": id("d2"), "findings": words("Hm")], problems: ["findings": words("Say more.")],
            problem: words("Look again."))
        return [
            RenderedPage(
                name: "alerts", html: renderer.alerts(overview, showing: "open", mayHandle: true, in: frame)),
            RenderedPage(name: "alert", html: renderer.alert(detail(), mayHandle: true, form: closing, in: frame)),
            RenderedPage(name: "alert, closed", html: renderer.alert(detail("closed"), mayHandle: true, in: frame)),
            RenderedPage(
                name: "log sources",
                html: renderer.logSources(sourceOverview(), mayChange: true, form: register, in: frame)),
            RenderedPage(
                name: "log source",
                html: renderer.logSource(sourceDetail, mayChange: true, maySearch: true, in: frame)),
            RenderedPage(
                name: "log search",
                html: renderer.logSearch(
                    found,
                    query: ["text": words("Failed password"), "source": words("s1"), "from": words("2026-11-21")],
                    sources: sources, in: frame)),
            RenderedPage(
                name: "log reviews", html: renderer.logReviews(reviews, maySign: true, form: signature, in: frame)),
            RenderedPage(name: "rules", html: renderer.rules(rules, mayChange: true, in: frame)),
        ]
    }

    func empty(_ renderer: PageRenderer, in frame: PageFrame) -> [RenderedPage] {
        let noAlerts = AlertOverview(alerts: [], open: [:], overdue: 0, edition: 0)
        let noSources = LogSourceOverview(
            sources: [], isCollecting: false, retentionDays: 90, archivedBytes: 0, archivedRecords: 0)
        let silent = source("s9", "new", seen: nil, events: 0, applicable: 0, canFire: 0)
        return [
            RenderedPage(
                name: "alerts, none", html: renderer.alerts(noAlerts, showing: "open", mayHandle: true, in: frame)),
            RenderedPage(
                name: "alerts, none closed",
                html: renderer.alerts(noAlerts, showing: "closed", mayHandle: false, in: frame)),
            RenderedPage(
                name: "alert, bare",
                html: renderer.alert(
                    AlertDetail(
                        alert: AlertSummary(
                            id: "a9", title: "A rule", rule: "r", level: .low, state: "open", sources: [], group: [:],
                            count: 1, firstAt: Samples.now, lastAt: Samples.now, dueAt: nil, acknowledgedAt: nil,
                            outcome: nil),
                        events: [], description: nil, author: nil, license: nil, references: [], falsePositives: [],
                        tags: [], steps: [], tunable: []), mayHandle: true, in: frame)),
            RenderedPage(name: "log sources, none", html: renderer.logSources(noSources, mayChange: true, in: frame)),
            RenderedPage(
                name: "log source, new",
                html: renderer.logSource(
                    LogSourceDetail(
                        source: silent, hours: [], faults: [], fields: [], blind: [], blindCount: 0, checks: []),
                    mayChange: true, maySearch: false, in: frame)),
            RenderedPage(
                name: "log search, before", html: renderer.logSearch(nil, query: [:], sources: sources, in: frame)),
            RenderedPage(
                name: "log search, nothing",
                html: renderer.logSearch(
                    LogSearchResult(records: [], hasMore: false, remarks: []), query: ["text": "x"], sources: [],
                    in: frame)),
            RenderedPage(
                name: "log reviews, none",
                html: renderer.logReviews(LogReviewOverview(waiting: [], signed: []), maySign: true, in: frame)),
            RenderedPage(
                name: "rules, none",
                html: renderer.rules(
                    RuleOverview(
                        name: "none", installedAt: nil, rules: 0, correlations: 0, rejected: [], rejectedCount: 0,
                        tactics: [], noise: [], suppressions: [], tunings: []), mayChange: true, in: frame)),
        ]
    }
}

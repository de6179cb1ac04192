import Kernel
import Testing
import Verdicts
import Wire

@testable import Pages

/// Text that would be markup anywhere it is not escaped.
private let hostile = "</title><script>alert(1)</script>\"'&{{csrf}}"

@Suite("Hostile text")
struct EscapingTests {
    private static let status = CommitmentStatus(
        policy: hostile, id: hostile, section: hostile, summary: hostile, owner: hostile, verdict: .broken,
        since: Samples.now, observedAt: Samples.now, validUntil: Samples.now, reason: hostile, exception: exception)
    private static let exception = ExceptionNotice(
        id: hostile, reason: hostile, requestedBy: hostile, approvedBy: nil, grantedAt: Samples.now,
        until: Samples.now + .days(2))
    private static let standing = SubjectStanding(
        subject: hostile, name: hostile, kind: "host", result: .fail, isFresh: true, value: hostile,
        observedAt: Samples.now, expiresAt: Samples.now, evidence: [Evidence(source: hostile, content: hostile)],
        fix: hostile)
    private static let reference = CommitmentReference(policy: hostile, id: hostile, summary: hostile, verdict: .stale)
    private static let summary = PolicySummary(
        id: hostile, title: hostile, issuer: hostile, version: hostile, sha256: hostile, importedAt: Samples.now,
        hasText: true, counts: VerdictCounts(of: [.kept]))
    private static let frame = PageFrame(
        organisation: hostile, slug: hostile, person: hostile, csrf: hostile, now: Samples.now,
        notices: [PageFrame.Notice(.warning, hostile)])

    static let pages: [RenderedPage] = {
        guard let renderer = try? PageRenderer() else { return [] }
        let report = StatusReport(asOf: Samples.now, commitments: [status])
        let check = CheckDetail(
            id: hostile, title: hostile, measures: hostile, population: hostile, threshold: hostile,
            freshness: .days(1),
            verdict: .broken, missing: hostile, subjects: [standing])
        let detail = CommitmentDetail(
            status: status, policyTitle: hostile, wording: [hostile], defect: hostile,
            controls: [ControlList(framework: hostile, references: [hostile])], checks: [check],
            history: [
                VerdictChange(at: Samples.now, verdict: .broken, reason: hostile, check: hostile, subject: hostile)
            ],
            shares: [], exceptions: [exception],
            proof: ProofSummary(entry: 1, verdict: .broken, asOf: Samples.now, validUntil: Samples.now))
        let host = HostSummary(
            id: hostile, name: hostile, enrolledAt: Samples.now, observedAt: Samples.now,
            results: [hostile: 3, "fail": 1])
        let span = SpanDetail(
            start: 0, end: 3, spanClass: hostile, text: hostile, endsParagraph: true, reason: hostile,
            commitments: [reference, reference])
        let ledger = LedgerPage(
            origin: hostile, verificationKey: hostile, size: 1, checkpoint: hostile,
            entries: [
                LedgerEntrySummary(
                    index: 0, at: Samples.now, actor: hostile, action: hostile, subject: hostile, rows: 1)
            ], next: nil)
        let settings = SettingsSummary(
            organisation: hostile, slug: hostile, database: hostile, dataKey: hostile, certificateExpiresAt: nil,
            people: 1, version: hostile)
        let form = FilledForm(
            values: ["name": hostile, "email": hostile, "password": hostile, "reason": hostile, "until": hostile],
            problems: ["name": hostile, "email": hostile, "password": hostile, "reason": hostile], problem: hostile)
        let trust = TrustPage(
            organisation: hostile, slug: hostile, publishedAt: Samples.now, origin: hostile, verificationKey: hostile,
            policies: [
                PublishedPolicy(
                    id: hostile, title: hostile, version: hostile, sha256: hostile,
                    commitments: [
                        PublishedCommitment(
                            id: hostile, section: hostile, summary: hostile, verdict: .kept, since: Samples.now,
                            observedAt: Samples.now, validUntil: nil, reason: hostile,
                            exceptionUntil: Samples.now + .days(1), keptShare: 1)
                    ])
            ])
        let problem = Problem(
            .refused, code: hostile, hostile, hint: hostile, place: Problem.Place(file: hostile), cause: "private cause"
        )
        return [
            RenderedPage(name: "overview", html: renderer.overview(report, policies: [summary], in: frame)),
            RenderedPage(
                name: "commitment",
                html: renderer.commitment(detail, verificationKey: hostile, exceptionForm: form, in: frame)),
            RenderedPage(name: "policies", html: renderer.policies([summary], in: frame)),
            RenderedPage(
                name: "policy",
                html: renderer.policy(PolicyDetail(policy: summary, spans: [span], defects: [hostile]), in: frame)),
            RenderedPage(name: "hosts", html: renderer.hosts([host], in: frame)),
            RenderedPage(
                name: "host",
                html: renderer.host(
                    HostDetail(
                        host: host,
                        checks: [
                            SubjectCheck(id: hostile, title: hostile, standing: standing, commitments: [reference])
                        ]),
                    in: frame)),
            RenderedPage(name: "ledger", html: renderer.ledger(ledger, in: frame)),
            RenderedPage(name: "settings", html: renderer.settings(settings, in: frame)),
            RenderedPage(name: "set-up", html: renderer.setUp(token: hostile, form: form, in: frame)),
            RenderedPage(name: "sign-in", html: renderer.signIn(form: form, in: frame)),
            RenderedPage(name: "problem", html: renderer.problem(problem, request: hostile, in: frame)),
            RenderedPage(name: "trust", html: renderer.trust(trust, now: Samples.now)),
        ] + PeopleSamples(text: hostile).pages(renderer, in: frame)
            + TokenSamples(text: hostile).pages(renderer, in: frame)
            + SiteSamples(text: hostile).pages(renderer, in: frame)
            + DetectionSamples(text: hostile).pages(renderer, in: frame)
    }()

    @Test("never becomes markup, an attribute or a template tag", arguments: pages)
    func neverBecomesMarkup(_ page: RenderedPage) {
        let markup = Markup(page.html)
        #expect(markup.faults == [])
        #expect(markup.all("script").count == 1)
        #expect(!page.html.contains("alert(1)</script>"))
        #expect(page.html.contains("&lt;script&gt;alert(1)"))
        #expect(page.html.contains("{{csrf}}"))
    }

    @Test("cannot leave its place in an address", arguments: pages)
    func cannotLeaveItsPlace(_ page: RenderedPage) {
        for tag in Markup(page.html).tags {
            for name in ["href", "action"] {
                guard let address = tag.attributes[name] else { continue }
                #expect(!address.contains("&") && !address.contains("'") && !address.contains(" "), "\(address)")
            }
        }
    }

    @Test(
        "is replaced byte for byte, and what needs nothing stays",
        arguments: [
            ("", ""), ("plain é 🧭", "plain é 🧭"),
            ("<a href=\"x\">'&'</a>", "&lt;a href=&quot;x&quot;&gt;&#39;&amp;&#39;&lt;/a&gt;"),
            ("é<\u{301}", "é&lt;\u{301}"), ("\r\n>", "\r\n&gt;"),
        ])
    func isReplaced(_ text: String, _ escaped: String) {
        #expect(PageText().escapeText(text).utf8.elementsEqual(escaped.utf8))
    }

    @Test("a problem's private cause is never shown, and a password never given back")
    func secretsStayAway() throws {
        let problem = try #require(Self.pages.first { $0.name == "problem" })
        #expect(!problem.html.contains("private cause"))
        for name in ["set-up", "sign-in"] {
            let page = try #require(Self.pages.first { $0.name == name })
            let field = try #require(Markup(page.html).all("input").first { $0.attributes["type"] == "password" })
            #expect(field.attributes["value"] == "")
        }
    }
}

import Crypto
import Foundation
import Kernel
import Testing
import Verdicts
import Wire

@testable import Pages

/// Every page, with content and without, rendered once.
struct RenderedPage: CustomTestStringConvertible, Sendable {
    let name: String
    let html: String
    var isPublic = false
    /// Signed-in pages carry the navigation.
    var hasNavigation = true

    var testDescription: String { name }

    static let frame = PageFrame(
        organisation: "Northwind Labs", slug: "northwind", person: "Ada Moreno", csrf: "form-token", now: Samples.now,
        notices: [PageFrame.Notice(.done, "The exception was asked for.")])

    static let all: [RenderedPage] = {
        guard let renderer = try? PageRenderer() else { return [] }
        let nothing = StatusReport(asOf: Samples.now, commitments: [])
        let bare = CommitmentDetail(
            status: Samples.commitments[8], policyTitle: "A policy", wording: [], defect: nil, controls: [], checks: [],
            history: [], shares: [], exceptions: [], proof: nil)
        let textless = PolicyDetail(
            policy: Samples.summary,
            spans: Samples.policy.spans.map {
                SpanDetail(
                    start: $0.start, end: $0.end, spanClass: $0.spanClass, text: nil, endsParagraph: $0.endsParagraph,
                    reason: $0.reason, commitments: $0.commitments)
            }, defects: [])
        let emptyLedger = LedgerPage(
            origin: "o", verificationKey: Samples.vkey, size: 0, checkpoint: nil, entries: [], next: nil)
        let emptyTrust = TrustPage(
            organisation: "Northwind Labs", slug: "northwind", publishedAt: Samples.now, origin: "o",
            verificationKey: Samples.vkey, policies: [])
        let wrong = FilledForm(
            values: ["name": "Ada", "reason": "Because"],
            problems: ["password": "Too short.", "until": "That day is past."],
            problem: "Some fields need another look.")
        let problem = Problem(
            .notFound, code: "commitment.not-found", "There is no such commitment.", hint: "Look at the policy.")
        return [
            RenderedPage(
                name: "overview", html: renderer.overview(Samples.report, policies: [Samples.summary], in: frame)),
            RenderedPage(name: "overview, empty", html: renderer.overview(nothing, policies: [], in: frame)),
            RenderedPage(
                name: "commitment",
                html: renderer.commitment(
                    Samples.detail, verificationKey: Samples.vkey, exceptionForm: wrong, in: frame)),
            RenderedPage(
                name: "commitment, bare", html: renderer.commitment(bare, verificationKey: Samples.vkey, in: frame)),
            RenderedPage(name: "policies", html: renderer.policies([Samples.summary], in: frame)),
            RenderedPage(name: "policies, empty", html: renderer.policies([], in: frame)),
            RenderedPage(name: "policy", html: renderer.policy(Samples.policy, in: frame)),
            RenderedPage(name: "policy, no text", html: renderer.policy(textless, in: frame)),
            RenderedPage(name: "hosts", html: renderer.hosts(Samples.hosts, in: frame)),
            RenderedPage(name: "hosts, empty", html: renderer.hosts([], in: frame)),
            RenderedPage(name: "host", html: renderer.host(Samples.host, in: frame)),
            RenderedPage(
                name: "host, empty", html: renderer.host(HostDetail(host: Samples.hosts[3], checks: []), in: frame)),
            RenderedPage(name: "ledger", html: renderer.ledger(Samples.ledger, in: frame)),
            RenderedPage(name: "ledger, empty", html: renderer.ledger(emptyLedger, in: frame)),
            RenderedPage(name: "settings", html: renderer.settings(Samples.settings, in: frame)),
            RenderedPage(
                name: "set-up", html: renderer.setUp(token: "a/b", form: wrong, in: frame), hasNavigation: false),
            RenderedPage(name: "sign-in", html: renderer.signIn(in: frame), hasNavigation: false),
            RenderedPage(
                name: "problem", html: renderer.problem(problem, request: "0192f0c1", in: frame), hasNavigation: false),
            RenderedPage(
                name: "trust", html: renderer.trust(Samples.trust, now: Samples.now), isPublic: true,
                hasNavigation: false),
            RenderedPage(
                name: "trust, empty", html: renderer.trust(emptyTrust, now: Samples.now), isPublic: true,
                hasNavigation: false),
        ] + PeopleSamples().pages(renderer, in: frame) + PeopleSamples().empty(renderer, in: frame)
            + TokenSamples().pages(renderer, in: frame) + SiteSamples().pages(renderer, in: frame)
            + SiteSamples().empty(renderer, in: frame) + DetectionSamples().pages(renderer, in: frame)
            + DetectionSamples().empty(renderer, in: frame)
    }()
}

@Suite("Every page")
struct PageTests {
    @Test("every template parses and every page has content")
    func everyPageRenders() throws {
        _ = try PageRenderer()
        #expect(RenderedPage.all.count == 71)
        for page in RenderedPage.all { #expect(page.html.utf8.count > 1500, "\(page.name)") }
    }

    @Test("is well-formed, and no id stands twice", arguments: RenderedPage.all)
    func isWellFormed(_ page: RenderedPage) {
        #expect(Markup(page.html).faults == [])
    }

    @Test("leaves no tag of a template behind", arguments: RenderedPage.all)
    func leavesNoTags(_ page: RenderedPage) {
        #expect(!page.html.contains("{{") && !page.html.contains("}}"))
        #expect(!page.html.contains("Optional(") && !page.html.contains(">false<") && !page.html.contains("\"false\""))
    }

    @Test("has one first heading, and headings that skip no level", arguments: RenderedPage.all)
    func headingsAreInOrder(_ page: RenderedPage) {
        let levels = Markup(page.html).tags.compactMap { tag in
            ["h1": 1, "h2": 2, "h3": 3, "h4": 4][tag.name]
        }
        #expect(levels.count { $0 == 1 } == 1)
        for (previous, next) in zip(levels, levels.dropFirst()) {
            #expect(next <= previous + 1, "h\(previous) then h\(next)")
        }
    }

    @Test("has its landmarks, its language and a way past the navigation", arguments: RenderedPage.all)
    func hasLandmarks(_ page: RenderedPage) {
        let markup = Markup(page.html)
        #expect(markup.all("html").first?.attributes["lang"] == "en")
        #expect(markup.all("main").count == 1)
        #expect(markup.all("title").count == 1)
        #expect(page.html.contains("<a class=\"skip\" href=\"#main\">"))
        let current = markup.all("a").filter { $0.attributes["aria-current"] == "page" }
        #expect(current.count == (page.hasNavigation ? 1 : 0))
    }

    @Test("labels every field, and what describes or labels exists", arguments: RenderedPage.all)
    func labelsEveryField(_ page: RenderedPage) {
        let markup = Markup(page.html)
        let ids = Set(markup.tags.compactMap { $0.attributes["id"] })
        let labelled = Set(markup.all("label").compactMap { $0.attributes["for"] })
        for field in markup.tags
        where ["input", "textarea"].contains(field.name) && field.attributes["type"] != "hidden" {
            #expect(field.attributes["id"].map(labelled.contains) == true, "\(field)")
        }
        for tag in markup.tags {
            for name in ["aria-describedby", "aria-labelledby", "for"] {
                for id in tag.attributes[name]?.split(separator: " ") ?? [] {
                    #expect(ids.contains(String(id)), "\(name)=\(id)")
                }
            }
            if let target = tag.attributes["href"], target.hasPrefix("#") {
                #expect(ids.contains(String(target.dropFirst())), "\(target)")
            }
        }
    }

    @Test("says every time for machines and for people", arguments: RenderedPage.all)
    func timesAreBoth(_ page: RenderedPage) {
        for time in Markup(page.html).all("time") {
            #expect(time.attributes["datetime"].flatMap { Instant($0) } != nil)
        }
    }

    @Test("asks nothing of another origin, and carries no inline style, script or handler", arguments: RenderedPage.all)
    func keepsToItsOrigin(_ page: RenderedPage) throws {
        let markup = Markup(page.html)
        #expect(markup.all("style").isEmpty)
        for tag in markup.tags {
            #expect(tag.attributes.keys.allSatisfy { $0 != "style" && !$0.hasPrefix("on") }, "\(tag)")
            for name in ["src", "href", "action"] {
                guard let address = tag.attributes[name] else { continue }
                #expect(address.hasPrefix("/") && !address.hasPrefix("//") || address.hasPrefix("#"), "\(tag)")
            }
        }
        let script = try #require(PageAsset.named("vouchsafe.js"))
        let digest = "sha384-" + Data(SHA384.hash(data: script.bytes)).base64EncodedString()
        #expect(
            markup.all("script").allSatisfy {
                $0.attributes["src"]?.hasPrefix("/assets/vouchsafe.js") == true && $0.attributes["integrity"] == digest
            })
    }

    @Test("carries the token in every form that changes something, and in no address", arguments: RenderedPage.all)
    func formsCarryTheToken(_ page: RenderedPage) {
        let forms = Markup(page.html).all("form").filter { $0.attributes["method"] == "post" }
        #expect(page.html.components(separatedBy: "name=\"csrf\" value=\"form-token\"").count - 1 == forms.count)
        for form in page.html.components(separatedBy: "<form ") where form.hasPrefix("method=\"get\"") {
            #expect(form.components(separatedBy: "</form>").first?.contains("csrf") == false)
        }
    }
}

extension String {
    func components(separatedBy separator: String) -> [Substring] {
        split(separator: separator, omittingEmptySubsequences: false)
    }
}

import Foundation
import Kernel
import Testing
import Verdicts
import Wire

@testable import Pages

@Suite("What pages say")
struct ContentTests {
    private func page(_ name: String) throws -> String {
        try #require(RenderedPage.all.first { $0.name == name }).html
    }

    @Test(
        "every verdict stands as word, shape and colour together", arguments: Verdict.allCases, ["overview", "trust"])
    func verdictsAreThreefold(_ verdict: Verdict, on name: String) throws {
        let shape = verdict.rawValue
        let mark =
            "<span class=\"verdict v-\(shape)\"><svg class=\"symbol\" aria-hidden=\"true\"><use href=\"#s-\(shape)\"/></svg>\(verdict.word)</span>"
        let html = try page(name)
        #expect(html.contains(mark))
        #expect(html.contains("<symbol id=\"s-\(shape)\""))
    }

    @Test("every symbol that is used is defined", arguments: RenderedPage.all)
    func symbolsAreDefined(_ page: RenderedPage) {
        let markup = Markup(page.html)
        let defined = Set(markup.all("symbol").compactMap { $0.attributes["id"] })
        for use in markup.all("use") {
            #expect(use.attributes["href"].map { defined.contains(String($0.dropFirst())) } == true)
        }
    }

    @Test("the overview begins with what is broken, and leads to its fix")
    func overviewBeginsWithWhatBroke() throws {
        let html = try page("overview")
        let heading = try #require(html.range(of: "1 promise is broken."))
        let concern = try #require(html.range(of: "href=\"/commitments/northwind-security/disk-encryption#remedies\""))
        let table = try #require(html.range(of: "All commitments"))
        #expect(heading.lowerBound < concern.lowerBound && concern.lowerBound < table.lowerBound)
        #expect(html.contains("Must act:</span> IT lead"))
        #expect(html.contains("5 of 10 commitments kept, 1 withdrawn"))
        #expect(html.contains("Exception waits"))
    }

    @Test("a commitment shows the worst subject first, with evidence and fix")
    func worstSubjectFirst() throws {
        let html = try page("commitment")
        let failing = try #require(html.range(of: "build-3.north.example</a></th>"))
        let passing = try #require(html.range(of: "web-1.north.example</a></th>"))
        #expect(failing.lowerBound < passing.lowerBound)
        #expect(html.contains("cryptsetup reencrypt"))
        #expect(html.contains("41 28 8:17 / /srv rw,relatime"))
        #expect(html.contains("Expired (was: pass)"))
        #expect(html.contains("vouchsafe verify disk-encryption.proof --key &#39;\(Samples.vkey)&#39;"))
    }

    @Test("a reader who may not write sees no form but the one to sign out")
    func readersSeeNoForms() throws {
        var frame = RenderedPage.frame
        frame.reach = Reach(["commitments.read", "evidence.read"])
        let html = try PageRenderer().commitment(Samples.detail, verificationKey: Samples.vkey, in: frame)
        #expect(Markup(html).all("form").map { $0.attributes["action"] } == ["/sign-out"])
    }

    @Test("the trust page names no subject, no value and no person")
    func trustNamesNobody() throws {
        let html = try page("trust")
        let secrets =
            Samples.subjects.flatMap { [$0.name, $0.value, $0.fix] }.compactMap { $0 } + ["Ada Moreno", "Jon Vik"]
        for secret in secrets { #expect(!html.contains(secret), "\(secret)") }
        #expect(html.contains("href=\"/trust/northwind/proofs/northwind-security/disk-encryption\""))
        #expect(html.contains("<link rel=\"alternate\" type=\"application/json\" href=\"/trust/northwind.json\">"))
        #expect(!html.contains("noindex"))
    }

    @Test("the trust page turns stale by itself when it is read after its evidence ran out")
    func trustTurnsStale() throws {
        let html = try PageRenderer().trust(Samples.trust, now: Samples.now + .days(3))
        #expect(html.contains("0 of 10 commitments are kept"))
    }

    @Test("the policy's text is all there, each span marked")
    func policyTextIsThere() throws {
        let html = try page("policy")
        for span in Samples.policy.spans { #expect(html.contains(span.text ?? "?")) }
        #expect(html.contains("<span class=\"span s-context\">Northwind Labs takes"))
        #expect(html.contains("<a class=\"span s-broken\" href=\"/commitments/northwind-security/disk-encryption\">"))
        #expect(try page("policy, no text").contains("vouchsafe policy import"))
    }

    @Test("the checkpoint stands verbatim, and what a ledger cannot do is said")
    func checkpointIsVerbatim() throws {
        let html = try page("ledger")
        #expect(html.contains("<code>\(Samples.ledger.checkpoint ?? "?")</code>"))
        #expect(html.contains("could rewrite the whole ledger"))
        #expect(html.contains("href=\"/ledger?before=1279\""))
    }

    @Test("a field's problem stands next to it and is announced with it")
    func problemsStandNextToFields() throws {
        let markup = Markup(try page("set-up"))
        let field = try #require(markup.all("input").first { $0.attributes["name"] == "password" })
        #expect(field.attributes["aria-describedby"] == "field-password-help field-password-problem")
        #expect(field.attributes["aria-invalid"] == "true")
        #expect(field.attributes["minlength"] == "15")
    }
}

import Foundation
import Kernel
import Testing
import Wire

@testable import Pages

@Suite("The pages of log detection")
struct DetectionPageTests {
    private let samples = DetectionSamples()

    private func page(_ name: String) throws -> Markup {
        let renderer = try PageRenderer()
        let pages =
            samples.pages(renderer, in: RenderedPage.frame) + samples.empty(renderer, in: RenderedPage.frame)
        return Markup(try #require(pages.first { $0.name == name }).html)
    }

    private func actions(_ markup: Markup) -> [String] {
        markup.all("form").compactMap { $0.attributes["action"] }.filter { $0 != "/sign-out" }
    }

    /// The hrefs of the rows, in the order in which they stand.
    private func rows(_ markup: Markup) -> [String] {
        markup.all("a").filter { $0.attributes["class"] == "promise" }.compactMap { $0.attributes["href"] }
    }

    private func alerts(_ overview: AlertOverview, showing state: String = "open") throws -> Markup {
        Markup(try PageRenderer().alerts(overview, showing: state, mayHandle: false, in: RenderedPage.frame))
    }

    @Test(
        "the headline of the alerts says what needs a person",
        arguments: [
            (["high": 3], 2, 0, "2 alerts nobody has seen to in time."),
            (["high": 1], 1, 0, "1 alert nobody has seen to in time."),
            (["high": 1, "low": 2], 0, 0, "3 alerts wait to be seen to."),
            (["low": 1], 0, 0, "1 alert waits to be seen to."),
            ([:], 0, 2, "No alert waits; somebody sees to 2."), ([:], 0, 0, "No alert is open."),
        ])
    func alertHeadlines(_ open: [String: Int], _ overdue: Int, _ handled: Int, _ headline: String) throws {
        let overview = AlertOverview(
            alerts: (0..<handled).map { samples.alert("h\($0)", "x", .low, "acknowledged") }, open: open,
            overdue: overdue, edition: 1)
        #expect(try alerts(overview).text.contains(headline))
    }

    @Test("alerts nobody saw to in time come first, then those that wait, and the closed last")
    func alertOrder() throws {
        let mixed = AlertOverview(
            alerts: samples.overview.alerts.reversed(), open: samples.overview.open, overdue: 2, edition: 1)
        #expect(
            rows(try alerts(mixed, showing: "all"))
                == ["a2", "a1", "a5", "a4", "a3", "a6", "a7"].map { "/alerts/\($0)" })
        let text = try alerts(mixed, showing: "all").text
        #expect(text.contains("Nobody has seen to these in time (2)") && text.contains("closed: harmless"))
    }

    @Test("the list follows alerts and says which it shows; the search follows nothing")
    func following() throws {
        let html = try #require(try page("alerts").all("html").first).attributes
        #expect(html["data-live"] == "/alerts/events" && html["data-live-event"] == "alerts")
        #expect(html["data-live-edition"] == "41")
        #expect(try page("log search").all("html").first?.attributes["data-live"] == nil)
        let other = try #require(try page("rules").all("html").first).attributes
        #expect(other["data-live"] == "/events" && other["data-live-event"] == "verdicts")
        var frame = RenderedPage.frame
        frame.reach = Reach(["logs.read"])
        let unseen = Markup(try PageRenderer().alerts(samples.overview, showing: "open", mayHandle: false, in: frame))
        #expect(unseen.all("html").first?.attributes["data-live"] == nil)
        #expect(rows(unseen) == [], "nothing leads to what would be refused")
    }

    @Test("every level stands as word, shape and colour together", arguments: Severity.allCases)
    func levelsAreThreefold(_ level: Severity) throws {
        let html = try PageRenderer().alerts(samples.overview, showing: "open", mayHandle: true, in: RenderedPage.frame)
        let name = level.rawValue
        #expect(
            html.contains(
                "<span class=\"level level-\(name)\"><svg class=\"symbol\" aria-hidden=\"true\"><use href=\"#s-level-\(name)\"/></svg>\(level.levelWord)</span>"
            ))
        #expect(html.contains("<symbol id=\"s-level-\(name)\""))
    }

    @Test("whoever may not act sees no form that acts")
    func readersSeeNoForms() throws {
        let renderer = try PageRenderer()
        let frame = RenderedPage.frame
        let pages = [
            renderer.alerts(samples.overview, showing: "open", mayHandle: false, in: frame),
            renderer.alert(samples.detail(), mayHandle: false, in: frame),
            renderer.logSources(samples.sourceOverview(), mayChange: false, in: frame),
            renderer.logSource(samples.sourceDetail, mayChange: false, maySearch: false, in: frame),
            renderer.logReviews(samples.reviews, maySign: false, in: frame),
            renderer.rules(samples.rules, mayChange: false, in: frame),
        ]
        for page in pages { #expect(actions(Markup(page)) == []) }
        #expect(!pages[3].contains("/logs/search"))
    }

    @Test("whoever may act has every form that is open to them")
    func formsOfThoseWhoMay() throws {
        #expect(
            actions(try page("alert")) == [
                "/alerts/a1/acknowledgement", "/alerts/a1/closing", "/alerts/a1/suppression", "/alerts/a1/tuning",
            ])
        #expect(actions(try page("alert, closed")) == ["/alerts/a1/suppression", "/alerts/a1/tuning"])
        #expect(!actions(try page("alert, bare")).contains("/alerts/a9/tuning"), "nothing to tune by")
        #expect(actions(try page("log sources")) == ["/logs"])
        #expect(actions(try page("log source")) == ["/logs/s4/removal"])
        #expect(
            actions(try page("log reviews")) == ["/logs/reviews/d1/signature", "/logs/reviews/d2/signature"])
        #expect(
            actions(try page("rules")) == [
                "/rules/suppressions/q1/end", "/rules/tunings/t2/removal", "/rules/tunings/t1/removal",
            ], "the tuning whose rule is gone first")
    }

    @Test(
        "what came back stands in the form that it was filled into, and in no other",
        arguments: [
            (["outcome": "real", "note": "typed"], "close", "field-closing-note"),
            (["days": "3", "reason": "typed"], "suppress", "field-suppression-reason"),
            (["choice": "1", "reason": "typed"], "tune", "field-tuning-reason"),
            (["form": "tuning", "reason": "typed"], "tune", "field-tuning-reason"),
        ])
    func formsKeepApart(_ values: [String: String], _ drawer: String, _ field: String) throws {
        let form = FilledForm(values: values, problem: "Look again.")
        let html = try PageRenderer().alert(samples.detail(), mayHandle: true, form: form, in: RenderedPage.frame)
        let open = Markup(html).all("details").filter { $0.attributes["open"] != nil }
        #expect(open.map { $0.attributes["id"] } == [drawer])
        #expect(html.components(separatedBy: ">typed</textarea>").count == 2)
        #expect(
            try #require(html.range(of: "id=\"\(field)\"")).lowerBound < #require(html.range(of: ">typed<")).lowerBound)
    }

    @Test("a field that may stay empty says so and is not required")
    func optionalFields() throws {
        let fields = try page("alert").all("textarea")
        #expect(fields.first { $0.attributes["id"] == "field-acknowledgement-note" }?.attributes["required"] == nil)
        #expect(fields.first { $0.attributes["id"] == "field-closing-note" }?.attributes["required"] != nil)
        let days = try #require(try page("alert").all("input").first { $0.attributes["name"] == "days" }).attributes
        #expect(days["min"] == "1" && days["max"] == "90" && days["value"] == "7" && days["type"] == "number")
    }

    @Test("the rule's author and licence are named, and its references lead nowhere")
    func attribution() throws {
        let markup = try page("alert")
        for words in ["Ada Moreno, Jon Vik", "DRL-1.1", "https://attack.example/techniques/T1110/"] {
            #expect(markup.text.contains(words))
        }
        #expect(markup.all("a").allSatisfy { $0.attributes["href"]?.contains("attack.example") == false })
        #expect(try page("alert, bare").text.contains("not named"))
    }
}

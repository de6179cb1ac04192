import Kernel
import Testing
import Wire

@testable import Pages

@Suite("The pages about logs and rules")
struct LogPageTests {
    private let samples = DetectionSamples()

    private func sources(_ sources: [LogSourceSummary], isCollecting: Bool = true) throws -> Markup {
        Markup(
            try PageRenderer().logSources(
                LogSourceOverview(
                    sources: sources, isCollecting: isCollecting, retentionDays: 90, archivedBytes: 3_412_000_000,
                    archivedRecords: 41_200_300),
                mayChange: false, in: RenderedPage.frame))
    }

    @Test("what is silent comes first, then what loses records, then what is in another form")
    func sourceOrder() throws {
        let markup = try sources(samples.sources)
        let rows = markup.all("a").filter { $0.attributes["class"] == "promise" }.compactMap { $0.attributes["href"] }
        #expect(rows == ["s2", "s3", "s4", "s5", "s1"].map { "/logs/\($0)" })
        for words in [
            "1 of 5 log sources is silent.", "1,204 lost", "17 not in its form", "12 of 40 rules can fire",
            "no rule is for it", "1.4 a second", "41,200,300 records in 3.4 GB", "kept for 90 days",
        ] { #expect(markup.text.contains(words), "\(words)") }
    }

    @Test("the headline of the sources says what is wrong, and that nothing is collected before all else")
    func sourceHeadlines() throws {
        let (fine, losing) = (samples.source("s1", "x"), samples.source("s2", "y", lost: 3))
        #expect(try sources([fine]).text.contains("The one log source sends."))
        #expect(try sources([fine, samples.source("s3", "z")]).text.contains("All 2 log sources send."))
        #expect(try sources([fine, losing]).text.contains("1 of 2 log sources lost records in the last 24 hours."))
        let still = try sources([fine], isCollecting: false).text
        #expect(still.contains("No logs are collected here.") && still.contains("--jobs all"))
        #expect(try sources([]).text.contains("vouchsafe detect"), "an empty list teaches")
    }

    @Test("the chart has a bar for each hour, as high as its share of the busiest, and the table says the same")
    func chartNumbers() throws {
        let hours = [0, 1, 50, 100].enumerated().map { position, events in
            LogHour(
                start: Samples.now - .hours(4 - position), events: events, faults: position == 2 ? 7 : 0, matches: 0)
        }
        let chart = LogHourChart(hours: hours, now: Samples.now)
        #expect(chart.bars.map(\.height) == [1, 3, 60, 120], "what is there at all is seen")
        #expect(chart.bars.map(\.isEmpty) == [true, false, false, false])
        #expect(chart.bars.map(\.x) == [0, 240, 480, 720] && chart.bars.allSatisfy { $0.y + $0.height == 120 })
        let detail = LogSourceDetail(
            source: samples.sources[0], hours: hours, faults: [], fields: [], blind: [], blindCount: 0, checks: [])
        let html = try PageRenderer().logSource(detail, mayChange: false, maySearch: false, in: RenderedPage.frame)
        #expect(
            html.contains(
                "151 events in 4 hours: at most 100 in one, 1 of 4 without any; 7 not in the source’s form".replacing(
                    "’", with: "&#39;")))
        #expect(html.components(separatedBy: "class=\"hour-bar\" ").count == 4)
        #expect(html.components(separatedBy: "class=\"hour-faults\" ").count == 2)
        #expect(html.contains("</time></th><td>50</td><td>7</td><td>0</td></tr>"))
    }

    @Test("hours that are all empty, and numbers at their end, are drawn all the same")
    func chartEnds() {
        let empty = (0..<48).map { LogHour(start: Samples.now - .hours($0), events: 0, faults: 0, matches: 0) }
        #expect(LogHourChart(hours: empty, now: Samples.now).bars.allSatisfy { $0.isEmpty && $0.height == 1 })
        let huge = [LogHour(start: Samples.now, events: .max, faults: 0, matches: 0)]
        #expect(LogHourChart(hours: huge, now: Samples.now).bars.map(\.height) == [120])
    }

    @Test("how to send is shown for what programs send, and for nothing else")
    func howToSend() throws {
        let renderer = try PageRenderer()
        func page(_ source: LogSourceSummary) -> String {
            renderer.logSource(
                LogSourceDetail(
                    source: source, hours: [], faults: [], fields: [], blind: [], blindCount: 0, checks: []),
                mayChange: false, maySearch: true, in: RenderedPage.frame)
        }
        let sent = page(samples.sources[3])
        #expect(sent.contains("@events.jsonl https://THIS-SERVER/api/v1/logs/s4/records"))
        #expect(sent.contains("href=\"/logs/search?source=s4\""))
        #expect(!page(samples.sources[0]).contains("THIS-SERVER"))
    }

    @Test("a search gives back what was asked, and until when to search for the rest")
    func searching() throws {
        let html = try PageRenderer().logSearch(
            samples.found, query: ["text": "a\"b", "source": "s3", "from": "2026-11-21", "to": ""],
            sources: samples.sources, in: RenderedPage.frame)
        let markup = Markup(html)
        #expect(markup.all("input").first { $0.attributes["name"] == "text" }?.attributes["value"] == "a&quot;b")
        #expect(
            markup.all("option").filter { $0.attributes["selected"] != nil }.map { $0.attributes["value"] } == ["s3"])
        #expect(markup.text.contains("recorded in the ledger"))
        let oldest = try #require(samples.found.records.last).receivedAt
        let until = try #require(Instant(oldest.description.prefix(16) + ":00Z")) + .minutes(1)
        #expect(markup.text.contains("set to \(until.description.prefix(16))Z"))
        let form = try #require(markup.all("form").first { $0.attributes["method"] == "get" })
        #expect(form.attributes["action"] == "/logs/search")
        #expect(markup.text.contains("One segment of build hosts cannot be opened."))
    }

    @Test("days that wait come first, the overdue marked, and each is signed on its own")
    func reviews() throws {
        let html = try PageRenderer().logReviews(
            samples.reviews, maySign: true,
            form: FilledForm(values: ["digest": "d2", "findings": "typed"], problems: ["findings": "Say more."]),
            in: RenderedPage.frame)
        let markup = Markup(html)
        #expect(markup.text.contains("1 of 2 days that wait were not reviewed in time."))
        #expect(markup.text.contains("Overdue: was to be signed by") && markup.text.contains("23 of 24 hours"))
        let wrong = markup.all("textarea").filter { $0.attributes["aria-invalid"] == "true" }
        #expect(wrong.map { $0.attributes["id"] } == ["field-d2-findings"])
        #expect(html.components(separatedBy: ">typed</textarea>").count == 2)
        #expect(
            markup.all("textarea").filter { $0.attributes["name"] == "exceptions" }.allSatisfy {
                $0.attributes["required"] == nil
            })
        let done = LogReviewOverview(waiting: [], signed: samples.reviews.signed)
        #expect(
            try PageRenderer().logReviews(done, maySign: true, in: RenderedPage.frame).contains(
                "Every day is reviewed."))
    }

    @Test(
        "a tactic's step is the share of its rules that can fire, by quarters",
        arguments: [
            (0, 0, 0), (40, 0, 0), (40, 1, 1), (40, 10, 1), (40, 11, 2), (40, 20, 2), (40, 30, 3), (40, 31, 4),
            (40, 40, 4), (1, 1, 4), (1000, 1, 1), (2, 9, 4),
        ])
    func heatSteps(_ rules: Int, _ canFire: Int, _ step: Int) {
        let coverage = TacticCoverage(tactic: "impact", rules: rules, applicable: rules, canFire: canFire, alerts: 0)
        #expect(TacticCell(coverage: coverage).step == step)
    }

    @Test("the map has every tactic in ATT&CK's order, those without a rule too, and others last")
    func heatOrder() {
        let names = TacticMap(tactics: samples.rules.tactics).cells.map(\.coverage.tactic)
        #expect(
            names == [
                "reconnaissance", "resource-development", "initial-access", "execution", "persistence",
                "privilege-escalation", "defense-evasion", "stealth", "credential-access", "discovery",
                "lateral-movement", "collection", "command-and-control", "exfiltration", "impact", "house-rules",
            ])
        #expect(TacticMap(tactics: []).cells.count == 14)
    }

    @Test("what the rules' page says")
    func ruleWords() throws {
        let markup = Markup(try PageRenderer().rules(samples.rules, mayChange: true, in: RenderedPage.frame))
        for words in [
            "3 of 123 detection rules cannot be used.", "112 of 120 look at single events, 8 at what others match",
            "2 more are not shown", "12 of 40 can fire", "0 of 40", "9 of 12", "The rule is gone",
            "vouchsafe rules update DIR",
        ] { #expect(markup.text.contains(words), "\(words)") }
        #expect(markup.tags.contains { $0.attributes["class"] == "heat-cell heat-2" })
    }
}

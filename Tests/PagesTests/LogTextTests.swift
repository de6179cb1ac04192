import Testing
import Wire

@testable import Pages

@Suite("Text out of logs")
struct LogTextTests {
    @Test(
        "shows what nobody could see, and keeps the rest",
        arguments: [
            ("plain é 🧭", "plain é 🧭"), ("a\u{202E}gpj.exe", "a\\u{202E}gpj.exe"),
            ("a\u{0}b\u{1B}[31m", "a\\u{0}b\\u{1B}[31m"),
            ("zero\u{200B}width", "zero\\u{200B}width"), ("two\nlines\r\n", "two\\nlines\\r\\n"), ("a\tb", "a\\tb"),
            ("\u{2028}", "\\u{2028}"), ("\u{85}", "\\u{85}"), ("\u{E000}", "\\u{E000}"), ("", ""),
        ])
    func lines(_ text: String, _ shown: String) {
        #expect(LogText.line(text) == shown)
    }

    @Test("keeps lines and tabs where it stands in a block")
    func blocks() {
        #expect(LogText.block("a\n\tb\r\n\u{7}") == "a\n\tb\\r\n\\u{7}")
    }

    @Test("piles no marks on a letter, and has no more lines than can be read")
    func heights() {
        let pile = LogText.line("e" + String(repeating: "\u{301}", count: 6))
        #expect(pile.unicodeScalars.elementsEqual("e\u{301}\u{301}\u{301}\u{301}\\u{301}\\u{301}".unicodeScalars))
        #expect(LogText.block(String(repeating: "\n", count: 500)).utf8.count { $0 == 10 } == 59)
        #expect(LogText.line("Việt Nam, हिन्दी, ไทย") == "Việt Nam, हिन्दी, ไทย")
    }

    @Test(
        "is of bounded length, whatever it is made of",
        arguments: ["a", "é", "🧭", "e\u{301}\u{301}\u{301}", "\u{202E}", "\u{0}"])
    func bounded(_ piece: String) {
        let text = String(repeating: piece, count: 100_000)
        let shown = LogText.line(text, longest: 100)
        #expect(shown.unicodeScalars.count <= 100 * 9 + 40)
        #expect(shown.hasSuffix("… (\(grouped(text.utf8.count)) bytes in all)"))
    }

    @Test("a page stays small, however much a log puts on it")
    func pagesStaySmall() throws {
        let long = String(repeating: "\u{202E}<&\"'", count: 60_000)
        let field = AlertEvent.Field(name: long, value: long)
        let event = AlertEvent(at: Samples.now, source: long, fields: Array(repeating: field, count: 2))
        let sample = DetectionSamples().detail()
        let detail = AlertDetail(
            alert: sample.alert, events: Array(repeating: event, count: 3), description: long, author: long,
            license: long,
            references: [long], falsePositives: [long], tags: [long], steps: [],
            tunable: Array(repeating: field, count: 5))
        let html = try PageRenderer().alert(detail, mayHandle: true, in: RenderedPage.frame)
        #expect(html.utf8.count < 500_000)
        #expect(!html.unicodeScalars.contains("\u{202E}"))
        #expect(Markup(html).faults == [])
    }

    @Test(
        "sizes and rates are in words",
        arguments: [
            (0, "0 bytes"), (1, "1 byte"), (999, "999 bytes"), (1000, "1.0 kB"), (3_412_000_000, "3.4 GB"),
            (1_999_999, "1.9 MB"), (-5, "0 bytes"),
        ])
    func sizes(_ bytes: Int, _ words: String) {
        #expect(size(ofBytes: bytes) == words)
    }

    @Test(
        "a rate is never told as more than it is",
        arguments: [
            (0.0, "none now"), (0.01, "under 0.1 a second"), (1.48, "1.4 a second"), (99.96, "99.9 a second"),
            (1234.5, "1,234 a second"), (.nan, "none now"), (.infinity, "none now"), (-1, "none now"),
        ])
    func rates(_ perSecond: Double, _ words: String) {
        #expect(rate(perSecond: perSecond) == words)
    }
}

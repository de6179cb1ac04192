import Kernel
import Testing
import Verdicts

@testable import Pages

@Suite("Words and shapes")
struct WordsTests {
    @Test(
        "distances are told in the largest unit that fits",
        arguments: [
            (Period.seconds(-59), "just now"), (.seconds(-60), "1 minute ago"), (.hours(-2), "2 hours ago"),
            (.hours(-47), "47 hours ago"), (.days(-2), "2 days ago"), (.days(-75), "2 months ago"),
            (.days(-800), "2 years ago"), (.hours(3), "in 3 hours"), (.seconds(30), "just now"),
        ])
    func distances(_ period: Period, _ words: String) {
        #expect(Moment.distance(from: Samples.now, to: Samples.now + period) == words)
    }

    @Test("a time is readable and exact")
    func timeIsReadable() throws {
        let moment = Moment(try #require(Instant("2026-03-01T09:05:07Z")), now: nil)
        #expect(moment.text == "1 Mar 2026, 09:05 UTC")
        #expect(moment.iso == "2026-03-01T09:05:07.000Z")
        #expect(moment.ago == "")
    }

    @Test(
        "a share is never rounded up to all or down to nothing",
        arguments: [
            (0.0, "0 %"), (1.0, "100 %"), (0.9999, "99.9 %"), (0.0001, "under 0.1 %"), (0.973, "97.3 %"),
            (0.5, "50.0 %"),
            (Double.nan, "0 %"),
        ])
    func shares(_ share: Double, _ text: String) {
        #expect(percentage(share) == text)
    }

    @Test(
        "a segment of a path stays one segment",
        arguments: [
            ("a/b", "a%2Fb"), ("..", "%2E%2E"), ("x.y-z_~1", "x.y-z_~1"), ("é?#", "%C3%A9%3F%23"), ("a b", "a%20b"),
        ])
    func segments(_ text: String, _ encoded: String) {
        #expect(text.asPathSegment == encoded)
    }

    @Test("numbers are grouped, and lists end in and")
    func numbersAndLists() {
        #expect(grouped(1_234_567) == "1,234,567")
        #expect(count(1, "host") == "1 host")
        #expect(enumeration(["a", "b", "c"]) == "a, b and c")
        #expect(enumeration(["a", "b", "c", "d", "e", "f"], longest: 3) == "a, b, c and 3 more")
    }

    @Test("a bar fills its width exactly, in order, and shows whatever is there at all", arguments: 0..<200)
    func barsFill(_ seed: Int) {
        var state = UInt64(seed) &* 0x9E37_79B9_7F4A_7C15 &+ 1
        func next(_ limit: UInt64) -> UInt64 {
            state ^= state << 13
            state ^= state >> 7
            state ^= state << 17
            return state % limit
        }
        let parts = Verdict.allCases.map {
            (name: $0.rawValue, amount: Double(next(3) == 0 ? 0 : next(seed % 3 == 0 ? 4 : 2000)))
        }
        let segments = Segment.bar(parts)
        let present = parts.filter { $0.amount > 0 }
        #expect(segments.map(\.name) == present.map(\.name))
        #expect(segments.allSatisfy { $0.width >= 5 })
        for (left, right) in zip(segments, segments.dropFirst()) { #expect(left.x + left.width + 3 == right.x) }
        if let last = segments.last { #expect(last.x + last.width == 1000) }
    }
}

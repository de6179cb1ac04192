import Kernel
import Testing

@Suite("Moments in time")
struct InstantTests {
    @Test(
        "read RFC 3339 and write one canonical form",
        arguments: [
            ("2026-03-01T00:00Z", "2026-03-01T00:00:00.000Z"), ("2026-03-01", "2026-03-01T00:00:00.000Z"),
            ("2026-03-01T01:30:00.25+01:30", "2026-03-01T00:00:00.250Z"),
            ("1969-12-31T23:59:59.999Z", "1969-12-31T23:59:59.999Z"),
            ("2024-02-29T12:00:00Z", "2024-02-29T12:00:00.000Z"), ("0001-01-01T00:00:00Z", "0001-01-01T00:00:00.000Z"),
            ("9999-12-31T23:59:59Z", "9999-12-31T23:59:59.000Z"),
            ("2026-03-01 08:15:30.123456789Z", "2026-03-01T08:15:30.123Z"),
        ])
    func reading(text: String, canonical: String) throws {
        #expect(try #require(Instant(text)).description == canonical)
    }

    @Test(
        "refuse what is no moment",
        arguments: [
            "", "2026", "2026-02-29", "2026-13-01", "2026-00-10", "2026-04-31T00:00Z", "2026-03-01T24:00Z",
            "2026-03-01T00:60Z", "2026-03-01T00:00", "2026-03-01T00:00:00.Z", "2026-03-01T00:00Zx", "٢٠٢٦-03-01",
            "2026-03-01T00:00+24:00", "+026-03-01",
        ])
    func refusing(text: String) {
        #expect(Instant(text) == nil)
    }

    @Test("survive the way through their text for any day of six centuries")
    func roundTrip() throws {
        for day in stride(from: Int64(-100_000), to: 120_000, by: 37) {
            let instant = Instant(milliseconds: day * 86_400_000 + day % 86_400_000)
            #expect(try #require(Instant(instant.description)) == instant)
        }
    }

    @Test("never overflow when a period is added or taken")
    func saturation() {
        #expect(Instant(milliseconds: .max) + .days(1) == .distantFuture)
        #expect(Instant(milliseconds: .min) - .days(1) == .distantPast)
    }
}

@Suite("Lengths of time")
struct PeriodTests {
    @Test(
        "read as policies write them, and write the largest unit that is exact",
        arguments: [
            ("26h", "26h"), ("90d", "90d"), ("24h", "1d"), ("60s", "1m"), ("2w", "14d"), ("1500ms", "1500ms"),
            ("0s", "0s"),
        ])
    func reading(text: String, canonical: String) throws {
        #expect(try #require(Period(text)).description == canonical)
    }

    @Test(
        "refuse what is none",
        arguments: ["", "h", "26", "-1h", "1.5h", "26 h", "99999999999999999999d", "40000d", "1y"])
    func refusing(text: String) {
        #expect(Period(text) == nil)
    }
}

/// A date and time of day as somebody else's log writes it, with what it says about its time zone.
///
/// ``Instant`` reads one form strictly, for what people and programs tell us. This reads the many that logs have.
public struct WrittenDate: Hashable, Sendable {
    /// The year.
    public private(set) var year: Int
    /// The month, 1…12.
    public let month: Int
    /// The day of the month, 1…31.
    public let day: Int
    /// The hour, 0…23.
    public private(set) var hour = 0
    /// The minute, 0…59.
    public private(set) var minute = 0
    /// The second, 0…60.
    public private(set) var second = 0
    /// Billionths of a second.
    public private(set) var nanosecond = 0
    /// How far its clock is ahead of UTC, in seconds; 0 where it says nothing.
    public private(set) var offset = 0

    /// Reads ISO 8601 (`2026-11-22T10:00:00.5+01:00`, with a space or `T`, with or without a zone), the date of a web server's
    /// log (`22/Nov/2026:10:00:00 +0100`), or a count since 1970 in seconds, milliseconds, microseconds or nanoseconds.
    public init?(_ text: UnsafeBufferPointer<UInt8>) {
        var reader = Digits(text)
        let start = reader.place
        guard let first = reader.number(), reader.place - start <= 19 else { return nil }
        let digits = reader.place - start
        if digits >= 9 || (reader.isAtEnd && digits > 4) {
            guard let date = Self(since1970: first, digits: digits, &reader) else { return nil }
            self = date
            return
        }
        if digits <= 2, reader.take("/") {
            guard let month = reader.month(), reader.take("/"), let year = reader.number(count: 4) else { return nil }
            self.init(year: year, month: month, day: first)
            guard reader.take(":") else { return nil }
        } else {
            guard digits == 4, reader.take("-") || reader.take("/"), let month = reader.number(count: 2),
                reader.take("-") || reader.take("/"), let day = reader.number(count: 2)
            else { return nil }
            self.init(year: first, month: month, day: day)
            guard !reader.isAtEnd else {
                guard isPossible else { return nil }
                return
            }
            guard reader.take("T") || reader.take("t") || reader.take(" ") else { return nil }
        }
        guard let hour = reader.number(count: 2), reader.take(":"), let minute = reader.number(count: 2) else {
            return nil
        }
        (self.hour, self.minute) = (hour, minute)
        if reader.take(":") {
            guard let second = reader.number(count: 2) else { return nil }
            self.second = second
            if reader.take(".") || reader.take(",") { nanosecond = reader.fraction() }
        }
        _ = reader.take(" ")
        guard let offset = reader.zone(), reader.isAtEnd, isPossible else { return nil }
        self.offset = offset
    }

    /// Reads the date of classic syslog, which has no year: `Nov 22 10:00:00`, in RFC 3164 section 4.1.2.
    ///
    /// - Parameters:
    ///   - text: The date alone.
    ///   - now: When it was received: the year is chosen so that it lies at most a day ahead.
    public init?(withoutYear text: UnsafeBufferPointer<UInt8>, receivedAt now: Instant) {
        var reader = Digits(text)
        guard let month = reader.month(), reader.take(" ") else { return nil }
        _ = reader.take(" ")
        guard let day = reader.number(), day <= 31, reader.take(" "), let hour = reader.number(count: 2),
            reader.take(":"), let minute = reader.number(count: 2), reader.take(":"),
            let second = reader.number(count: 2)
        else { return nil }
        let year = CivilTime(now).year
        self.init(year: year, month: month, day: day)
        (self.hour, self.minute, self.second) = (hour, minute, second)
        if reader.take(".") { nanosecond = reader.fraction() }
        guard reader.isAtEnd else { return nil }
        let lead = Period(milliseconds: 86_400_000)
        if instant > now + lead { self.year = year - 1 }
        guard isPossible else { return nil }
    }

    private init(year: Int, month: Int, day: Int) {
        self.year = year
        self.month = month
        self.day = day
    }

    private init?(since1970 count: Int, digits: Int, _ reader: inout Digits) {
        let unit = digits <= 11 ? 1 : digits <= 14 ? 1000 : digits <= 17 ? 1_000_000 : 1_000_000_000
        var nanoseconds = count % unit * (1_000_000_000 / unit)
        if unit == 1, reader.take(".") { nanoseconds = reader.fraction() }
        guard reader.isAtEnd else { return nil }
        let time = CivilTime(Instant(milliseconds: Int64(count / unit) * 1000))
        self.init(year: time.year, month: time.month, day: time.day)
        (hour, minute, second, nanosecond) = (time.hour, time.minute, time.second, nanoseconds)
    }

    private var isPossible: Bool {
        (1...12).contains(month) && day >= 1 && day <= CivilTime.days(inMonth: month, of: year)
            && (0...23).contains(hour) && (0...59).contains(minute) && (0...60).contains(second)
    }

    /// Days since 1970.
    private var days: Int { Int(CivilTime.daysSinceEpoch(year: year, month: month, day: day)) }

    /// The moment, finer than a millisecond cut off.
    public var instant: Instant {
        let seconds = days * 86400 + hour * 3600 + minute * 60 + second - offset
        return Instant(milliseconds: Int64(seconds) * 1000 + Int64(nanosecond / 1_000_000))
    }

    /// Seconds since 1970.
    public var seconds: Double {
        Double(days * 86400 + hour * 3600 + minute * 60 + second - offset) + Double(nanosecond) / 1_000_000_000
    }

    /// The week by ISO 8601: weeks begin on Monday, and belong to the year that has their Thursday.
    public var week: Int {
        let weekday = ((days + 3) % 7 + 7) % 7
        let thursday = days - weekday + 3
        for year in [year + 1, year, year - 1] {
            let first = Int(CivilTime.daysSinceEpoch(year: year, month: 1, day: 1))
            if first <= thursday { return (thursday - first) / 7 + 1 }
        }
        return 1
    }

    private struct Digits {
        let text: UnsafeBufferPointer<UInt8>
        var place = 0

        init(_ text: UnsafeBufferPointer<UInt8>) { self.text = text }

        var isAtEnd: Bool { place == text.count }

        mutating func take(_ character: Unicode.Scalar) -> Bool {
            guard place < text.count, text[place] == UInt8(ascii: character) else { return false }
            place += 1
            return true
        }

        /// Digits, at most 19 of them, as a number; exactly `count` where that is given.
        mutating func number(count: Int? = nil) -> Int? {
            let start = place
            var value = 0
            while place < text.count, place - start < (count ?? 19), text[place] &- UInt8(ascii: "0") < 10 {
                let (product, overflows) = value.multipliedReportingOverflow(by: 10)
                guard !overflows, product <= Int.max - 9 else { return nil }
                value = product + Int(text[place] - UInt8(ascii: "0"))
                place += 1
            }
            guard place > start, count == nil || place - start == count else { return nil }
            return value
        }

        /// Digits behind a point as billionths; more than nine are cut off.
        mutating func fraction() -> Int {
            var value = 0
            var unit = 100_000_000
            while place < text.count, text[place] &- UInt8(ascii: "0") < 10 {
                value += Int(text[place] - UInt8(ascii: "0")) * unit
                unit /= 10
                place += 1
            }
            return value
        }

        /// `Z`, `UTC`, `+01:00`, `+0100`, or nothing.
        mutating func zone() -> Int? {
            if isAtEnd || take("Z") || take("z") { return 0 }
            if take("U") { return take("T") && take("C") ? 0 : nil }
            let isBehind = take("-")
            guard isBehind || take("+"), let hours = number(count: 2) else { return nil }
            _ = take(":")
            guard let minutes = isAtEnd ? 0 : number(count: 2) else { return nil }
            return (hours * 3600 + minutes * 60) * (isBehind ? -1 : 1)
        }

        mutating func month() -> Int? {
            let names = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"]
            guard place + 3 <= text.count else { return nil }
            let name = String(decoding: text[place..<(place + 3)], as: UTF8.self).lowercased()
            place += 3
            return names.firstIndex(of: name).map { $0 + 1 }
        }
    }
}

/// A moment in UTC, to the millisecond: the only notion of time that crosses a wire, a row or a proof.
///
/// Text is RFC 3339 in UTC (`2026-03-01T00:00:00.000Z`). Reading accepts a missing second or fraction and a numeric offset,
/// because people type times; writing always gives the one canonical form, because hashes are made over it.
public struct Instant: Hashable, Comparable, Sendable {
    /// Milliseconds since 1970-01-01T00:00:00Z, leap seconds not counted.
    public let milliseconds: Int64

    /// The moment `milliseconds` after 1970-01-01T00:00:00Z.
    public init(milliseconds: Int64) {
        self.milliseconds = milliseconds
    }

    /// The far past, which stands for "since ever": the beginning of the year 1.
    public static let distantPast = Instant(milliseconds: -62_135_596_800_000)
    /// The far future, which stands for "without end": the end of the year 9999.
    public static let distantFuture = Instant(milliseconds: 253_402_300_799_000)

    /// The order of their values.
    public static func < (left: Instant, right: Instant) -> Bool { left.milliseconds < right.milliseconds }

    /// The moment `period` later, or the distant future where that would overflow.
    public static func + (left: Instant, right: Period) -> Instant {
        let (sum, overflow) = left.milliseconds.addingReportingOverflow(right.milliseconds)
        return overflow ? .distantFuture : Instant(milliseconds: sum)
    }

    /// The moment `period` earlier, or the distant past where that would overflow.
    public static func - (left: Instant, right: Period) -> Instant {
        let (difference, overflow) = left.milliseconds.subtractingReportingOverflow(right.milliseconds)
        return overflow ? .distantPast : Instant(milliseconds: difference)
    }

    /// The time that passed from `right` to `left`; negative if `left` came first.
    public static func - (left: Instant, right: Instant) -> Period {
        Period(milliseconds: left.milliseconds - right.milliseconds)
    }
}

// MARK: - Text

extension Instant: CustomStringConvertible, LosslessStringConvertible {
    /// The canonical RFC 3339 form, always with milliseconds and `Z`.
    public var description: String {
        let parts = CivilTime(self)
        var bytes: [UInt8] = []
        bytes.reserveCapacity(24)
        bytes.appendDecimal(parts.year, width: 4)
        bytes.append(UInt8(ascii: "-"))
        bytes.appendDecimal(parts.month, width: 2)
        bytes.append(UInt8(ascii: "-"))
        bytes.appendDecimal(parts.day, width: 2)
        bytes.append(UInt8(ascii: "T"))
        bytes.appendDecimal(parts.hour, width: 2)
        bytes.append(UInt8(ascii: ":"))
        bytes.appendDecimal(parts.minute, width: 2)
        bytes.append(UInt8(ascii: ":"))
        bytes.appendDecimal(parts.second, width: 2)
        bytes.append(UInt8(ascii: "."))
        bytes.appendDecimal(parts.millisecond, width: 3)
        bytes.append(UInt8(ascii: "Z"))
        return String(decoding: bytes, as: UTF8.self)
    }

    /// Reads RFC 3339 (`2026-03-01T00:00Z`, `2026-03-01T00:00:00.250+01:00`) or a bare date, which means its first moment in UTC.
    ///
    /// - Returns: `nil` for anything else, dates that do not exist included.
    public init?(_ text: String) {
        var reader = DigitReader(text.utf8)
        guard let year = reader.digits(4), reader.take("-"), let month = reader.digits(2), reader.take("-"),
            let day = reader.digits(2), (1...12).contains(month),
            day >= 1, day <= CivilTime.days(inMonth: month, of: year)
        else { return nil }
        var milliseconds = CivilTime.daysSinceEpoch(year: year, month: month, day: day) * 86_400_000
        if reader.isAtEnd {
            self.init(milliseconds: milliseconds)
            return
        }
        guard reader.take("T") || reader.take("t") || reader.take(" "), let hour = reader.digits(2), hour < 24,
            reader.take(":"), let minute = reader.digits(2), minute < 60
        else { return nil }
        milliseconds += Int64(hour) * 3_600_000 + Int64(minute) * 60_000
        if reader.take(":") {
            guard let second = reader.digits(2), second < 60 else { return nil }
            milliseconds += Int64(second) * 1000
            if reader.take(".") {
                guard let fraction = reader.fractionAsMilliseconds() else { return nil }
                milliseconds += Int64(fraction)
            }
        }
        guard let offset = reader.offsetInMinutes(), reader.isAtEnd else { return nil }
        self.init(milliseconds: milliseconds - Int64(offset) * 60_000)
    }
}

extension Instant: Codable {
    /// Reads it as it is written in JSON.
    ///
    /// - Throws: `DecodingError` for anything else.
    public init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        let text = try container.decode(String.self)
        guard let instant = Instant(text) else {
            throw DecodingError.dataCorruptedError(in: container, debugDescription: "not an RFC 3339 time: \(text)")
        }
        self = instant
    }

    /// Writes it as JSON has it.
    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(description)
    }
}

// MARK: - Calendar

/// The parts of a moment in the proleptic Gregorian calendar, UTC.
///
/// Own arithmetic because statements and log entries are formatted in hot paths, where Foundation's calendars cost
/// a hundred times as much (docs/decisions/0002-time.md). Method: Howard Hinnant, "chrono-Compatible Low-Level Date Algorithms".
public struct CivilTime: Hashable, Sendable {
    /// The year.
    public let year: Int
    /// The month, 1…12.
    public let month: Int
    /// The day of the month, 1…31.
    public let day: Int
    /// The hour, 0…23.
    public let hour: Int
    /// The minute, 0…59.
    public let minute: Int
    /// The second, 0…59.
    public let second: Int
    /// The millisecond, 0…999.
    public let millisecond: Int

    /// The calendar parts of `instant`.
    public init(_ instant: Instant) {
        let days = instant.milliseconds.flooringDivision(by: 86_400_000)
        var rest = Int(instant.milliseconds - days * 86_400_000)
        let shifted = days + 719_468
        let era = shifted.flooringDivision(by: 146_097)
        let dayOfEra = shifted - era * 146_097
        let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let monthFromMarch = (5 * dayOfYear + 2) / 153
        day = Int(dayOfYear - (153 * monthFromMarch + 2) / 5 + 1)
        month = Int(monthFromMarch < 10 ? monthFromMarch + 3 : monthFromMarch - 9)
        year = Int(yearOfEra + era * 400) + (month <= 2 ? 1 : 0)
        hour = rest / 3_600_000
        rest %= 3_600_000
        minute = rest / 60_000
        rest %= 60_000
        second = rest / 1000
        millisecond = rest % 1000
    }

    /// How many days a month has.
    public static func days(inMonth month: Int, of year: Int) -> Int {
        switch month {
        case 2: year.isMultiple(of: 4) && (!year.isMultiple(of: 100) || year.isMultiple(of: 400)) ? 29 : 28
        case 4, 6, 9, 11: 30
        default: 31
        }
    }

    /// Days from 1970-01-01 to a date; negative before.
    public static func daysSinceEpoch(year: Int, month: Int, day: Int) -> Int64 {
        let shiftedYear = Int64(month <= 2 ? year - 1 : year)
        let era = shiftedYear.flooringDivision(by: 400)
        let yearOfEra = shiftedYear - era * 400
        let monthFromMarch = Int64(month > 2 ? month - 3 : month + 9)
        let dayOfYear = (153 * monthFromMarch + 2) / 5 + Int64(day) - 1
        let dayOfEra = yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear
        return era * 146_097 + dayOfEra - 719_468
    }
}

extension Int64 {
    fileprivate func flooringDivision(by divisor: Int64) -> Int64 {
        let quotient = self / divisor
        return self % divisor < 0 ? quotient - 1 : quotient
    }
}

extension [UInt8] {
    fileprivate mutating func appendDecimal(_ value: Int, width: Int) {
        var divisor = 1
        for _ in 1..<width { divisor *= 10 }
        while divisor > 0 {
            append(UInt8(ascii: "0") + UInt8(value / divisor % 10))
            divisor /= 10
        }
    }
}

/// Reads the fixed-width digits of a time, byte by byte.
private struct DigitReader {
    private var bytes: Substring.UTF8View.SubSequence

    init(_ bytes: String.UTF8View) {
        self.bytes = bytes[...]
    }

    var isAtEnd: Bool { bytes.isEmpty }

    mutating func take(_ character: Unicode.Scalar) -> Bool {
        guard bytes.first == UInt8(ascii: character) else { return false }
        bytes.removeFirst()
        return true
    }

    mutating func digits(_ count: Int) -> Int? {
        var value = 0
        for _ in 0..<count {
            guard let byte = bytes.first, (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) else { return nil }
            value = value * 10 + Int(byte - UInt8(ascii: "0"))
            bytes.removeFirst()
        }
        return value
    }

    /// One to nine digits after the point; what is finer than a millisecond is cut off.
    mutating func fractionAsMilliseconds() -> Int? {
        var value = 0
        var count = 0
        while let digit = digits(1) {
            if count < 3 { value = value * 10 + digit }
            count += 1
            if count > 9 { return nil }
        }
        guard count > 0 else { return nil }
        for _ in 0..<max(0, 3 - count) { value *= 10 }
        return value
    }

    mutating func offsetInMinutes() -> Int? {
        if take("Z") || take("z") { return 0 }
        let sign: Int
        if take("+") { sign = 1 } else if take("-") { sign = -1 } else { return nil }
        guard let hours = digits(2), hours < 24, take(":"), let minutes = digits(2), minutes < 60 else { return nil }
        return sign * (hours * 60 + minutes)
    }
}

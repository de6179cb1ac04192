import Kernel

/// Reads the times of entries. Most fall on the day of the one before, which is looked up in the calendar only once.
struct TimeReader {
    private var day: [UInt8] = []
    private var midnight: Int64 = 0

    /// The moment that the 24 bytes of its canonical text spell: `2026-03-01T00:00:00.000Z`.
    ///
    /// - Returns: `nil` for any other spelling, and for dates that do not exist.
    mutating func instant(_ text: Span<UInt8>) -> Instant? {
        guard text.count == 24, text[10] == UInt8(ascii: "T"), text[13] == UInt8(ascii: ":"),
            text[16] == UInt8(ascii: ":"), text[19] == UInt8(ascii: "."), text[23] == UInt8(ascii: "Z"),
            let hour = Self.number(text, 11..<13), hour < 24, let minute = Self.number(text, 14..<16), minute < 60,
            let second = Self.number(text, 17..<19), second < 60, let millisecond = Self.number(text, 20..<23)
        else { return nil }
        if !text.extracting(..<10).isEqual(to: day) {
            // A bare date is its first moment.
            guard let first = Instant(text.text(0..<10)) else { return nil }
            day.removeAll(keepingCapacity: true)
            day.append(text.extracting(..<10))
            midnight = first.milliseconds
        }
        return Instant(milliseconds: midnight + ((hour * 60 + minute) * 60 + second) * 1000 + millisecond)
    }

    private static func number(_ text: Span<UInt8>, _ digits: Range<Int>) -> Int64? {
        var value: Int64 = 0
        for index in digits {
            let digit = text[index] &- UInt8(ascii: "0")
            guard digit <= 9 else { return nil }
            value = value * 10 + Int64(digit)
        }
        return value
    }
}

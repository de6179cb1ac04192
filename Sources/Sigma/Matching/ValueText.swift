import Kernel

/// What a value's bytes mean where they are not compared as text.
enum ValueText {
    /// A number; `nil` for what is none.
    static func number(_ text: UnsafeBufferPointer<UInt8>) -> Double? {
        guard text.count <= 40, !text.isEmpty else { return nil }
        if text.count <= 15, let whole = whole(text[...]) { return Double(whole) }
        // Swift would read infinity and hexadecimal numbers too, which no log means by such words.
        guard text.allSatisfy({ $0 &- UInt8(ascii: "0") < 10 || "+-.eE".utf8.contains($0) }) else { return nil }
        return Double(String(decoding: text, as: UTF8.self))
    }

    /// The digits of a whole number, with or without a sign.
    private static func whole(_ text: Slice<UnsafeBufferPointer<UInt8>>) -> Int? {
        var value = 0
        let isNegative = text.first == UInt8(ascii: "-")
        let digits = isNegative ? text.dropFirst() : text
        guard !digits.isEmpty else { return nil }
        for byte in digits {
            guard byte &- UInt8(ascii: "0") < 10 else { return nil }
            value = value * 10 + Int(byte - UInt8(ascii: "0"))
        }
        return isNegative ? -value : value
    }

    /// A part of a date, as it is written; `nil` for what is no date.
    static func part(_ part: DatePart, of text: UnsafeBufferPointer<UInt8>) -> Double? {
        guard let date = WrittenDate(text) else { return nil }
        let number =
            switch part {
            case .minute: date.minute
            case .hour: date.hour
            case .day: date.day
            case .week: date.week
            case .month: date.month
            case .year: date.year
            }
        return Double(number)
    }
}

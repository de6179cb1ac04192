import Kernel

/// What a value's bytes mean where they are not compared as text.
enum ValueText {
    /// A number; `nil` for what is none.
    static func number(_ text: UnsafeBufferPointer<UInt8>) -> Double? {
        guard text.count <= 40, !text.isEmpty else { return nil }
        if text.count <= 15, let whole = whole(text[...]) { return Double(whole) }
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

    /// Tells whether a value and another field's value stand to each other like this.
    static func relates(
        _ value: UnsafeBufferPointer<UInt8>, _ other: UnsafeBufferPointer<UInt8>, _ relation: FieldRelation,
        isCased: Bool
    ) -> Bool {
        let (value, other) =
            isCased
            ? (Array(value), Array(other)) : (CaseFolding.folded(Array(value)), CaseFolding.folded(Array(other)))
        return switch relation {
        case .equal: value == other
        case .prefix: value.starts(with: other)
        case .suffix: value.reversed().starts(with: other.reversed())
        case .contained: contains(value, other)
        }
    }

    private static func contains(_ value: [UInt8], _ other: [UInt8]) -> Bool {
        guard let first = other.first else { return true }
        guard other.count <= value.count else { return false }
        return (0...(value.count - other.count)).contains { start in
            value[start] == first && value[start..<(start + other.count)].elementsEqual(other)
        }
    }
}

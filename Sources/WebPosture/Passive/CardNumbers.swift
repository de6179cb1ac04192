/// The numbers of payment cards: the lengths and beginnings of the large networks, and the digit that checks the others.
enum CardNumbers {
    /// Tells whether `text` is such a number, with blanks or hyphens between groups or without.
    static func isCard(_ text: String) -> Bool {
        let digits = text.utf8.filter { $0 != 0x20 && $0 != UInt8(ascii: "-") }
        return digits.allSatisfy(\.isDigit) && network(of: digits) != nil && checks(digits)
    }

    /// The numbers that stand in a text, each as it is spelled there, at most ten.
    static func found(in bytes: [UInt8]) -> [Range<Int>] {
        var found: [Range<Int>] = []
        var at = 0
        while at < bytes.count, found.count < 10 {
            guard bytes[at].isDigit else {
                at += 1
                continue
            }
            let range = sequence(in: bytes, from: at)
            at = range.upperBound
            let digits = bytes[range].filter(\.isDigit)
            guard (12...19).contains(digits.count), network(of: digits) != nil, checks(digits),
                !isPartOfMore(range, of: bytes)
            else { continue }
            found.append(range)
        }
        return found
    }

    /// Groups of at least three digits with one blank or hyphen between them.
    private static func sequence(in bytes: [UInt8], from start: Int) -> Range<Int> {
        var end = start
        while true {
            var group = end
            while group < bytes.count, bytes[group].isDigit { group += 1 }
            guard group - end >= 3 || end == start else { return start..<(end - 1) }
            end = group
            guard end - start < 40, end + 1 < bytes.count, bytes[end].isHTMLSpace || bytes[end] == UInt8(ascii: "-"),
                bytes[end + 1].isDigit
            else { return start..<end }
            end += 1
        }
    }

    /// Tells whether a letter, or a point or comma with a digit, makes it a piece of another number or name.
    private static func isPartOfMore(_ range: Range<Int>, of bytes: [UInt8]) -> Bool {
        let isJoint = { (byte: UInt8) in
            byte == UInt8(ascii: ".") || byte == UInt8(ascii: ",") || byte == UInt8(ascii: "-")
        }
        if range.lowerBound > 0 {
            let before = bytes[range.lowerBound - 1]
            if before.isLetter || before == UInt8(ascii: "_") { return true }
            if isJoint(before), range.lowerBound > 1, bytes[range.lowerBound - 2].isDigit { return true }
        }
        if range.upperBound < bytes.count {
            let behind = bytes[range.upperBound]
            if behind.isLetter || behind == UInt8(ascii: "_") { return true }
            if isJoint(behind), range.upperBound + 1 < bytes.count, bytes[range.upperBound + 1].isDigit { return true }
        }
        return false
    }

    private static func network(of digits: [UInt8]) -> String? {
        let number = { (count: Int) in digits.prefix(count).reduce(0) { $0 * 10 + Int($1 - 0x30) } }
        let (two, three, four) = (number(2), number(3), number(4))
        switch digits.count {
        case 13 where digits.first == 0x34: return "Visa"
        case 14 where (300...305).contains(three) || two == 36 || two == 38: return "Diners Club"
        case 15 where two == 34 || two == 37: return "American Express"
        case 15 where four == 2131 || four == 1800: return "JCB"
        case 16 where digits.first == 0x34: return "Visa"
        case 16 where (51...55).contains(two) || (2221...2720).contains(four): return "Mastercard"
        case 16 where four == 6011 || two == 65: return "Discover"
        case 16 where two == 35: return "JCB"
        case 12...19 where [50, 56, 57, 58].contains(two) || [6304, 6390].contains(four) || two == 67: return "Maestro"
        default: return nil
        }
    }

    /// The last digit makes the weighted sum a multiple of ten (ISO/IEC 7812-1 annex B).
    private static func checks(_ digits: [UInt8]) -> Bool {
        var sum = 0
        for (index, digit) in digits.reversed().enumerated() {
            let value = Int(digit - 0x30) * (index % 2 == 0 ? 1 : 2)
            sum += value > 9 ? value - 9 : value
        }
        return sum % 10 == 0 && sum > 0
    }
}

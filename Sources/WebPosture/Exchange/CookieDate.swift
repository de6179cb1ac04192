import Kernel

/// Reads the time at which a cookie ends, in any of the spellings that servers send (RFC 6265 §5.1.1).
enum CookieDate {
    private static let months = [
        "jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec",
    ]

    /// The time; `nil` if day, month, year or time of day is missing or impossible.
    static func read(_ text: String) -> Instant? {
        var time: (hour: Int, minute: Int, second: Int)?
        var day, month, year: Int?
        for token in text.split(whereSeparator: isDelimiter).prefix(16) {
            if time == nil, let found = timeOfDay(token) {
                time = found
            } else if day == nil, let number = number(token, digits: 1...2) {
                day = number
            } else if month == nil, let index = months.firstIndex(of: String(token.prefix(3)).lowercased()) {
                month = index + 1
            } else if year == nil, let number = number(token, digits: 2...4) {
                year = number
            }
        }
        guard let time, let day, let month, var year else { return nil }
        if (70...99).contains(year) { year += 1900 } else if (0...69).contains(year) { year += 2000 }
        guard year >= 1601, time.hour < 24, time.minute < 60, time.second < 60 else { return nil }
        return Instant(
            "\(padded(year, 4))-\(padded(month, 2))-\(padded(day, 2))T\(padded(time.hour, 2)):\(padded(time.minute, 2)):\(padded(time.second, 2))Z"
        )
    }

    private static func isDelimiter(_ character: Character) -> Bool {
        guard let byte = character.asciiValue else { return false }
        return byte == 0x09 || (0x20...0x2F).contains(byte) || (0x3B...0x40).contains(byte)
            || (0x5B...0x60).contains(byte) || (0x7B...0x7E).contains(byte)
    }

    private static func timeOfDay(_ token: Substring) -> (Int, Int, Int)? {
        let parts = token.split(separator: ":", omittingEmptySubsequences: false)
        guard parts.count == 3, let hour = number(parts[0], digits: 1...2),
            let minute = number(parts[1], digits: 1...2),
            let second = number(parts[2], digits: 1...2)
        else { return nil }
        return (hour, minute, second)
    }

    /// A number of that many digits; what stands behind them and is no digit does not matter.
    private static func number(_ token: Substring, digits: ClosedRange<Int>) -> Int? {
        let found = token.prefix { $0.isASCII && $0.isNumber }
        return digits.contains(found.count) ? Int(found) : nil
    }

    private static func padded(_ number: Int, _ width: Int) -> String {
        let text = String(number)
        return String(repeating: "0", count: max(0, width - text.utf8.count)) + text
    }
}

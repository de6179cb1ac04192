/// A length of time, as policies state it: `90d`, `26h`, `15m`, `30s`.
public struct Period: Hashable, Comparable, Sendable {
    /// The length in milliseconds; negative for a time that ran backwards.
    public let milliseconds: Int64

    /// A period of `milliseconds`.
    public init(milliseconds: Int64) {
        self.milliseconds = milliseconds
    }

    /// No time at all.
    public static let zero = Period(milliseconds: 0)

    /// A period of whole seconds.
    public static func seconds(_ count: Int) -> Period { Period(milliseconds: Int64(count) * 1000) }
    /// A period of whole minutes.
    public static func minutes(_ count: Int) -> Period { .seconds(count * 60) }
    /// A period of whole hours.
    public static func hours(_ count: Int) -> Period { .minutes(count * 60) }
    /// A period of whole days of 24 hours each.
    public static func days(_ count: Int) -> Period { .hours(count * 24) }

    /// The length in seconds, fractions included.
    public var inSeconds: Double { Double(milliseconds) / 1000 }

    /// The order of their values.
    public static func < (left: Period, right: Period) -> Bool { left.milliseconds < right.milliseconds }

    /// Both periods, one after the other.
    public static func + (left: Period, right: Period) -> Period {
        Period(milliseconds: left.milliseconds + right.milliseconds)
    }
}

extension Period: CustomStringConvertible, LosslessStringConvertible {
    /// The largest unit that states the length exactly: `90d`, `26h`, `15m`, `30s`, `250ms`.
    public var description: String {
        let units: [(Int64, String)] = [(86_400_000, "d"), (3_600_000, "h"), (60_000, "m"), (1000, "s")]
        for (length, unit) in units where milliseconds != 0 && milliseconds.isMultiple(of: length) {
            return "\(milliseconds / length)\(unit)"
        }
        return milliseconds == 0 ? "0s" : "\(milliseconds)ms"
    }

    /// Reads a whole number and a unit out of `ms`, `s`, `m`, `h`, `d`, `w`.
    ///
    /// - Returns: `nil` for anything else, negative and longer than 100 years included.
    public init?(_ text: String) {
        let digits = text.prefix { $0.isASCII && $0.isNumber }
        guard !digits.isEmpty, let count = Int64(digits) else { return nil }
        let length: Int64
        switch text.dropFirst(digits.count) {
        case "ms": length = 1
        case "s": length = 1000
        case "m": length = 60_000
        case "h": length = 3_600_000
        case "d": length = 86_400_000
        case "w": length = 604_800_000
        default: return nil
        }
        let (product, overflow) = count.multipliedReportingOverflow(by: length)
        guard !overflow, product <= 36_525 * 86_400_000 else { return nil }
        milliseconds = product
    }
}

extension Period: Codable {
    /// Reads it as it is written in JSON.
    ///
    /// - Throws: `DecodingError` for anything else.
    public init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        let text = try container.decode(String.self)
        guard let period = Period(text) else {
            throw DecodingError.dataCorruptedError(
                in: container, debugDescription: "not a duration such as 26h: \(text)")
        }
        self = period
    }

    /// Writes it as JSON has it.
    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(description)
    }
}

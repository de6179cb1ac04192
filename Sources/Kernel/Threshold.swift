/// How much of a population must pass: `all`, or a share such as `95 %`.
public enum Threshold: Hashable, Sendable {
    /// Every subject.
    case all
    /// At least this many hundredths of a percent of the subjects, 1…9999, so that no rounding decides a verdict.
    case share(hundredths: Int)

    /// At least `percent` in a hundred, 1…100.
    public static func share(percent: Int) -> Threshold {
        percent >= 100 ? .all : .share(hundredths: max(1, percent) * 100)
    }

    /// Tells whether `passing` subjects out of `total` are enough.
    public func isMet(by passing: Int, of total: Int) -> Bool {
        switch self {
        case .all: passing == total
        case .share(let hundredths): passing * 10_000 >= total * hundredths
        }
    }
}

extension Threshold: Comparable {
    /// The order of their values.
    public static func < (left: Threshold, right: Threshold) -> Bool { left.hundredths < right.hundredths }

    /// The share in hundredths of a percent, 1…10,000.
    public var hundredths: Int {
        switch self {
        case .all: 10_000
        case .share(let hundredths): hundredths
        }
    }
}

extension Threshold: CustomStringConvertible, LosslessStringConvertible {
    /// `all`, `95 %`, `99.5 %`.
    public var description: String {
        switch self {
        case .all: return "all"
        case .share(let hundredths):
            let whole = hundredths / 100
            let rest = hundredths % 100
            if rest == 0 { return "\(whole) %" }
            return rest.isMultiple(of: 10) ? "\(whole).\(rest / 10) %" : "\(whole).\(rest < 10 ? "0" : "")\(rest) %"
        }
    }

    /// Reads `all` or a number above 0 and up to 100, with at most two decimals, and a percent sign; `100 %` is `all`.
    public init?(_ text: String) {
        if text == "all" {
            self = .all
            return
        }
        guard text.hasSuffix("%") else { return nil }
        var number = text.dropLast()
        if number.hasSuffix(" ") { number = number.dropLast() }
        let parts = number.split(separator: ".", omittingEmptySubsequences: false)
        guard parts.count <= 2, let first = parts.first, (1...3).contains(first.utf8.count),
            first.utf8.allSatisfy({ (0x30...0x39).contains($0) }), let whole = Int(first)
        else { return nil }
        var hundredths = whole * 100
        if parts.count == 2 {
            guard (1...2).contains(parts[1].utf8.count), parts[1].utf8.allSatisfy({ (0x30...0x39).contains($0) }),
                let fraction = Int(parts[1])
            else { return nil }
            hundredths += parts[1].utf8.count == 1 ? fraction * 10 : fraction
        }
        guard (1...10_000).contains(hundredths) else { return nil }
        self = hundredths == 10_000 ? .all : .share(hundredths: hundredths)
    }
}

extension Threshold: Codable {
    /// Reads it as it is written in JSON.
    ///
    /// - Throws: `DecodingError` for anything else.
    public init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        let text = try container.decode(String.self)
        guard let threshold = Threshold(text) else {
            throw DecodingError.dataCorruptedError(
                in: container, debugDescription: "not a threshold such as 95 %: \(text)")
        }
        self = threshold
    }

    /// Writes it as JSON has it.
    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(description)
    }
}

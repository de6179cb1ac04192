import YAMLReading

/// A single value of a rule, as YAML's types have it.
enum RuleScalar: Hashable {
    case null
    case bool(Bool)
    /// A number with its text, which is what an event's value is compared with.
    case number(String, Double)
    case text(String)

    /// The value of a scalar; `nil` for a list or a mapping.
    init?(_ node: YAMLNode) {
        guard let (text, isPlain) = node.scalar else { return nil }
        guard isPlain else {
            self = .text(text)
            return
        }
        switch text {
        case "", "~", "null", "Null", "NULL": self = .null
        case "true", "True", "TRUE", "yes", "Yes", "YES", "on", "On", "ON": self = .bool(true)
        case "false", "False", "FALSE", "no", "No", "NO", "off", "Off", "OFF": self = .bool(false)
        default: self = Self.number(text).map { .number($0.text, $0.value) } ?? .text(text)
        }
    }

    /// The value as text, as an event would hold it; `nil` for nothing.
    var text: String? {
        switch self {
        case .null: nil
        case .bool(let value): value ? "true" : "false"
        case .number(let text, _): text
        case .text(let text): text
        }
    }

    private static func number(_ text: String) -> (text: String, value: Double)? {
        guard let first = text.utf8.first, first < UInt8(ascii: ":"), first != UInt8(ascii: "/") else { return nil }
        let isNegative = first == UInt8(ascii: "-")
        let digits = text.drop { $0 == "-" || $0 == "+" }.replacing("_", with: "")
        guard text.count - digits.count <= 1 || text.contains("_"), let start = digits.utf8.first,
            (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(start) || start == UInt8(ascii: ".")
        else { return nil }
        let isWhole = digits.utf8.allSatisfy { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }
        var whole: Int?
        if digits.hasPrefix("0x") || digits.hasPrefix("0o") {
            // A second sign would be read as part of the number.
            guard digits.dropFirst(2).allSatisfy(\.isHexDigit) else { return nil }
            whole = Int(digits.dropFirst(2), radix: digits.hasPrefix("0x") ? 16 : 8)
        } else if isWhole, digits.utf8.count > 1, start == UInt8(ascii: "0") {
            whole = Int(digits, radix: 8)
        } else if isWhole {
            whole = Int(digits)
        }
        if let whole {
            let value = isNegative ? -whole : whole
            return ("\(value)", Double(value))
        }
        guard !isWhole || digits.utf8.count > 18, digits.utf8.allSatisfy({ "0123456789.eE+-".utf8.contains($0) }),
            let value = Double(digits)
        else { return nil }
        return ((isNegative ? "-" : "") + digits, isNegative ? -value : value)
    }
}

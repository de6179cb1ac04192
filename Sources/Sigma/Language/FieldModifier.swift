/// A word behind a field's name that changes how its values are meant.
///
/// Source: Sigma modifiers appendix 2.1.0; `ignorecase`, `multiline` and `dotall` are pySigma's words for `i`, `m` and `s`.
enum FieldModifier: String, CaseIterable {
    case all, startswith, endswith, contains, exists, cased, neq, windash
    case re, i, m, s
    case base64, base64offset, utf16le, utf16be, utf16
    case lt, lte, gt, gte
    case minute, hour, day, week, month, year
    case cidr, expand, fieldref

    init?(word: String) {
        switch word {
        case "wide": self = .utf16le
        case "ignorecase": self = .i
        case "multiline": self = .m
        case "dotall": self = .s
        default: self.init(rawValue: word)
        }
    }

    static var words: [String] { allCases.map(\.rawValue) + ["wide", "ignorecase", "multiline", "dotall"] }

    var comparison: Comparison? {
        switch self {
        case .lt: .lt
        case .lte: .lte
        case .gt: .gt
        case .gte: .gte
        default: nil
        }
    }

    /// For a modifier that changes what a value is: those that may stand beside it; `nil` for one that only changes text.
    var companions: Set<FieldModifier>? {
        switch self {
        case .re: [.i, .m, .s, .all, .neq, .expand, .contains, .startswith, .endswith]
        case .cidr: [.all, .neq, .expand]
        case .fieldref: [.all, .neq, .contains, .startswith, .endswith, .cased]
        case .exists: []
        case .lt, .lte, .gt, .gte: [.all, .neq, .minute, .hour, .day, .week, .month, .year]
        case .minute, .hour, .day, .week, .month, .year: [.all, .neq, .lt, .lte, .gt, .gte]
        default: nil
        }
    }

    var datePart: DatePart? { DatePart(rawValue: rawValue) }
}

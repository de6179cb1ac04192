/// One question to an event: does any value of a field fit any of these?
public struct FieldTest: Hashable, Sendable {
    /// The field, with spaces taken out; `nil` asks every value of the event.
    public let field: String?
    /// What fits.
    public let matchers: [ValueMatcher]
}

/// What a value must be like.
public enum ValueMatcher: Hashable, Sendable {
    /// The whole value fits the pattern; the case of letters does not matter unless `isCased`.
    case text(TextPattern, isCased: Bool)
    /// The field is not there or holds nothing.
    case null
    /// The field is there, whatever it holds; or it is not.
    case exists(Bool)
    /// Somewhere in the value the expression matches.
    case expression(ExpressionText)
    /// The value is an address of this network.
    case network(AddressRange)
    /// The value is a number that compares like this.
    case number(Comparison, Double)
    /// The value is a date, and this part of it compares like this.
    case datePart(DatePart, Comparison, Double)
    /// The value is what another field of the event holds, or begins with it, ends with it or contains it.
    case field(String, FieldRelation, isCased: Bool)
}

/// A regular expression as a rule writes it.
public struct ExpressionText: Hashable, Sendable {
    /// The expression.
    public let pattern: String
    /// The case of letters does not matter (`i`).
    public var ignoresCase = false
    /// `^` and `$` are the bounds of each line (`m`).
    public var hasLines = false
    /// `.` stands for line ends too (`s`).
    public var dotMatchesAll = false
}

/// How two numbers compare.
public enum Comparison: String, Hashable, Sendable {
    /// Less.
    case lt
    /// Less or the same.
    case lte
    /// More.
    case gt
    /// More or the same.
    case gte
    /// The same.
    case eq
    /// Not the same.
    case neq

    /// Tells whether `left` compares to `right` like this.
    public func holds(_ left: Double, _ right: Double) -> Bool {
        switch self {
        case .lt: left < right
        case .lte: left <= right
        case .gt: left > right
        case .gte: left >= right
        case .eq: left == right
        case .neq: left != right
        }
    }
}

/// A part of a date, as it is written: nothing is moved between time zones.
public enum DatePart: String, Hashable, Sendable {
    /// 0 to 59.
    case minute
    /// 0 to 23.
    case hour
    /// The day of the month, 1 to 31.
    case day
    /// The week of the year by ISO 8601, 1 to 53.
    case week
    /// 1 to 12.
    case month
    /// The number of the year.
    case year
}

/// Where in a value another field's value must stand.
public enum FieldRelation: Hashable, Sendable {
    /// They are the same.
    case equal
    /// The value begins with it.
    case prefix
    /// The value ends with it.
    case suffix
    /// The value contains it.
    case contained
}

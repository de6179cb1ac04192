/// When a rule matches, with everything resolved: search identifiers, lists, modifiers and filters.
public indirect enum RuleExpression: Hashable, Sendable {
    /// The event passes a test.
    case test(FieldTest)
    /// All of these hold.
    case all([RuleExpression])
    /// At least one of these holds.
    case any([RuleExpression])
    /// At least this many of these hold.
    case atLeast(Int, [RuleExpression])
    /// This does not hold.
    case not(RuleExpression)
}

extension RuleExpression {
    /// How many values it compares with.
    var size: Int {
        switch self {
        case .test(let test): max(1, test.matchers.count)
        case .all(let parts), .any(let parts), .atLeast(_, let parts): parts.reduce(1) { $0 + $1.size }
        case .not(let part): part.size
        }
    }

    /// Every field that is asked, those that fields are compared with included.
    var fields: Set<String> {
        switch self {
        case .test(let test):
            var fields = Set([test.field].compactMap { $0 })
            for case .field(let other, _, _) in test.matchers { fields.insert(other) }
            return fields
        case .all(let parts), .any(let parts), .atLeast(_, let parts):
            return parts.reduce(into: []) { $0.formUnion($1.fields) }
        case .not(let part): return part.fields
        }
    }
}

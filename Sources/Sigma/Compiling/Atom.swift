/// The smallest question that rules share: whether any value of one field fits any of these.
struct Atom: BitwiseCopyable {
    enum Kind: UInt8 {
        /// Set while values are scanned; not set means no.
        case indexed
        /// Answered when a rule asks, from the values of its field.
        case asked
    }

    var kind: Kind
    /// The field's number; -1 for the whole event.
    var field: Int32
    /// For one that is asked: its place among ``CompiledRules/questions``.
    var question: Int32
}

/// What is asked of a field's values where no index answers.
struct Question: Sendable {
    let field: Int32
    let matchers: [Matcher]

    enum Matcher: Sendable {
        case null
        case exists(Bool)
        /// The field holds something.
        case anything
        case expression(BoundedExpression)
        case network(AddressRange)
        case number(Comparison, Double)
        case datePart(DatePart, Comparison, Double)
        case field(Int32, FieldRelation, isCased: Bool)
        /// The value fits one of these patterns.
        case patterns(Run)
    }

    /// How dear it is to answer: the cheaper questions of a rule are asked first.
    var cost: Int {
        matchers.map { matcher in
            switch matcher {
            case .null, .exists, .anything: 1
            case .network, .number, .datePart, .patterns: 3
            case .field: 4
            case .expression: 10
            }
        }.max() ?? 0
    }

    /// It can be true only if the field is there.
    var needsField: Bool {
        !matchers.contains { matcher in
            switch matcher {
            case .null, .exists(false): true
            default: false
            }
        }
    }
}

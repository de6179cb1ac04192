extension RuleExpression {
    /// Whether any event that has only these fields could make this hold.
    ///
    /// What asks for a field that is not there fails for sure; everything else might hold and might not. It tells rules that
    /// are blind for a log source from those that see it, without an example of what they look for.
    ///
    /// - Parameter has: Tells whether events may have a field.
    public func canHold(where has: (String) -> Bool) -> Bool { possible(where: has).canHold }

    private struct Possibility {
        let canHold: Bool
        let canFail: Bool
        static let both = Possibility(canHold: true, canFail: true)
    }

    private func possible(where has: (String) -> Bool) -> Possibility {
        switch self {
        case .test(let test):
            // A search of the whole event needs no field of its own.
            guard let field = test.field, !has(field) else { return .both }
            let holds = test.matchers.contains { matcher in
                switch matcher {
                case .null, .exists(false): true
                default: false
                }
            }
            return Possibility(canHold: holds, canFail: !holds)
        case .all(let parts):
            let all = parts.map { $0.possible(where: has) }
            return Possibility(canHold: all.allSatisfy(\.canHold), canFail: all.contains(where: \.canFail))
        case .any(let parts):
            let all = parts.map { $0.possible(where: has) }
            return Possibility(canHold: all.contains(where: \.canHold), canFail: all.allSatisfy(\.canFail))
        case .atLeast(let count, let parts):
            let all = parts.map { $0.possible(where: has) }
            return Possibility(
                canHold: all.count(where: \.canHold) >= count, canFail: all.count { !$0.canFail } < count)
        case .not(let part):
            let inner = part.possible(where: has)
            return Possibility(canHold: inner.canFail, canFail: inner.canHold)
        }
    }
}

extension SigmaRule {
    /// Whether the rule could match events that have only these fields.
    public func canMatch(where has: (String) -> Bool) -> Bool { expression.canHold(where: has) }
}

/// A field with its modifiers and values, and what they mean together.
struct FieldItem {
    let field: String?
    let modifiers: [FieldModifier]
    let values: [RuleScalar]
    let placeholders: Placeholders

    func expression() throws(RuleFault) -> RuleExpression {
        try checkTogether()
        // Each value of the rule gives alternatives: base64offset three, a placeholder as many as it stands for.
        var values: [[ValueMatcher]] = []
        for value in self.values { values.append(try matchers(value)) }
        if values.isEmpty { values = [[.null]] }
        if field == nil {
            for matcher in values.joined() {
                switch matcher {
                case .text, .expression: continue
                default:
                    throw RuleFault(code: "keyword", message: "Only text can be searched for in a whole event.")
                }
            }
        }
        let tests: RuleExpression
        if has(.all), values.count > 1 {
            tests = .all(values.map { .test(FieldTest(field: field, matchers: $0)) })
        } else {
            tests = .test(FieldTest(field: field, matchers: values.flatMap { $0 }))
        }
        return has(.neq) ? .not(tests) : tests
    }

    private func has(_ modifier: FieldModifier) -> Bool { modifiers.contains(modifier) }

    /// Refuses modifiers that mean nothing together, rather than guess which one was meant.
    private func checkTogether() throws(RuleFault) {
        let flags = modifiers.filter { [.i, .m, .s].contains($0) }
        if let flag = flags.first, !has(.re) {
            throw RuleFault(
                code: "modifier", message: "`\(flag.rawValue)` belongs to a regular expression.",
                hint: "Write `|re|\(flag.rawValue)`.")
        }
        // What changes what a value is, and what may stand beside it.
        guard let kind = modifiers.first(where: { $0.companions != nil }) else { return }
        for modifier in modifiers where modifier != kind {
            guard kind.companions?.contains(modifier) != true else { continue }
            throw RuleFault(
                code: "modifier", message: "`\(kind.rawValue)` and `\(modifier.rawValue)` do not go together.")
        }
        if kind == .re, modifiers.first != .re, modifiers.first != .expand {
            throw RuleFault(code: "modifier", message: "`re` must be the first modifier.")
        }
    }

    private func matchers(_ value: RuleScalar) throws(RuleFault) -> [ValueMatcher] {
        if has(.exists) {
            guard field != nil, case .bool(let isThere) = value else {
                throw RuleFault(code: "value", message: "`exists` belongs to a field and takes true or false.")
            }
            return [.exists(isThere)]
        }
        let comparison = modifiers.lazy.compactMap(\.comparison).first
        if let part = modifiers.lazy.compactMap(\.datePart).first {
            return [.datePart(part, comparison ?? .eq, try number(value, for: part.rawValue))]
        }
        if let comparison { return [.number(comparison, try number(value, for: comparison.rawValue))] }
        guard let text = value.text else {
            guard modifiers.allSatisfy({ [.all, .neq, .cased].contains($0) }) else {
                throw RuleFault(code: "value", message: "null takes no modifier.", hint: "Use `exists: false`.")
            }
            return [.null]
        }
        var matchers: [ValueMatcher] = []
        for text in try expanded(text) { matchers += try textMatchers(text) }
        return matchers
    }

    private func number(_ value: RuleScalar, for modifier: String) throws(RuleFault) -> Double {
        guard case .number(_, let number) = value else {
            throw RuleFault(code: "value", message: "`\(modifier)` takes a number.", hint: "Write it without quotes.")
        }
        return number
    }

    private func expanded(_ text: String) throws(RuleFault) -> [String] {
        guard has(.expand) else { return [text] }
        switch placeholders.expanded(text) {
        case .success(let texts): return texts
        case .failure(let unknown):
            throw RuleFault(
                code: "placeholder", message: "Nothing is known about the placeholder %\(unknown.name)%.",
                hint: "Say what it stands for: `\(unknown.name): [value, …]` in a file for --placeholders.")
        }
    }

    private func textMatchers(_ text: String) throws(RuleFault) -> [ValueMatcher] {
        if has(.re) {
            let expression = ExpressionText(
                pattern: text, ignoresCase: has(.i), hasLines: has(.m), dotMatchesAll: has(.s))
            if let fault = BoundedExpression.fault(in: expression) { throw fault }
            return [.expression(expression)]
        }
        if has(.cidr) {
            guard let range = AddressRange(text) else {
                throw RuleFault(
                    code: "value", message: "`\(text.prefix(60))` is no network.", hint: "Write it as 10.0.0.0/8.")
            }
            return [.network(range)]
        }
        var patterns = [TextPattern(rule: text)]
        if has(.fieldref) {
            guard let name = patterns[0].literal, !name.isEmpty else {
                throw RuleFault(code: "value", message: "`fieldref` takes the name of a field, without wildcards.")
            }
            let other = String(decoding: name, as: UTF8.self).replacing(" ", with: "")
            return [.field(other, relation, isCased: has(.cased))]
        }
        for modifier in modifiers { patterns = try TextModifier.apply(modifier, to: patterns, after: modifiers) }
        if field == nil { patterns = patterns.map(\.afterAnything.beforeAnything) }
        return patterns.map { .text($0, isCased: has(.cased)) }
    }

    private var relation: FieldRelation {
        if has(.contains) || (has(.startswith) && has(.endswith)) { return .contained }
        return has(.startswith) ? .prefix : has(.endswith) ? .suffix : .equal
    }
}

import Kernel
import Sigma
import Store

/// A filter that tunes one rule: events whose field has this value no longer match it. It stays when the rules are replaced.
public struct RuleTuning: Record, Codable, Hashable {
    /// Its identifier, unique within the organisation.
    public let id: Identifier<RuleTuning>
    /// The rule's identity: its id, else its name or title.
    public let rule: String
    /// The rule's title, for when the rule is gone.
    public let title: String
    /// The field.
    public let field: String
    /// The value, as it stood in the event.
    public let value: String
    /// Why.
    public let reason: String
    /// Who made it, as the ledger names them.
    public let by: String
    /// When.
    public let since: Instant

    /// Where its rows lie.
    public static let table = RecordTable("rule_tuning", indexColumns: [.integer("since")])

    /// The values of `table.indexColumns`, in that order.
    public var indexColumns: [SQLValue] { [.integer(since.milliseconds)] }

    /// The most of them.
    static let limit = 1000

    /// The filters as Sigma writes them (Sigma filters specification 2.1.0), one for each rule that is looked at: a correlation
    /// is tuned by the rules whose matches it counts.
    ///
    /// - Returns: One document for each of them, or nothing where the rule is not in the set.
    func documents(for rules: RuleSet) -> String {
        targets(in: rules).enumerated().map { index, target in document(for: target, number: index) }
            .joined(separator: "---\n")
    }

    private func document(for target: SigmaRule, number: Int) -> String {
        let source = target.logSource
        let parts =
            [source.product.map { "product: \(Self.quoted($0))" }]
            + source.categories.prefix(1).map { "category: \(Self.quoted($0))" }
            + source.services.prefix(1).map { "service: \(Self.quoted($0))" }
        return """
            title: \(Self.quoted("Tuned: \(target.about.title)"))
            id: \(Self.quoted("\(id)-\(number)"))
            description: \(Self.quoted(reason))
            date: \(since.description.prefix(10))
            logsource: { \(parts.compactMap(\.self).joined(separator: ", ")) }
            filter:
                rules:
                    - \(Self.quoted(target.about.identity))
                known:
                    \(Self.quoted(field)): \(Self.quoted(Self.literal(value)))
                condition: not known

            """
    }

    private func targets(in rules: RuleSet) -> [SigmaRule] {
        if let rule = rules.rules.first(where: { $0.about.identity == rule }) { return [rule] }
        guard let correlation = rules.correlations.first(where: { $0.rule.about.identity == rule }) else { return [] }
        return rules.rules(of: correlation).map { rules.rules[$0] }
    }

    /// The value with what would be a wildcard in a rule taken for itself.
    private static func literal(_ value: String) -> String {
        var text = ""
        for character in value.unicodeScalars {
            if character == "*" || character == "?" || character == "\\" { text += "\\" }
            text.unicodeScalars.append(character)
        }
        return text
    }

    /// As YAML writes text in double quotes (YAML 1.2.2, §7.3.1): nothing in it can end it.
    private static func quoted(_ text: String) -> String {
        var quoted = "\""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\"", "\\": quoted += "\\" + String(scalar)
            case _
            where scalar.value < 32 || (0x7F...0x9F).contains(scalar.value) || scalar.value == 0x2028
                || scalar.value == 0x2029 || scalar.value == 0xFEFF:
                let digits = String(scalar.value, radix: 16)
                quoted += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
            default: quoted.unicodeScalars.append(scalar)
            }
        }
        return quoted + "\""
    }
}

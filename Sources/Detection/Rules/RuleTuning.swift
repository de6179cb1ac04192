import Kernel
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

    /// The filter as Sigma writes it (Sigma filters specification 2.1.0); `nil` where the value cannot stand in one.
    public var yaml: String {
        """
        title: \(Self.quoted("Tuned: \(title)"))
        id: \(id)
        description: \(Self.quoted(reason))
        date: \(since.description.prefix(10))
        filter:
            rules:
                - \(Self.quoted(rule))
            known:
                \(Self.quoted(field)): \(Self.quoted(Self.literal(value)))
            condition: not known

        """
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
            case _ where scalar.value < 32 || (0x7F...0x9F).contains(scalar.value) || scalar.value == 0x2028 || scalar.value == 0x2029 || scalar.value == 0xFEFF:
                let digits = String(scalar.value, radix: 16)
                quoted += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
            default: quoted.unicodeScalars.append(scalar)
            }
        }
        return quoted + "\""
    }
}

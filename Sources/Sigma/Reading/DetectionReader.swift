import Kernel
import YAMLReading

/// Reads what stands under a search identifier.
///
/// A mapping asks everything of one event; a list holds alternatives; plain text is searched for in the whole event.
struct DetectionReader {
    let placeholders: Placeholders

    func expression(_ node: YAMLNode, path: String) throws(Problem) -> RuleExpression {
        switch node.content {
        case .scalar: return try item(key: "", node, at: node, path: path)
        case .list(let items):
            guard !items.isEmpty else {
                throw ruleProblem("empty", "There is nothing to look for.", at: node, field: path)
            }
            if items.allSatisfy({ $0.scalar != nil }) { return try item(key: "", node, at: node, path: path) }
            var parts: [RuleExpression] = []
            for (index, item) in items.enumerated() {
                parts.append(try expression(item, path: "\(path)[\(index)]"))
            }
            return parts.count == 1 ? parts[0] : .any(parts)
        case .mapping(let pairs):
            guard !pairs.isEmpty else {
                throw ruleProblem("empty", "There is nothing to look for.", at: node, field: path)
            }
            var parts: [RuleExpression] = []
            for (key, value) in pairs {
                guard let name = key.scalar?.text else {
                    throw ruleProblem("type", "A field's name must be text.", at: key, field: path)
                }
                parts.append(try item(key: name, value, at: key, path: "\(path).\(name)"))
            }
            return parts.count == 1 ? parts[0] : .all(parts)
        }
    }

    /// One field with its modifiers and values.
    private func item(key: String, _ node: YAMLNode, at place: YAMLNode, path: String) throws(Problem) -> RuleExpression
    {
        let words = key.split(separator: "|", omittingEmptySubsequences: false)
        let name = words.first.map { String($0).replacing(" ", with: "") } ?? ""
        var modifiers: [FieldModifier] = []
        for word in words.dropFirst() {
            guard let modifier = FieldModifier(word: String(word)) else {
                throw ruleProblem(
                    "modifier", "There is no modifier `\(word.prefix(40))`.",
                    hint: "Known: \(FieldModifier.words.joined(separator: ", ")).", at: place, field: path)
            }
            modifiers.append(modifier)
        }
        let nodes = if case .list(let items) = node.content { items } else { [node] }
        var values: [RuleScalar] = []
        values.reserveCapacity(nodes.count)
        for node in nodes {
            guard let value = RuleScalar(node) else {
                throw ruleProblem(
                    "type", "A value must be text, a number, true, false or null.", at: node, field: path)
            }
            values.append(value)
        }
        do {
            return try FieldItem(
                field: name.isEmpty ? nil : name, modifiers: modifiers, values: values, placeholders: placeholders
            ).expression()
        } catch {
            throw ruleProblem(error.code, error.message, hint: error.hint, at: place, field: path)
        }
    }
}

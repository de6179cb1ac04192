/// Reads a rule's condition: `not` before `and` before `or`, `1 of`, `any of`, `all of`, and parentheses.
struct ConditionReader {
    /// What does not fit, and at which character, from 1.
    struct Fault: Error {
        let message: String
        let column: Int
        var hint: String?
    }

    private let tokens: [(text: Substring, column: Int)]
    private let selections: [(name: String, expression: RuleExpression)]
    private let places: [String: Int]
    private var size = 0
    private var place = 0
    private var depth = 0

    /// How deep parentheses and `not` may nest.
    private static let depthLimit = 64
    /// How many values all selections may have that a condition names, each as often as it does.
    private static let sizeLimit = 200_000

    static func read(
        _ text: String, _ selections: [(name: String, expression: RuleExpression)]
    ) throws(Fault) -> RuleExpression {
        var reader = ConditionReader(text, selections)
        let expression = try reader.alternatives()
        if let token = reader.token {
            throw Fault(
                message: "`\(token.text.prefix(40))` was not expected here.", column: token.column,
                hint: token.text == "|" ? "Counts after a pipe are Sigma 1; write a correlation rule." : nil)
        }
        return expression
    }

    private init(_ text: String, _ selections: [(name: String, expression: RuleExpression)]) {
        var tokens: [(Substring, Int)] = []
        var index = text.startIndex
        var column = 1
        while index < text.endIndex {
            let character = text[index]
            if character.isWhitespace {
                index = text.index(after: index)
                column += 1
                continue
            }
            let end =
                Self.isName(character)
                ? text[index...].firstIndex { !Self.isName($0) } ?? text.endIndex : text.index(after: index)
            tokens.append((text[index..<end], column))
            column += text.distance(from: index, to: end)
            index = end
        }
        self.tokens = tokens
        self.selections = selections
        places = Dictionary(selections.enumerated().map { ($1.name, $0) }) { first, _ in first }
    }

    private static func isName(_ character: Character) -> Bool {
        character.isLetter || character.isNumber || character == "_" || character == "-" || character == "*"
            || character == "."
    }

    private var token: (text: Substring, column: Int)? { place < tokens.count ? tokens[place] : nil }

    private func isWord(_ word: String) -> Bool { token.map { $0.text.lowercased() == word } ?? false }

    private mutating func take(_ word: String) -> Bool {
        guard isWord(word) else { return false }
        place += 1
        return true
    }

    private mutating func alternatives() throws(Fault) -> RuleExpression {
        var parts = [try conjunction()]
        while take("or") { parts.append(try conjunction()) }
        return parts.count == 1 ? parts[0] : .any(parts)
    }

    private mutating func conjunction() throws(Fault) -> RuleExpression {
        var parts = [try negation()]
        while take("and") { parts.append(try negation()) }
        return parts.count == 1 ? parts[0] : .all(parts)
    }

    private mutating func negation() throws(Fault) -> RuleExpression {
        guard isWord("not") else { return try operand() }
        try enter()
        defer { depth -= 1 }
        place += 1
        return .not(try negation())
    }

    private mutating func operand() throws(Fault) -> RuleExpression {
        guard let (text, column) = token else {
            throw Fault(message: "The condition ends where something is missing.", column: tokens.last?.column ?? 1)
        }
        if text == "(" {
            try enter()
            defer { depth -= 1 }
            place += 1
            let inner = try alternatives()
            guard token?.text == ")" else { throw Fault(message: "This parenthesis is never closed.", column: column) }
            place += 1
            return inner
        }
        if place + 1 < tokens.count, tokens[place + 1].text.lowercased() == "of" { return try several() }
        guard let number = places[String(text)] else {
            throw Fault(
                message: "There is no search identifier `\(text.prefix(60))`.", column: column,
                hint: "There is: \(selections.prefix(20).map(\.name).joined(separator: ", ")).")
        }
        place += 1
        return try counted(selections[number].expression, at: column)
    }

    /// An expression that is named once more; the sum is bounded, as each naming costs time.
    private mutating func counted(_ expression: RuleExpression, at column: Int) throws(Fault) -> RuleExpression {
        size += expression.size
        guard size <= Self.sizeLimit else {
            throw Fault(message: "The condition names more than \(Self.sizeLimit) values.", column: column)
        }
        return expression
    }

    private mutating func enter() throws(Fault) {
        depth += 1
        guard depth <= Self.depthLimit else {
            throw Fault(message: "The condition nests too deep.", column: token?.column ?? 1)
        }
    }

    /// `1 of them`, `all of selection_*` and the like.
    private mutating func several() throws(Fault) -> RuleExpression {
        let (quantity, column) = tokens[place]
        guard place + 2 < tokens.count else {
            throw Fault(message: "`\(quantity) of` what?", column: column, hint: "Name them, or write `them`.")
        }
        let pattern = tokens[place + 2].text
        let chosen = selections.filter { selection in
            // What begins with an underscore takes part only where it is named.
            (!selection.name.hasPrefix("_") || pattern.hasPrefix("_"))
                && (pattern == "them" || Self.fits(selection.name, pattern))
        }.map(\.expression)
        guard !chosen.isEmpty else {
            throw Fault(
                message: "No search identifier fits `\(pattern.prefix(60))`.", column: tokens[place + 2].column)
        }
        place += 3
        for expression in chosen { _ = try counted(expression, at: column) }
        switch quantity.lowercased() {
        case "all": return chosen.count == 1 ? chosen[0] : .all(chosen)
        case "any", "1": return chosen.count == 1 ? chosen[0] : .any(chosen)
        default:
            guard let count = Int(quantity), count > 0 else {
                throw Fault(
                    message: "`\(quantity.prefix(20)) of` says no number.", column: column,
                    hint: "Write `1 of`, `any of`, `all of` or a number.")
            }
            guard count <= chosen.count else {
                throw Fault(
                    message: "\(count) cannot match: only \(chosen.count) fit `\(pattern.prefix(60))`.", column: column)
            }
            return .atLeast(count, chosen)
        }
    }

    private static func fits(_ name: String, _ pattern: Substring) -> Bool {
        let parts = pattern.split(separator: "*", omittingEmptySubsequences: false)
        guard parts.count > 1 else { return name == pattern }
        guard name.hasPrefix(parts[0]) else { return false }
        var rest = name.dropFirst(parts[0].count)
        for part in parts[1..<(parts.count - 1)] {
            guard let found = part.isEmpty ? rest.startIndex..<rest.startIndex : rest.firstRange(of: part) else {
                return false
            }
            rest = rest[found.upperBound...]
        }
        return rest.hasSuffix(parts[parts.count - 1])
    }
}

import Kernel

/// What the texts may say that rooms add to the store's statements.
///
/// Rooms write them, not users. The rule makes a mistake in one an error instead of a way out of its organisation or its
/// table: no second statement, no subquery, no closing of the parenthesis that the store opened.
enum StatementRule {
    /// Checks a query's condition, order and columns.
    ///
    /// - Throws: `Problem` `store.query`.
    static func check(_ query: Query, columns: [String], on table: RecordTable) throws {
        var depth = 0
        for byte in query.condition.utf8 {
            if byte == UInt8(ascii: "(") { depth += 1 }
            if byte == UInt8(ascii: ")") { depth -= 1 }
            guard depth >= 0 else { throw refusal(table, "closes a parenthesis that it did not open") }
        }
        guard depth == 0 else { throw refusal(table, "leaves a parenthesis open") }
        for text in [query.condition, query.order ?? ""] + columns where !text.isEmpty {
            guard isPlain(text), !selects(text) else { throw refusal(table, "is not a plain condition") }
        }
        for column in columns where !isColumn(column, of: table) { throw refusal(table, "asks for \(column)") }
        guard query.condition.utf8.count(where: { $0 == UInt8(ascii: "?") }) == query.arguments.count else {
            throw refusal(table, "does not have one value for each question mark")
        }
    }

    /// Checks a statement on a disposable table.
    ///
    /// - Throws: `Problem` `store.not-disposable`.
    static func check(_ sql: String, on table: TableDefinition) throws {
        let words = sql.split { !($0.isLetter || $0.isNumber || $0 == "_") }.map(String.init)
        var named: [String] = []
        for (word, next) in zip(words, words.dropFirst()) {
            switch word.uppercased() {
            case "INTO", "FROM", "JOIN": named.append(next)
            case "UPDATE" where next.uppercased() != "SET": named.append(next)
            default: break
            }
        }
        let isBound = sql.contains("(organisation,") || sql.contains("organisation = ?")
        guard table.kind == .disposable, isPlain(sql), isBound, !named.isEmpty, named.allSatisfy({ $0 == table.name })
        else {
            throw Problem(
                .forbidden, code: "store.not-disposable",
                "Only disposable tables may be written without a ledger entry.")
        }
    }

    /// Without quotes, comments, a second statement or a numbered parameter.
    private static func isPlain(_ text: String) -> Bool {
        var previous: UInt8 = 0
        for byte in text.utf8 {
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"): break
            case UInt8(ascii: "0")...UInt8(ascii: "9"): if previous == UInt8(ascii: "?") { return false }
            case UInt8(ascii: "-"): if previous == byte { return false }
            case UInt8(ascii: "*"): if previous == UInt8(ascii: "/") { return false }
            case UInt8(ascii: "_"), UInt8(ascii: "?"), UInt8(ascii: "("), UInt8(ascii: ")"), UInt8(ascii: ","),
                UInt8(ascii: "="), UInt8(ascii: "<"), UInt8(ascii: ">"), UInt8(ascii: "!"), UInt8(ascii: "+"),
                UInt8(ascii: "."), UInt8(ascii: " "), UInt8(ascii: "\n"), UInt8(ascii: "/"):
                break
            default: return false
            }
            previous = byte
        }
        return true
    }

    /// Whether `text` holds the word that begins a subquery, in any case.
    private static func selects(_ text: String) -> Bool {
        var matched = 0
        for byte in text.utf8 {
            // No letter of the word occurs in it again before its end, but for the "e", so a mismatch restarts at "s" only.
            matched = byte | 0x20 == word[matched] ? matched + 1 : byte | 0x20 == word[0] ? 1 : 0
            if matched == word.count { return true }
        }
        return false
    }

    private static let word = Array("select".utf8)

    private static func isColumn(_ name: String, of table: RecordTable) -> Bool {
        switch name {
        case "id", "version", "entry", "position": true
        default: table.indexColumns.contains { $0.name == name }
        }
    }

    private static func refusal(_ table: RecordTable, _ what: String) -> Problem {
        Problem(.invalid, code: "store.query", "A query on \(table.name) \(what).")
    }
}

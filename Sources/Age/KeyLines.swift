import Kernel

/// A file of keys: one a line, with empty lines and comments that begin with `#`.
enum KeyLines {
    /// The keys that `parse` makes of the lines; its problems gain the number of the line.
    static func read<Key>(_ text: String, _ parse: (String) throws(Problem) -> Key) throws(Problem) -> [Key] {
        var keys: [Key] = []
        let lines = text.utf8.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
        for (index, line) in lines.enumerated() {
            // Editors of some systems end lines with CR LF.
            let trimmed = line.last == UInt8(ascii: "\r") ? line.dropLast() : line
            if trimmed.isEmpty || trimmed.first == UInt8(ascii: "#") { continue }
            do { try keys.append(parse(String(decoding: trimmed, as: UTF8.self))) } catch {
                throw Problem(
                    error.kind, code: error.code, error.message, hint: error.hint,
                    place: Problem.Place(line: index + 1), cause: error.cause)
            }
        }
        return keys
    }
}

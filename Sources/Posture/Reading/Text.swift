import Kernel

extension [UInt8] {
    /// The lines, without their ends (LF or CR LF); bytes that are not UTF-8 become replacement characters.
    var lines: [String] {
        split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false).map { line in
            String(decoding: line.last == UInt8(ascii: "\r") ? line.dropLast() : line, as: UTF8.self)
        }
    }

    /// The bytes as text.
    var text: String { String(decoding: self, as: UTF8.self) }
}

extension StringProtocol {
    /// Without blanks at either end.
    var trimmed: String {
        let scalars = unicodeScalars
        func isBlank(_ scalar: Unicode.Scalar) -> Bool {
            scalar == " " || (9...13).contains(scalar.value) || scalar.value == 0
        }
        guard let first = scalars.firstIndex(where: { !isBlank($0) }),
            let last = scalars.lastIndex(where: { !isBlank($0) })
        else { return "" }
        return String(self[first...last])
    }

    /// The pieces between blanks.
    var words: [String] {
        split(whereSeparator: { (character: Character) in character == " " || character == "\t" }).map { String($0) }
    }

    /// What stands after `prefix`, if the text begins with it.
    func after(_ prefix: String) -> String? {
        hasPrefix(prefix) ? String(dropFirst(prefix.count)) : nil
    }

    /// The two sides of the first `separator`, trimmed.
    func cut(at separator: Character) -> (left: String, right: String)? {
        guard let place = firstIndex(of: separator) else { return nil }
        return (self[..<place].trimmed, self[index(after: place)...].trimmed)
    }

    /// At most `limit` characters, on one line, without control characters: fit to stand in evidence.
    func shortened(to limit: Int = 160) -> String {
        var text = ""
        var count = 0
        for scalar in unicodeScalars {
            if count == limit { return text + "…" }
            text.unicodeScalars.append(
                scalar.value < 32 || scalar.value == 127 || scalar.value == 0xFFFD ? " " : scalar)
            count += 1
        }
        return text.trimmed
    }
}

extension Int {
    /// `1 account`, `2 accounts`.
    func counted(_ singular: String, _ plural: String? = nil) -> String {
        self == 1 ? "1 \(singular)" : "\(self) \(plural ?? singular + "s")"
    }
}

/// Lines with the numbers of their beginnings, those that end in a backslash joined with the next.
///
/// - Parameter prepare: changes a line before it is looked at, to take comments out. A line that is a comment is never continued.
func joinedLines(_ lines: [String], prepare: (String) -> String = { $0 }) -> [(number: Int, text: String)] {
    var result: [(number: Int, text: String)] = []
    var isOpen = false
    for (index, line) in lines.enumerated() {
        var text = prepare(line).trimmed
        let isContinued = text.hasSuffix("\\") && (isOpen || !text.hasPrefix("#"))
        if isContinued { text = text.dropLast() + " " }
        if isOpen {
            // In place: a file of nothing but continued lines must not cost the square of its length.
            result[result.count - 1].text += text
        } else if !text.isEmpty {
            result.append((index + 1, text))
        }
        isOpen = isContinued
    }
    return result
}

import Kernel

/// The rules that all line-based forms of this target share: LF only, nothing invisible, one spelling.
enum TextLines {
    /// The lines of `text`, each of which ended with a line feed.
    ///
    /// - Returns: `nil` if the text is empty or its last line is not ended.
    static func split(_ text: ArraySlice<UInt8>) -> [ArraySlice<UInt8>]? {
        guard text.last == lineFeed else { return nil }
        return text.dropLast().split(separator: lineFeed, omittingEmptySubsequences: false)
    }

    /// The text of `bytes`, if they are well-formed UTF-8.
    static func string(_ bytes: some Collection<UInt8>) -> String? { String(validating: bytes, as: UTF8.self) }

    /// A number in decimal digits as it would be written: no sign, no leading zero.
    static func number(_ text: String) -> UInt64? {
        guard let value = UInt64(text), String(value) == text else { return nil }
        return value
    }

    static let lineFeed = UInt8(ascii: "\n")
}

/// One line of text as it may stand in a statement: visible, well-formed, without anything that could pass for another line.
public enum StatementText {
    /// Whether `text` can stand in a statement as it is: 1…`limit` bytes of UTF-8, no control, line-separating or
    /// direction-changing character, no space at either end.
    public static func isFit(_ text: String, limit: Int) -> Bool {
        (1...limit).contains(text.utf8.count) && text.unicodeScalars.allSatisfy(isVisible)
            && text.utf8.first != UInt8(ascii: " ") && text.utf8.last != UInt8(ascii: " ")
    }

    /// The nearest text that is fit: what is not allowed becomes a space, runs of spaces become one, the end is cut with an ellipsis.
    ///
    /// - Returns: `nil` if nothing visible is left.
    public static func fitted(_ text: String, limit: Int) -> String? {
        var scalars = String.UnicodeScalarView()
        for scalar in text.unicodeScalars {
            if isVisible(scalar), scalar != " " {
                scalars.append(scalar)
            } else if let previous = scalars.last, previous != " " {
                scalars.append(" ")
            }
        }
        if scalars.last == " " { scalars.removeLast() }
        var fitted = String(scalars)
        if fitted.utf8.count > limit {
            while fitted.utf8.count > limit - 3 || fitted.last == " " { fitted.removeLast() }
            fitted += "…"
        }
        return isFit(fitted, limit: limit) ? fitted : nil
    }

    private static func isVisible(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.value {
        case 0...0x1F, 0x7F...0x9F: false
        // Line and paragraph separators, and the marks that make a reader see the characters in another order.
        case 0x2028...0x202E, 0x2066...0x2069, 0x200E, 0x200F, 0x061C, 0xFEFF: false
        default: true
        }
    }
}

/// Text out of logs and rules as pages show it: of bounded length, and with nothing in it that a reader cannot see.
///
/// Escaping keeps it from being markup. This keeps it from lying: a character that turns the writing round, or has no
/// width, stands as its number (UTR #36, "Unicode Security Considerations", on bidirectional text), and so do marks
/// piled on one letter until they cover the lines around it.
enum LogText {
    /// On one line: breaks and tabs stand as what they are.
    static func line(_ text: String, longest: Int = 200) -> String {
        shown(text, longest: longest, keepsLines: false)
    }

    /// With its own lines, the first 60 of them, for where it stands in a block of its own.
    static func block(_ text: String, longest: Int = 4000) -> String {
        shown(text, longest: longest, keepsLines: true)
    }

    private static func shown(_ text: String, longest: Int, keepsLines: Bool) -> String {
        var shown = String.UnicodeScalarView()
        var count = 0
        var lines = 1
        var marks = 0
        var isCut = false
        for scalar in text.unicodeScalars {
            guard count < longest else {
                isCut = true
                break
            }
            count += 1
            marks = isMark(scalar) ? marks + 1 : 0
            switch scalar {
            case "\n" where keepsLines && lines < mostLines:
                lines += 1
                shown.append(scalar)
            case "\t" where keepsLines: shown.append(scalar)
            case "\n": shown.append(contentsOf: "\\n".unicodeScalars)
            case "\r": shown.append(contentsOf: "\\r".unicodeScalars)
            case "\t": shown.append(contentsOf: "\\t".unicodeScalars)
            case _ where isUnseen(scalar) || marks > mostMarks:
                shown.append(contentsOf: "\\u{\(String(scalar.value, radix: 16, uppercase: true))}".unicodeScalars)
            default: shown.append(scalar)
            }
        }
        return String(shown) + (isCut ? "… (\(grouped(text.utf8.count)) bytes in all)" : "")
    }

    private static let mostLines = 60
    private static let mostMarks = 4

    private static func isMark(_ scalar: Unicode.Scalar) -> Bool {
        guard scalar.value >= 0x300 else { return false }
        switch scalar.properties.generalCategory {
        case .nonspacingMark, .enclosingMark: return true
        default: return false
        }
    }

    private static func isUnseen(_ scalar: Unicode.Scalar) -> Bool {
        guard !scalar.isASCII else { return scalar.value < 0x20 || scalar.value == 0x7F }
        switch scalar.properties.generalCategory {
        case .control, .format, .lineSeparator, .paragraphSeparator, .surrogate, .unassigned, .privateUse: return true
        default: return false
        }
    }
}

/// What of a list is shown, and how many are not.
struct Shown<Element> {
    let items: [Element]
    let total: Int

    init(_ items: [Element], atMost limit: Int, of total: Int? = nil) {
        self.items = Array(items.prefix(limit))
        self.total = max(total ?? 0, items.count)
    }

    /// `8 more` where that is not all; `nil` where it is.
    var rest: String? { total > items.count ? "\(grouped(total - items.count)) more" : nil }
}

/// Text as a rule writes it: literal characters, wildcards, and dashes that stand for each other.
///
/// `*` stands for any run of characters, `?` for exactly one. A backslash before a wildcard or before another backslash takes
/// its meaning away; anywhere else it is itself. Source: Sigma rules specification 2.1.0, escaping.
public struct TextPattern: Hashable, Sendable {
    /// A part of a pattern.
    public enum Part: Hashable, Sendable {
        /// These characters, in UTF-8; never empty, and never two in a row.
        case literal([UInt8])
        /// `?`: exactly one character.
        case one
        /// `*`: any run of characters; never two in a row.
        case any
        /// One of the characters that Windows takes for a dash before an option: `-`, `/`, `–`, `—`, `―`.
        case dash
    }

    /// The parts in order; none for the empty text.
    public private(set) var parts: [Part]

    init(parts: [Part] = []) {
        self.parts = []
        for part in parts { append(part) }
    }

    /// Text that means itself.
    init(literal text: String) {
        self.init(parts: text.isEmpty ? [] : [.literal(Array(text.utf8))])
    }

    /// Text as it stands in a rule.
    init(rule text: String) {
        parts = []
        let bytes = Array(text.utf8)
        var literal: [UInt8] = []
        var place = 0
        while place < bytes.count {
            let byte = bytes[place]
            let next = place + 1 < bytes.count ? bytes[place + 1] : 0
            if byte == UInt8(ascii: "\\"), [UInt8(ascii: "\\"), UInt8(ascii: "*"), UInt8(ascii: "?")].contains(next) {
                literal.append(next)
                place += 2
                continue
            }
            switch byte {
            case UInt8(ascii: "*"), UInt8(ascii: "?"):
                append(.literal(literal))
                literal = []
                append(byte == UInt8(ascii: "*") ? .any : .one)
            default: literal.append(byte)
            }
            place += 1
        }
        append(.literal(literal))
    }

    /// The text, if there is nothing but literal characters.
    var literal: [UInt8]? {
        switch parts.count {
        case 0: return []
        case 1: if case .literal(let bytes) = parts[0] { return bytes } else { return nil }
        default: return nil
        }
    }

    /// The same with `*` before it, unless it begins with one.
    var afterAnything: TextPattern {
        parts.first == .any ? self : TextPattern(parts: [.any] + parts)
    }

    /// The same with `*` behind it, unless it ends with one.
    var beforeAnything: TextPattern {
        parts.last == .any ? self : TextPattern(parts: parts + [.any])
    }

    /// The same with each literal changed.
    func mapLiterals<Failure: Error>(_ change: ([UInt8]) throws(Failure) -> [UInt8]) throws(Failure) -> TextPattern {
        var changed = TextPattern()
        for part in parts {
            if case .literal(let bytes) = part {
                changed.append(.literal(try change(bytes)))
            } else {
                changed.append(part)
            }
        }
        return changed
    }

    private mutating func append(_ part: Part) {
        switch (parts.last, part) {
        case (_, .literal([])), (.any, .any): break
        case (.literal(let before), .literal(let bytes)): parts[parts.count - 1] = .literal(before + bytes)
        default: parts.append(part)
        }
    }
}

extension TextPattern {
    /// The same where a dash or a slash before a word stands for every dash that Windows knows.
    ///
    /// Which dashes those are is what `\B[-/]\b` finds: a character that ends no word, before one that begins a word.
    var withAnyDash: TextPattern {
        var changed: [Part] = []
        for part in parts {
            guard case .literal(let bytes) = part else {
                changed.append(part)
                continue
            }
            var literal: [UInt8] = []
            for (place, byte) in bytes.enumerated() {
                let isDash = byte == UInt8(ascii: "-") || byte == UInt8(ascii: "/")
                guard isDash, !Self.endsWord(bytes[..<place]), Self.beginsWord(bytes[(place + 1)...]) else {
                    literal.append(byte)
                    continue
                }
                changed.append(.literal(literal))
                changed.append(.dash)
                literal = []
            }
            changed.append(.literal(literal))
        }
        return TextPattern(parts: changed)
    }

    /// Letters of any script count, whose bytes are above ASCII; general punctuation such as `–` does not.
    private static func endsWord(_ bytes: ArraySlice<UInt8>) -> Bool {
        guard let last = bytes.last else { return false }
        return isWord(last) && !(bytes.count >= 3 && bytes.suffix(3).starts(with: [0xE2, 0x80]))
    }

    private static func beginsWord(_ bytes: ArraySlice<UInt8>) -> Bool {
        guard let first = bytes.first else { return false }
        return isWord(first) && !bytes.starts(with: [0xE2, 0x80])
    }

    private static func isWord(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"), 0x80...0xFF:
            true
        default: false
        }
    }
}

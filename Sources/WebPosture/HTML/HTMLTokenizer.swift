/// Takes an HTML document apart into tags, text and comments, in one pass over its bytes (WHATWG HTML §13.2.5).
///
/// It knows no tree: what it is asked is which tags stand there, and for that the tokenizer alone is enough. No input makes
/// it fail, and none takes more than linear time, because a scanner reads what strangers wrote.
public struct HTMLTokenizer: Sequence, IteratorProtocol {
    /// The document.
    public let bytes: [UInt8]

    private var at = 0
    /// The element whose content is text up to its own end tag.
    private var rawElement: String?

    /// The most attributes of one tag that are kept; those behind them are passed over.
    public static let attributeLimit = 1024

    private static let rawElements: Set = [
        "script", "style", "textarea", "title", "xmp", "iframe", "noembed", "noframes",
    ]

    /// A tokenizer at the beginning of `bytes`, which are read as UTF-8.
    public init(_ bytes: [UInt8]) { self.bytes = bytes }

    /// The next piece; `nil` at the end. What is cut off in the middle of a tag is no tag.
    public mutating func next() -> HTMLToken? {
        if let name = rawElement { return rawText(of: name) }
        guard at < bytes.count else { return nil }
        let start = at
        while at < bytes.count {
            guard bytes[at] == UInt8(ascii: "<"), at + 1 < bytes.count, Self.beginsMarkup(bytes[at + 1]) else {
                at += 1
                continue
            }
            return at > start ? .text(start..<at) : markup()
        }
        return .text(start..<at)
    }

    // MARK: - Markup

    private static func beginsMarkup(_ byte: UInt8) -> Bool {
        byte.isLetter || byte == UInt8(ascii: "/") || byte == UInt8(ascii: "!") || byte == UInt8(ascii: "?")
    }

    private mutating func markup() -> HTMLToken? {
        at += 1
        switch bytes[at] {
        case UInt8(ascii: "!"): return declaration()
        case UInt8(ascii: "?"): return bogusComment()
        case UInt8(ascii: "/"):
            at += 1
            guard at < bytes.count, bytes[at].isLetter else { return bogusComment() }
            let name = tagName()
            // An end tag may carry attributes, which mean nothing.
            return attributes() == nil ? nil : .end(name)
        default:
            let name = tagName()
            guard let attributes = attributes() else { return nil }
            if Self.rawElements.contains(name) { rawElement = name }
            return .start(HTMLToken.StartTag(name: name, attributes: attributes))
        }
    }

    private mutating func tagName() -> String {
        let start = at
        while at < bytes.count, !bytes[at].isHTMLSpace, bytes[at] != UInt8(ascii: "/"), bytes[at] != UInt8(ascii: ">") {
            at += 1
        }
        return lowercased(start..<at)
    }

    /// - Returns: `nil` if the document ends before the tag does.
    private mutating func attributes() -> [HTMLToken.StartTag.Attribute]? {
        var attributes: [HTMLToken.StartTag.Attribute] = []
        while true {
            while at < bytes.count, bytes[at].isHTMLSpace || bytes[at] == UInt8(ascii: "/") { at += 1 }
            guard at < bytes.count else { return nil }
            if bytes[at] == UInt8(ascii: ">") {
                at += 1
                return attributes
            }
            let start = at
            // An equals sign in the first place is part of the name.
            repeat { at += 1 } while at < bytes.count && !endsAttributeName(bytes[at])
            let name = start..<at
            guard let value = attributeValue() else { return nil }
            if attributes.count < Self.attributeLimit {
                attributes.append(
                    HTMLToken.StartTag.Attribute(
                        name: lowercased(name), value: CharacterReferences.resolved(bytes[value])))
            }
        }
    }

    private func endsAttributeName(_ byte: UInt8) -> Bool {
        byte.isHTMLSpace || byte == UInt8(ascii: "=") || byte == UInt8(ascii: "/") || byte == UInt8(ascii: ">")
    }

    /// Where the value lies, empty if there is none; `nil` if the document ends within it.
    private mutating func attributeValue() -> Range<Int>? {
        var ahead = at
        while ahead < bytes.count, bytes[ahead].isHTMLSpace { ahead += 1 }
        guard ahead < bytes.count else { return nil }
        guard bytes[ahead] == UInt8(ascii: "=") else { return at..<at }
        at = ahead + 1
        while at < bytes.count, bytes[at].isHTMLSpace { at += 1 }
        guard at < bytes.count else { return nil }
        let quote = bytes[at]
        if quote == UInt8(ascii: "\"") || quote == UInt8(ascii: "'") {
            at += 1
            guard let end = bytes[at...].firstIndex(of: quote) else {
                at = bytes.count
                return nil
            }
            defer { at = end + 1 }
            return at..<end
        }
        let start = at
        while at < bytes.count, !bytes[at].isHTMLSpace, bytes[at] != UInt8(ascii: ">") { at += 1 }
        return start..<at
    }

    // MARK: - Comments

    private mutating func declaration() -> HTMLToken {
        at += 1
        guard bytes[at...].starts(with: "--".utf8) else { return bogusComment() }
        at += 2
        let start = at
        // `<!-->` and `<!--->` are whole comments.
        for short in [">", "->"] where bytes[at...].starts(with: short.utf8) {
            at += short.utf8.count
            return .comment(start..<start)
        }
        while at < bytes.count {
            if bytes[at] == UInt8(ascii: "-"), at + 1 < bytes.count, bytes[at + 1] == UInt8(ascii: "-") {
                let end = at
                var behind = at + 2
                if behind < bytes.count, bytes[behind] == UInt8(ascii: "!") { behind += 1 }
                if behind < bytes.count, bytes[behind] == UInt8(ascii: ">") {
                    at = behind + 1
                    return .comment(start..<end)
                }
            }
            at += 1
        }
        return .comment(start..<at)
    }

    private mutating func bogusComment() -> HTMLToken {
        let start = at
        while at < bytes.count, bytes[at] != UInt8(ascii: ">") { at += 1 }
        defer { at = Swift.min(at + 1, bytes.count) }
        return .comment(start..<at)
    }

    // MARK: - Content that is text

    private mutating func rawText(of name: String) -> HTMLToken? {
        rawElement = nil
        let start = at
        while at < bytes.count {
            if bytes[at] == UInt8(ascii: "<"), endsElement(name, at: at) { break }
            at += 1
        }
        return at > start ? .text(start..<at) : next()
    }

    private func endsElement(_ name: String, at index: Int) -> Bool {
        let end = index + 2 + name.utf8.count
        guard end < bytes.count, bytes[index + 1] == UInt8(ascii: "/") else { return false }
        for (byte, expected) in zip(bytes[(index + 2)..<end], name.utf8) where byte.lowercasedASCII != expected {
            return false
        }
        return bytes[end].isHTMLSpace || bytes[end] == UInt8(ascii: "/") || bytes[end] == UInt8(ascii: ">")
    }

    private func lowercased(_ range: Range<Int>) -> String {
        String(decoding: bytes[range].lazy.map(\.lowercasedASCII), as: UTF8.self)
    }
}

extension UInt8 {
    var isLetter: Bool {
        (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(self) || (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(self)
    }

    var isDigit: Bool { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(self) }

    /// Tab, line feed, form feed, carriage return and space.
    var isHTMLSpace: Bool { self == 0x20 || self == 0x0A || self == 0x09 || self == 0x0D || self == 0x0C }

    var lowercasedASCII: UInt8 {
        (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(self) ? self | 0x20 : self
    }
}

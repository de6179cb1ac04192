/// A small reader of HTML, strict enough to notice what a browser would silently repair.
struct Markup {
    struct Tag {
        let name: String
        let attributes: [String: String]
    }

    /// What is wrong, in words; empty if all is well.
    private(set) var faults: [String] = []
    private(set) var tags: [Tag] = []
    /// The text between tags, references left as they are.
    private(set) var text = ""

    private static let empty: Set<String> = [
        "meta", "link", "input", "br", "hr", "img", "rect", "circle", "path", "use",
    ]

    init(_ html: String) {
        var rest = Substring(html)
        var open: [String] = []
        while let start = rest.firstIndex(of: "<") {
            take(text: rest[..<start])
            guard let end = Self.endOfTag(rest[start...]) else {
                faults.append("a tag does not end: \(rest[start...].prefix(60))")
                return
            }
            let inside = rest[rest.index(after: start)..<end]
            rest = rest[rest.index(after: end)...]
            if inside.hasPrefix("!DOCTYPE") { continue }
            if inside.hasPrefix("/") {
                let name = String(inside.dropFirst())
                if open.last == name {
                    open.removeLast()
                } else {
                    faults.append("</\(name)> closes \(open.last ?? "nothing")")
                }
                continue
            }
            let tag = read(inside)
            tags.append(tag)
            if !Self.empty.contains(tag.name), !inside.hasSuffix("/") { open.append(tag.name) }
        }
        take(text: rest)
        if !open.isEmpty { faults.append("left open: \(open)") }
        let ids = tags.compactMap { $0.attributes["id"] }
        for (id, count) in Dictionary(ids.map { ($0, 1) }, uniquingKeysWith: +) where count > 1 {
            faults.append("id \(id) stands \(count) times")
        }
    }

    func all(_ name: String) -> [Tag] { tags.filter { $0.name == name } }

    private mutating func take(text piece: Substring) {
        if piece.contains(">") { faults.append("a bare > in: \(piece.prefix(60))") }
        text += piece
    }

    private static func endOfTag(_ text: Substring) -> Substring.Index? {
        var quoted = false
        for index in text.indices {
            if text[index] == "\"" { quoted.toggle() }
            if text[index] == ">", !quoted { return index }
        }
        return nil
    }

    private mutating func read(_ inside: Substring) -> Tag {
        let name = inside.prefix { !$0.isWhitespace && $0 != "/" }
        var rest = inside.dropFirst(name.count).drop { $0.isWhitespace }
        var attributes: [String: String] = [:]
        while let first = rest.first, first != "/" {
            let key = rest.prefix { $0 != "=" && !$0.isWhitespace && $0 != "/" }
            rest = rest.dropFirst(key.count)
            var value = ""
            if rest.first == "=" {
                rest = rest.dropFirst()
                guard rest.first == "\"", let end = rest.dropFirst().firstIndex(of: "\"") else {
                    faults.append("attribute \(key) of <\(name)> is not quoted")
                    break
                }
                value = String(rest[rest.index(after: rest.startIndex)..<end])
                if value.contains("<") { faults.append("a bare < in \(key) of <\(name)>") }
                rest = rest[rest.index(after: end)...]
            }
            if attributes.updateValue(value, forKey: String(key)) != nil { faults.append("\(key) twice in <\(name)>") }
            rest = rest.drop { $0.isWhitespace }
            if key.isEmpty { break }
        }
        return Tag(name: String(name), attributes: attributes)
    }
}

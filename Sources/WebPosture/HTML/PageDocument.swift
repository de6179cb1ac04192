/// What an HTML page holds, as far as a scanner asks for it; read once, in one pass.
public struct PageDocument: Hashable, Sendable {
    /// A link that a person could follow.
    public struct Link: Hashable, Sendable {
        /// The reference as it stands there.
        public let reference: String
        /// What a person reads on it, and what is told to one who does not see it.
        public let text: String
        /// The request that it stands for, if that is not a plain visit: frameworks send other methods by a script.
        public let method: String?
    }

    /// A form with the names of its fields.
    public struct Form: Hashable, Sendable {
        /// Where it is sent; `nil` is the page itself.
        public let action: String?
        /// The method in lower case; `get` where nothing else stands.
        public let method: String
        /// The names and ids of its fields.
        public internal(set) var fields: [String] = []
        /// Whether one of them is for a password.
        public internal(set) var hasPassword = false
    }

    /// The start tags in their order.
    public private(set) var tags: [HTMLToken.StartTag] = []
    /// What stands in comments.
    public private(set) var comments: [String] = []
    /// What stands in script elements.
    public private(set) var scripts: [String] = []
    /// The links.
    public private(set) var links: [Link] = []
    /// The forms.
    public private(set) var forms: [Form] = []
    /// What references are resolved against, if the page says so.
    public private(set) var base: String?

    /// The most start tags, comments and scripts that are kept of one page each.
    public static let limit = 50_000

    /// Reads a page.
    public init(_ bytes: [UInt8]) {
        var reading = Reading()
        for token in HTMLTokenizer(bytes) {
            switch token {
            case .start(let tag):
                guard tags.count < Self.limit else { continue }
                tags.append(tag)
                take(tag, &reading)
            case .end(let name):
                if name == "a" { endLink(&reading) }
                if name == "form" { reading.isInForm = false }
                if name == "script" { reading.isInScript = false }
            case .text(let range):
                if reading.isInScript {
                    if scripts.count < Self.limit { scripts.append(String(decoding: bytes[range], as: UTF8.self)) }
                } else if reading.link != nil, reading.text.utf8.count < 256 {
                    reading.text += " " + String(decoding: bytes[range].prefix(256), as: UTF8.self)
                }
            case .comment(let range):
                if comments.count < Self.limit { comments.append(String(decoding: bytes[range], as: UTF8.self)) }
            }
        }
        endLink(&reading)
    }

    /// The contents of meta elements that stand for a header field of that name.
    ///
    /// - Parameter name: In lower case.
    public func metaFields(_ name: String) -> [String] {
        tags.filter { $0.name == "meta" && $0["http-equiv"]?.lowercased() == name }.compactMap { $0["content"] }
    }

    private struct Reading {
        var link: HTMLToken.StartTag?
        var text = ""
        var isInForm = false
        var isInScript = false
    }

    private mutating func take(_ tag: HTMLToken.StartTag, _ reading: inout Reading) {
        switch tag.name {
        case "base": base = base ?? tag["href"]
        case "a":
            endLink(&reading)
            if tag["href"] != nil { reading.link = tag }
        case "area", "iframe", "frame":
            if let reference = tag[tag.name == "area" ? "href" : "src"] { add(reference, tag, text: "") }
        case "meta":
            if tag["http-equiv"]?.lowercased() == "refresh", let reference = Self.refresh(tag["content"] ?? "") {
                add(reference, tag, text: "")
            }
        case "img", "svg":
            // A picture can be all that stands on a link.
            if reading.link != nil { reading.text += " " + (tag["alt"] ?? "") }
        case "script": reading.isInScript = true
        case "form":
            forms.append(Form(action: tag["action"], method: tag["method"]?.lowercased() ?? "get"))
            reading.isInForm = true
        case "input", "button", "select", "textarea":
            guard reading.isInForm, !forms.isEmpty else { return }
            forms[forms.count - 1].fields += [tag["name"], tag["id"]].compactMap { $0 }
            if tag["type"]?.lowercased() == "password" { forms[forms.count - 1].hasPassword = true }
        default: break
        }
    }

    private mutating func endLink(_ reading: inout Reading) {
        if let tag = reading.link, let reference = tag["href"] { add(reference, tag, text: reading.text) }
        reading.link = nil
        reading.text = ""
    }

    private mutating func add(_ reference: String, _ tag: HTMLToken.StartTag, text: String) {
        let words = [text, tag["title"] ?? "", tag["aria-label"] ?? "", tag["alt"] ?? ""]
        links.append(
            Link(
                reference: reference, text: words.filter { !$0.isEmpty }.joined(separator: " "),
                method: tag["data-method"] ?? tag["data-turbo-method"] ?? tag["hx-method"]))
    }

    /// The address of a meta element that sends elsewhere (HTML §4.2.5.3).
    private static func refresh(_ content: String) -> String? {
        guard let mark = content.firstIndex(where: { $0 == ";" || $0 == "," }) else { return nil }
        var rest = content[content.index(after: mark)...].drop(while: \.isWhitespace)
        if rest.lowercased().hasPrefix("url") {
            let behind = rest.dropFirst(3).drop(while: \.isWhitespace)
            if behind.hasPrefix("=") { rest = behind.dropFirst().drop(while: \.isWhitespace) }
        }
        if let quote = rest.first, quote == "\"" || quote == "'" {
            return String(rest.dropFirst().prefix { $0 != quote })
        }
        return rest.isEmpty ? nil : String(rest)
    }
}

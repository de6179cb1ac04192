/// The scheme and the host of an address that somebody wrote, whatever scheme it has; told apart as the URL standard does.
struct AddressParts: Hashable {
    /// In lower case, without the colon.
    let scheme: String
    /// In lower case; an IPv6 address in brackets.
    let host: String

    /// - Returns: `nil` where there is no scheme with two slashes and a host that could be one.
    init?(_ text: String) {
        guard let colon = text.firstIndex(of: ":") else { return nil }
        let scheme = text[..<colon].lowercased()
        let isScheme = scheme.utf8.enumerated().allSatisfy { index, byte in
            byte.isLetter || (index > 0 && (byte.isDigit || "+-.".utf8.contains(byte)))
        }
        var rest = text[text.index(after: colon)...]
        guard isScheme, !scheme.isEmpty, rest.hasPrefix("//") else { return nil }
        rest = rest.drop { $0 == "/" || $0 == "\\" }
        var authority = rest.prefix { $0 != "/" && $0 != "?" && $0 != "#" && $0 != "\\" }
        if let at = authority.lastIndex(of: "@") { authority = authority[authority.index(after: at)...] }
        guard let host = Self.host(authority) else { return nil }
        self.scheme = scheme
        self.host = host
    }

    private static func host(_ authority: Substring) -> String? {
        if authority.hasPrefix("[") {
            guard let end = authority.firstIndex(of: "]") else { return nil }
            let port = authority[authority.index(after: end)...]
            return port.isEmpty || isPort(port.dropFirst(), after: port.first) ? authority[...end].lowercased() : nil
        }
        let pieces = authority.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
        guard let name = pieces.first, !name.isEmpty, pieces.count == 1 || isPort(pieces[1], after: ":"),
            !name.utf8.contains(where: { forbidden.contains($0) || $0 <= 0x20 })
        else { return nil }
        return name.lowercased()
    }

    private static func isPort(_ text: Substring, after separator: Character?) -> Bool {
        guard separator == ":" else { return false }
        return text.isEmpty || (text.utf8.allSatisfy(\.isDigit) && (Int(text) ?? .max) <= 65_535)
    }

    /// The forbidden host code points of the URL standard §3.2 that a split above leaves over.
    private static let forbidden = Set("<>[]^|%".utf8 + [0x7F])
}

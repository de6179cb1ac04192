/// Reads addresses and references as the WHATWG's URL standard does for `http` and `https`, in one pass over the bytes.
enum AddressReader {
    /// The address that `text` is, or names against `base`.
    static func read(_ text: String, against base: WebAddress?) -> WebAddress? {
        guard text.utf8.count <= WebAddress.limit, let address = parsed(text, against: base) else { return nil }
        // What is escaped grows, and so does what is resolved against a long base.
        return address.description.utf8.count <= WebAddress.limit ? address : nil
    }

    private static func parsed(_ text: String, against base: WebAddress?) -> WebAddress? {
        var rest = trimmed(Array(text.utf8))[...]
        if let fragment = rest.firstIndex(of: UInt8(ascii: "#")) { rest = rest[..<fragment] }
        guard let scheme = takeScheme(&rest) else {
            guard let base else { return nil }
            return relative(rest, to: base)
        }
        guard let known = WebAddress.Scheme(rawValue: scheme) else { return nil }
        let slashes = rest.prefix(while: isSlash).count
        // `http:page` on a page of the same scheme is a relative reference, as browsers have always read it.
        if let base, base.scheme == known, slashes < 2 { return relative(rest, to: base) }
        return absolute(rest.dropFirst(slashes), scheme: known)
    }

    /// Control characters and spaces at both ends go, and line ends and tabs anywhere.
    private static func trimmed(_ bytes: [UInt8]) -> [UInt8] {
        let isOutside = { (byte: UInt8) in byte <= 0x20 }
        let front = bytes.drop(while: isOutside)
        let end = front.lastIndex { !isOutside($0) }.map { $0 + 1 } ?? front.startIndex
        return front[..<end].filter { $0 != 0x09 && $0 != 0x0A && $0 != 0x0D }
    }

    /// Takes a scheme and its colon off the front, in lower case.
    private static func takeScheme(_ rest: inout ArraySlice<UInt8>) -> String? {
        guard let first = rest.first, isLetter(first),
            let colon = rest.firstIndex(where: { !isLetter($0) && !isDigit($0) && !"+-.".utf8.contains($0) }),
            rest[colon] == UInt8(ascii: ":")
        else { return nil }
        let scheme = String(decoding: rest[..<colon].map(lowercased), as: UTF8.self)
        rest = rest[(colon + 1)...]
        return scheme
    }

    private static func absolute(_ rest: ArraySlice<UInt8>, scheme: WebAddress.Scheme) -> WebAddress? {
        let end = rest.firstIndex { isSlash($0) || $0 == UInt8(ascii: "?") } ?? rest.endIndex
        let authority = rest[..<end]
        // An address with credentials is somebody's secret, and an old way to make a host look like another.
        guard !authority.contains(UInt8(ascii: "@")) else { return nil }
        guard let (name, port) = split(authority), let host = HostReader.read(name) else { return nil }
        let (path, query) = pathAndQuery(rest[end...])
        return WebAddress(
            scheme: scheme, host: host, port: port ?? scheme.defaultPort, path: PathWriter.path(path, below: []),
            query: query)
    }

    private static func relative(_ rest: ArraySlice<UInt8>, to base: WebAddress) -> WebAddress? {
        guard let first = rest.first else { return base }
        let slashes = rest.prefix(while: isSlash).count
        if slashes >= 2 { return absolute(rest.dropFirst(slashes), scheme: base.scheme) }
        let (path, query) = pathAndQuery(rest)
        if first == UInt8(ascii: "?") { return base.replacing(path: base.path, query: query) }
        let above =
            slashes == 1
            ? []
            : base.path.split(separator: "/", omittingEmptySubsequences: false)
                .dropFirst().dropLast().map(String.init)
        return base.replacing(path: PathWriter.path(path, below: above), query: query)
    }

    /// Host and port; `nil` for a port that is none.
    private static func split(_ authority: ArraySlice<UInt8>) -> (host: ArraySlice<UInt8>, port: Int?)? {
        let afterBracket = authority.firstIndex(of: UInt8(ascii: "]")) ?? authority.startIndex
        guard let colon = authority[afterBracket...].firstIndex(of: UInt8(ascii: ":")) else { return (authority, nil) }
        let digits = authority[(colon + 1)...]
        if digits.isEmpty { return (authority[..<colon], nil) }
        guard digits.allSatisfy(isDigit), digits.count <= 10,
            let port = Int(String(decoding: digits, as: UTF8.self)), (1...65535).contains(port)
        else { return nil }
        return (authority[..<colon], port)
    }

    private static func pathAndQuery(_ rest: ArraySlice<UInt8>) -> (ArraySlice<UInt8>, String?) {
        guard let mark = rest.firstIndex(of: UInt8(ascii: "?")) else { return (rest, nil) }
        return (rest[..<mark], PathWriter.query(rest[(mark + 1)...]))
    }

    static func isSlash(_ byte: UInt8) -> Bool { byte == UInt8(ascii: "/") || byte == UInt8(ascii: "\\") }
    static func isDigit(_ byte: UInt8) -> Bool { (0x30...0x39).contains(byte) }
    static func isLetter(_ byte: UInt8) -> Bool { (0x61...0x7A).contains(byte | 0x20) }
    static func lowercased(_ byte: UInt8) -> UInt8 { (0x41...0x5A).contains(byte) ? byte | 0x20 : byte }
}

extension WebAddress {
    fileprivate func replacing(path: String, query: String?) -> WebAddress {
        WebAddress(scheme: scheme, host: host, port: port, path: path, query: query)
    }
}

/// Spells paths and queries: dots worked out, what may not stand there written with a percent sign.
private enum PathWriter {
    /// The path that `bytes` names in the folder of `above`.
    static func path(_ bytes: ArraySlice<UInt8>, below above: [String]) -> String {
        var segments = above
        let pieces = bytes.split(omittingEmptySubsequences: false, whereSeparator: AddressReader.isSlash)
        let isRooted = bytes.first.map(AddressReader.isSlash) ?? false
        let named = isRooted ? pieces.dropFirst() : pieces[...]
        for (index, piece) in named.enumerated() {
            let segment = escaped(piece, also: "\"#<>?^`{}")
            let isLast = index == named.count - 1
            switch segment.lowercased() {
            case "..", ".%2e", "%2e.", "%2e%2e":
                if !segments.isEmpty { segments.removeLast() }
                if isLast { segments.append("") }
            case ".", "%2e":
                if isLast { segments.append("") }
            default: segments.append(segment)
            }
        }
        return "/" + segments.joined(separator: "/")
    }

    /// The query with what may not stand there escaped.
    static func query(_ bytes: ArraySlice<UInt8>) -> String { escaped(bytes, also: "\"#<>'") }

    private static func escaped(_ bytes: ArraySlice<UInt8>, also marks: String) -> String {
        let digits = Array("0123456789ABCDEF".utf8)
        var text: [UInt8] = []
        text.reserveCapacity(bytes.count)
        for byte in bytes {
            if byte <= 0x20 || byte >= 0x7F || marks.utf8.contains(byte) {
                text += [UInt8(ascii: "%"), digits[Int(byte >> 4)], digits[Int(byte & 15)]]
            } else {
                text.append(byte)
            }
        }
        return String(decoding: text, as: UTF8.self)
    }
}

import Kernel

/// A line of a web server's access log: common, combined, or Apache's with the virtual host before it.
///
/// Fields are those of Sigma's web server taxonomy. `cs-uri-query` is the whole request target: two thirds of SigmaHQ's rules for web
/// servers look there for paths (sigma#471).
struct AccessLog {
    private(set) var time: Instant?

    /// Writes the fields of a line.
    ///
    /// - Returns: `nil` if the line has another form.
    init?(_ line: ArraySlice<UInt8>, into writer: inout EventWriter) {
        var reader = LineReader(line)
        var host: ArraySlice<UInt8>?
        guard var client = reader.upTo(" ") else { return nil }
        guard var identity = reader.upTo(" ") else { return nil }
        // `host:443 client - user […`: what comes second is the client then.
        if !(identity == "-"), client.contains(UInt8(ascii: ".")), !Self.isAddress(client) || Self.isAddress(identity) {
            host = client
            client = identity
            guard let next = reader.upTo(" ") else { return nil }
            identity = next
        }
        // Names may hold spaces: the time begins where ` [` does.
        guard let user = reader.upTo(" ["), let stamp = reader.upTo("] \"") else { return nil }
        guard let date = stamp.withUnsafeBufferPointer({ WrittenDate($0) }) else { return nil }
        time = date.instant
        let request = Self.quoted(&reader)
        guard let request, reader.take(" ") else { return nil }
        let status = reader.run { $0 != 0x20 }
        guard status.count == 3, status.allSatisfy(ASCII.isDigit) else { return nil }
        _ = reader.take(" ")
        let size = reader.run { $0 != 0x20 }

        writer.add("timestamp", time)
        writer.add("c-ip", client)
        writer.add("cs-username", user)
        Self.add(request[...], to: &writer)
        writer.add("sc-status", number: status)
        if !(size == "-") { writer.add("sc-bytes", number: size) }
        if reader.take(" \"") { writer.add("cs-referer", Self.quoted(&reader)?[...]) }
        if reader.take(" \"") {
            let agent = Self.quoted(&reader)
            writer.add("cs-user-agent", agent?[...])
            writer.add("c-useragent", agent?[...])
        }
        writer.add("cs-host", host.map(Self.withoutPort))
        if !reader.rest.trimmed.isEmpty { writer.add("more", reader.rest.trimmed) }
    }

    /// `GET /path?query HTTP/1.1`; what is no such request is all target.
    static func add(_ request: ArraySlice<UInt8>, to writer: inout EventWriter) {
        guard let first = request.firstIndex(of: 0x20), let last = request.lastIndex(of: 0x20), first < last,
            request[(last + 1)...].starts(with: "HTTP/"),
            request[..<first].allSatisfy({ $0 >= UInt8(ascii: "A") && $0 <= UInt8(ascii: "Z") })
        else { return writer.add("cs-uri-query", request) }
        let target = request[(first + 1)..<last]
        writer.add("cs-method", request[..<first])
        writer.add("cs-uri-stem", target.prefix { $0 != UInt8(ascii: "?") })
        writer.add("cs-uri-query", target)
        writer.add("c-uri", target)
        writer.add("cs-version", request[(last + 1)...])
    }

    /// What stands up to the next quote, with `\"`, `\\` and `\x22` resolved; the opening quote was read already.
    private static func quoted(_ reader: inout LineReader) -> [UInt8]? {
        var text: [UInt8] = []
        while true {
            text += reader.run { $0 != UInt8(ascii: "\"") && $0 != UInt8(ascii: "\\") }
            if reader.take("\"") { return text }
            guard reader.take("\\") else { return nil }
            let rest = reader.rest
            if reader.take("x"), rest.count >= 3, let high = ASCII.hexValue(rest[rest.startIndex + 1]),
                let low = ASCII.hexValue(rest[rest.startIndex + 2])
            {
                text.append(high << 4 | low)
                reader = LineReader(rest.dropFirst(3))
            } else if let escaped = rest.first {
                let controls: [UInt8: UInt8] = [
                    UInt8(ascii: "n"): 0x0A, UInt8(ascii: "t"): 0x09, UInt8(ascii: "r"): 0x0D, UInt8(ascii: "v"): 0x0B,
                    UInt8(ascii: "b"): 0x08, UInt8(ascii: "f"): 0x0C,
                ]
                text.append(controls[escaped] ?? escaped)
                reader = LineReader(rest.dropFirst())
            }
        }
    }

    private static func isAddress(_ text: ArraySlice<UInt8>) -> Bool {
        text.contains(UInt8(ascii: ":"))
            && text.allSatisfy { ASCII.hexValue($0) != nil || $0 == UInt8(ascii: ":") || $0 == UInt8(ascii: ".") }
            || text.allSatisfy { ASCII.isDigit($0) || $0 == UInt8(ascii: ".") }
    }

    private static func withoutPort(_ host: ArraySlice<UInt8>) -> ArraySlice<UInt8> {
        guard let colon = host.lastIndex(of: UInt8(ascii: ":")), host[(colon + 1)...].allSatisfy(ASCII.isDigit) else {
            return host
        }
        return host[..<colon]
    }
}

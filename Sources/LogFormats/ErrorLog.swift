import Kernel

/// A line of a web server's error log, nginx's or Apache's.
enum ErrorLog {
    /// `2026/11/22 10:00:00 [error] 123#124: *45 message, client: …, server: …, request: "…", host: "…"`.
    ///
    /// - Returns: When it was written; `nil` if the line has another form.
    static func nginx(_ line: ArraySlice<UInt8>, into writer: inout EventWriter) -> Instant? {
        guard line.count > 20, line[line.startIndex + 19] == 0x20,
            let date = line.prefix(19).withUnsafeBufferPointer({ WrittenDate($0) })
        else { return nil }
        var reader = LineReader(line.dropFirst(20))
        guard reader.take("["), let level = reader.upTo("] ") else { return nil }
        writer.add("timestamp", date.instant)
        writer.add("level", level)
        writer.add("pid", reader.upTo("#"))
        guard reader.upTo(": ") != nil else { return nil }
        if reader.take("*") { _ = reader.upTo(" ") }
        writer.add("message", reader.rest)
        // What a stranger sent stands in quotes inside the message: what nginx adds comes last.
        if let place = reader.rest.lastRange(of: ", client: ") {
            var tail = LineReader(reader.rest[place.upperBound...])
            writer.add("c-ip", tail.run { $0 != UInt8(ascii: ",") })
            if let request = tail.rest.firstRange(of: ", request: \"") {
                var text = LineReader(tail.rest[request.upperBound...])
                if let request = text.upTo("\"") { AccessLog.add(request, to: &writer) }
            }
            if let host = tail.rest.lastRange(of: ", host: \"") {
                var text = LineReader(tail.rest[host.upperBound...])
                writer.add("cs-host", text.upTo("\""))
            }
        }
        return date.instant
    }

    /// `[Sun Nov 22 10:00:00.123456 2026] [core:error] [pid 1:tid 2] [client 192.0.2.1:5678] AH00124: message`.
    ///
    /// - Returns: When it was written; `nil` if the line has another form.
    static func apache(_ line: ArraySlice<UInt8>, into writer: inout EventWriter) -> Instant? {
        var reader = LineReader(line)
        guard reader.take("["), let stamp = reader.upTo("] "), let time = apacheTime(stamp) else { return nil }
        writer.add("timestamp", time)
        while reader.take("["), let part = reader.upTo("] ") {
            var inner = LineReader(part)
            if inner.take("pid ") {
                writer.add("pid", inner.run(while: ASCII.isDigit))
            } else if inner.take("client ") || inner.take("remote ") {
                let colon = inner.rest.lastIndex(of: UInt8(ascii: ":"))
                writer.add("c-ip", colon.map { inner.rest[..<$0] } ?? inner.rest)
            } else {
                let module = inner.upTo(":")
                writer.add("module", module)
                writer.add("level", inner.rest)
            }
        }
        writer.add("message", reader.rest)
        return time
    }

    /// `Sun Nov 22 10:00:00.123456 2026`.
    private static func apacheTime(_ text: ArraySlice<UInt8>) -> Instant? {
        guard text.count >= 24, let space = text.lastIndex(of: 0x20) else { return nil }
        let year = text[(space + 1)...]
        guard year.count == 4, let number = Int(String(decoding: year, as: UTF8.self)) else { return nil }
        // A date without a year, received at the end of that year.
        let end = Instant(milliseconds: CivilTime.daysSinceEpoch(year: number, month: 12, day: 31) * 86_400_000)
        return text[..<space].dropFirst(4).withUnsafeBufferPointer {
            WrittenDate(withoutYear: $0, receivedAt: end)?.instant
        }
    }
}

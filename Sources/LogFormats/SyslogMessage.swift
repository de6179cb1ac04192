import Kernel

/// A message of syslog, in the form of RFC 5424, of RFC 3164, or as daemons write it into files.
///
/// Parts that are missing are `nil`; what fits no form at all is all message. Nothing in it is believed: the host it names is
/// what its sender says.
struct SyslogMessage {
    var facility: Int?
    var severity: Int?
    var time: Instant?
    var host: ArraySlice<UInt8>?
    var application: ArraySlice<UInt8>?
    var process: ArraySlice<UInt8>?
    var messageID: ArraySlice<UInt8>?
    /// Elements of structured data: id, name and value of each parameter.
    var parameters: [(element: ArraySlice<UInt8>, name: ArraySlice<UInt8>, value: [UInt8])] = []
    var message: ArraySlice<UInt8>

    /// The most parameters that are read.
    private static let parameterLimit = 64

    /// Reads a message.
    ///
    /// - Parameters:
    ///   - line: The message, without its end of line.
    ///   - now: When it was received; dates without a year need it.
    init(_ line: ArraySlice<UInt8>, receivedAt now: Instant) {
        message = line
        var reader = LineReader(line)
        readPriority(&reader)
        var probe = reader
        if facility != nil, probe.take("1 ") {
            if readModern(&probe) { return }
            parameters = []
            (time, host, application, process, messageID) = (nil, nil, nil, nil, nil)
        }
        readClassic(&reader, now)
    }

    private mutating func readPriority(_ reader: inout LineReader) {
        var probe = reader
        guard probe.take("<"), let priority = probe.number(), priority <= 191, probe.take(">") else { return }
        reader = probe
        (facility, severity) = (priority / 8, priority % 8)
        message = reader.rest
    }

    // MARK: RFC 5424

    private mutating func readModern(_ reader: inout LineReader) -> Bool {
        guard let stamp = reader.upTo(" "), let host = reader.upTo(" "), let application = reader.upTo(" "),
            let process = reader.upTo(" ")
        else { return false }
        let messageID = reader.run { $0 != 0x20 }
        guard reader.take(" ") else { return false }
        if !(stamp == "-") {
            guard let date = Self.date(stamp) else { return false }
            time = date.instant
        }
        self.host = Self.known(host)
        self.application = Self.known(application)
        self.process = Self.known(process)
        self.messageID = Self.known(messageID)
        if !reader.take("-") {
            guard reader.take("[") else { return false }
            repeat { guard readElement(&reader) else { return false } } while reader.take("[")
        }
        guard reader.isAtEnd || reader.take(" ") else { return false }
        // The mark of UTF-8 says what the text is, and is no part of it.
        _ = reader.take("\u{FEFF}")
        message = reader.rest
        return true
    }

    private mutating func readElement(_ reader: inout LineReader) -> Bool {
        let element = reader.run { $0 != 0x20 && $0 != UInt8(ascii: "]") }
        while reader.take(" ") {
            let name = reader.run { $0 != UInt8(ascii: "=") && $0 != 0x20 && $0 != UInt8(ascii: "]") }
            guard !name.isEmpty, reader.take("=\"") else { return false }
            var value: [UInt8] = []
            while true {
                value += reader.run { $0 != UInt8(ascii: "\"") && $0 != UInt8(ascii: "\\") }
                if reader.take("\"") { break }
                guard reader.take("\\"), let escaped = reader.rest.first else { return false }
                let isEscape = [UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "]")].contains(escaped)
                if isEscape { reader = LineReader(reader.rest.dropFirst()) } else { value.append(UInt8(ascii: "\\")) }
                if isEscape { value.append(escaped) }
            }
            if parameters.count < Self.parameterLimit { parameters.append((element, name, value)) }
        }
        return reader.take("]")
    }

    private static func known(_ text: ArraySlice<UInt8>) -> ArraySlice<UInt8>? { text == "-" ? nil : text }

    private static func date(_ text: ArraySlice<UInt8>) -> WrittenDate? {
        text.withUnsafeBufferPointer { WrittenDate($0) }
    }

    // MARK: RFC 3164 and its relatives

    private mutating func readClassic(_ reader: inout LineReader, _ now: Instant) {
        guard readClassicTime(&reader, now) else {
            // Without a time there may still be a tag.
            readTag(&reader)
            return
        }
        reader.skipSpaces()
        // A host comes next, unless that is a tag already.
        var probe = reader
        let word = probe.run { $0 != 0x20 }
        if probe.take(" "), !word.isEmpty, word.last != UInt8(ascii: ":"), !(word.last == UInt8(ascii: "]")) {
            host = word
            reader = probe
        }
        message = reader.rest
        readTag(&reader)
    }

    private mutating func readClassicTime(_ reader: inout LineReader, _ now: Instant) -> Bool {
        let rest = reader.rest
        // `Nov 22 10:00:00`, with or without a fraction.
        if rest.count >= 15, rest[rest.startIndex + 3] == 0x20 {
            let end =
                rest[(rest.startIndex + 15)...].firstIndex { $0 == 0x20 || $0 == UInt8(ascii: ":") } ?? rest.endIndex
            let date = rest[rest.startIndex..<end].withUnsafeBufferPointer {
                WrittenDate(withoutYear: $0, receivedAt: now)
            }
            if let date {
                time = date.instant
                reader = LineReader(rest[end...].drop { $0 == UInt8(ascii: ":") })
                return true
            }
        }
        // `2026-11-22T10:00:00.123456+01:00`, as rsyslog writes into files.
        var probe = reader
        let word = probe.run { $0 != 0x20 }
        if word.count >= 19, probe.take(" "), let date = Self.date(word) {
            time = date.instant
            reader = probe
            return true
        }
        return false
    }

    /// `sshd[123]: `, `sshd(pam_unix)[123]: ` or `kernel: `.
    private mutating func readTag(_ reader: inout LineReader) {
        var probe = reader
        let name = probe.run { byte in
            byte > 0x20 && byte != UInt8(ascii: "[") && byte != UInt8(ascii: ":") && byte != UInt8(ascii: "(")
        }
        guard (1...64).contains(name.count) else { return }
        if probe.take("(") { guard probe.upTo(")") != nil else { return } }
        var process: ArraySlice<UInt8>?
        if probe.take("[") {
            guard let found = probe.upTo("]"), found.count <= 128 else { return }
            process = found
        }
        guard probe.take(":") else { return }
        application = name
        self.process = process
        _ = probe.take(" ")
        message = probe.rest
    }
}

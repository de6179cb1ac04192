/// A record of the Linux audit system: `type=… msg=audit(SECONDS:SERIAL): key=value …`.
struct AuditRecord {
    let type: ArraySlice<UInt8>
    /// Seconds with three decimals, as written, and the number of the event that the record belongs to.
    let stamp: ArraySlice<UInt8>
    let serial: ArraySlice<UInt8>
    /// The host, where several write into one log.
    let node: ArraySlice<UInt8>?
    private(set) var fields: [(name: ArraySlice<UInt8>, value: [UInt8])] = []

    /// The most fields of a record that are read.
    private static let fieldLimit = 512

    /// Reads a record; `nil` for a line that is none.
    init?(_ line: ArraySlice<UInt8>) {
        var reader = LineReader(line)
        var node: ArraySlice<UInt8>?
        if reader.take("node=") {
            node = reader.run { $0 != 0x20 }
            reader.skipSpaces()
        }
        var type: ArraySlice<UInt8>?
        if reader.take("type=") {
            type = reader.run { $0 != 0x20 }
            reader.skipSpaces()
        } else if reader.take("audit: type=") {
            type = reader.run { $0 != 0x20 }
            reader.skipSpaces()
        }
        guard let type, reader.take("msg=audit(") || reader.take("audit("), let stamp = reader.upTo(":"),
            let serial = reader.upTo("):"), serial.allSatisfy(ASCII.isDigit), !serial.isEmpty
        else { return nil }
        self.type = type
        self.stamp = stamp
        self.serial = serial
        self.node = node
        readFields(&reader)
    }

    private mutating func readFields(_ reader: inout LineReader) {
        while fields.count < Self.fieldLimit {
            // Between the record and what auditd adds (names for numbers) stands a group separator.
            _ = reader.run { $0 == 0x20 || $0 == 0x1D || $0 == UInt8(ascii: ",") }
            guard !reader.isAtEnd else { return }
            let name = reader.run { $0 != UInt8(ascii: "=") && $0 != 0x20 }
            guard reader.take("=") else { continue }
            if reader.take("'") {
                // What a program says of itself: fields of their own.
                guard let inner = reader.upTo("'") else { return }
                var innerReader = LineReader(inner)
                readFields(&innerReader)
            } else if reader.take("\"") {
                let value = reader.upTo("\"") ?? reader.rest
                fields.append((name, Array(value)))
            } else {
                let value = reader.run { $0 != 0x20 && $0 != 0x1D }
                fields.append((name, isEncodable(name) ? decoded(value, name) : Array(value)))
            }
        }
    }

    /// Fields that strangers decide are written in hexadecimal where they hold a space, a quote or a control character.
    private func isEncodable(_ name: ArraySlice<UInt8>) -> Bool {
        if name.first == UInt8(ascii: "a"), let second = name.dropFirst().first, ASCII.isDigit(second) {
            // Those of a system call are numbers.
            return type == "EXECVE"
        }
        return Self.encodable.contains(Array(name))
    }

    private static let encodable = Set(
        [
            "name", "comm", "exe", "cwd", "proctitle", "cmd", "acct", "data", "path", "key", "file", "dir", "grp",
            "new_group", "vm", "id_name",
        ].map { Array($0.utf8) })

    private func decoded(_ value: ArraySlice<UInt8>, _ name: ArraySlice<UInt8>) -> [UInt8] {
        guard value.count.isMultiple(of: 2), !value.isEmpty else { return Array(value) }
        var bytes: [UInt8] = []
        var needsIt = false
        for place in stride(from: value.startIndex, to: value.endIndex, by: 2) {
            guard let high = ASCII.hexValue(value[place]), let low = ASCII.hexValue(value[place + 1]) else {
                return Array(value)
            }
            let byte = high << 4 | low
            if byte <= 0x20 || byte == UInt8(ascii: "\"") || byte >= 0x7F { needsIt = true }
            // The arguments of a command line are kept apart by zeros.
            bytes.append(byte == 0 && name == "proctitle" ? 0x20 : byte)
        }
        return needsIt ? bytes : Array(value)
    }
}

import Kernel

/// An entry of systemd's journal, read from its export format or from `journalctl -o json`.
struct JournalEntry {
    private(set) var fields: [(name: ArraySlice<UInt8>, value: [UInt8])] = []

    private static let fieldLimit = 256

    /// Reads a line of `journalctl -o json`; `nil` for what is none.
    init?(json line: ArraySlice<UInt8>) {
        guard let members = JSONMembers.read(line) else { return nil }
        for (key, value) in members.prefix(Self.fieldLimit) {
            if let text = JSONMembers.text(value) {
                fields.append((key, text))
            } else if let elements = JSONMembers.elements(value) {
                // Bytes that are no text come as numbers, several values as a list.
                let numbers = elements.map { UInt8(String(decoding: $0, as: UTF8.self)) }
                if !numbers.isEmpty, !numbers.contains(nil) {
                    fields.append((key, numbers.compactMap { $0 }))
                } else {
                    for element in elements { if let text = JSONMembers.text(element) { fields.append((key, text)) } }
                }
            }
        }
        guard self["MESSAGE"] != nil || self["__REALTIME_TIMESTAMP"] != nil else { return nil }
    }

    /// What an entry of the export format is.
    enum Export {
        case entry(JournalEntry)
        /// A value is longer than what is there.
        case incomplete
        /// It is none.
        case none
    }

    /// Reads an entry of the export format: `NAME=value` lines, or `NAME`, eight bytes of length and the value.
    ///
    /// - Parameter bytes: The entry, up to the empty line that ends it.
    static func read(export bytes: ArraySlice<UInt8>) -> Export {
        var entry = JournalEntry()
        var rest = bytes
        while !rest.isEmpty {
            let end = rest.firstIndex(of: 0x0A) ?? rest.endIndex
            let line = rest[rest.startIndex..<end]
            rest = end < rest.endIndex ? rest[(end + 1)...] : rest[end...]
            if let equals = line.firstIndex(of: UInt8(ascii: "=")) {
                entry.add(line[..<equals], line[(equals + 1)...])
            } else if !line.isEmpty {
                guard line.allSatisfy(isNameByte) else { return .none }
                guard rest.count >= 8 else { return .incomplete }
                let length = rest.prefix(8).reversed().reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
                rest = rest.dropFirst(8)
                guard length <= 16 << 20 else { return .none }
                guard length < UInt64(rest.count) else { return .incomplete }
                entry.add(line, rest.prefix(Int(length)))
                rest = rest.dropFirst(Int(length) + 1)
            }
        }
        return entry["MESSAGE"] != nil || entry["__REALTIME_TIMESTAMP"] != nil ? .entry(entry) : .none
    }

    private init() {}

    private mutating func add(_ name: ArraySlice<UInt8>, _ value: ArraySlice<UInt8>) {
        if fields.count < Self.fieldLimit { fields.append((name, Array(value))) }
    }

    private static func isNameByte(_ byte: UInt8) -> Bool {
        (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(byte) || ASCII.isDigit(byte) || byte == UInt8(ascii: "_")
    }

    subscript(_ name: StaticString) -> ArraySlice<UInt8>? { fields.first { $0.name == name }?.value[...] }

    /// When it was written.
    var time: Instant? {
        let stamp = self["_SOURCE_REALTIME_TIMESTAMP"] ?? self["__REALTIME_TIMESTAMP"]
        return stamp.flatMap { Int64(String(decoding: $0, as: UTF8.self)) }.map { Instant(milliseconds: $0 / 1000) }
    }

    /// The entry as the message of syslog that it would be.
    func message(receivedAt now: Instant) -> SyslogMessage {
        var message = SyslogMessage([], receivedAt: now)
        message.time = time
        message.host = self["_HOSTNAME"]
        message.application = self["SYSLOG_IDENTIFIER"] ?? self["_COMM"]
        message.process = self["_PID"] ?? self["SYSLOG_PID"]
        message.facility = self["SYSLOG_FACILITY"].flatMap { Int(String(decoding: $0, as: UTF8.self)) }
        message.severity = self["PRIORITY"].flatMap { Int(String(decoding: $0, as: UTF8.self)) }
        message.message = self["MESSAGE"] ?? []
        return message
    }
}

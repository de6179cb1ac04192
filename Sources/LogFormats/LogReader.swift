import Kernel
import Sigma

/// An event that was read from a log.
public struct LogEvent: Sendable {
    /// The event: one JSON object, its fields named as rules expect them.
    public let json: [UInt8]
    /// What kind of log it is from.
    public let source: LogSource
    /// When it happened, as far as the log says.
    public let time: Instant?

    /// An event out of its parts.
    public init(json: [UInt8], source: LogSource, time: Instant?) {
        self.json = json
        self.source = source
        self.time = time
    }
}

/// Reads the lines of a log as events. Stateful: an event of the audit system is several lines.
public struct LogReader: Sendable {
    private let format: LogFormat
    private var writer = EventWriter()
    private var joiner = AuditJoiner()
    /// Lines of an entry of the journal's export that has not ended yet.
    private var pending: [UInt8] = []
    private static let pendingLimit = 16 << 20

    /// A reader of one form.
    public init(_ format: LogFormat) {
        self.format = format
    }

    /// Reads a line.
    ///
    /// - Parameters:
    ///   - line: The line without its end.
    ///   - now: When it was received.
    ///   - emit: Takes the events that are complete with this line.
    /// - Returns: Why the line could not be read in the form it should have; then it is an event that is all message, so
    ///   that keywords are still found in it.
    public mutating func read(_ line: [UInt8], receivedAt now: Instant, _ emit: (LogEvent) -> Void) -> LogFault? {
        if format == .journalExport { return exported(line, receivedAt: now, emit) }
        let line = line.last == 0x0D ? line.dropLast() : line[...]
        // A blank line is nothing, and no fault either.
        guard !line.isEmpty else { return nil }
        switch format {
        case .journalExport: return nil
        case .json:
            emit(LogEvent(json: Array(line), source: LogSource(), time: nil))
            return nil
        case .syslog:
            emit(event(of: SyslogMessage(line, receivedAt: now)))
            return nil
        case .journal:
            guard let entry = JournalEntry(json: line) else { return plain(line, LogSource(product: "linux"), emit) }
            emit(event(of: entry, receivedAt: now))
            return nil
        case .auditd:
            guard let record = AuditRecord(line) else {
                return plain(line, LogSource(product: "linux", services: ["auditd"]), emit)
            }
            joiner.take(record) { emit(Self.event(of: $0, &writer)) }
            return nil
        case .access:
            let source = LogSource(categories: ["webserver"])
            writer.begin()
            guard let entry = AccessLog(line, into: &writer) else { return plain(line, source, emit) }
            writer.end()
            emit(LogEvent(json: writer.bytes, source: source, time: entry.time))
            return nil
        case .nginxError:
            return error(line, LogSource(product: "nginx", services: ["nginx", "error"]), ErrorLog.nginx, emit)
        case .apacheError:
            return error(line, LogSource(product: "apache", services: ["apache", "error"]), ErrorLog.apache, emit)
        case .cloudtrail: return cloudTrail(line, emit)
        case .windows:
            guard let event = WindowsEvent(line) else { return plain(line, LogSource(product: "windows"), emit) }
            writer.begin()
            event.write(into: &writer)
            writer.end()
            emit(LogEvent(json: writer.bytes, source: event.source, time: event.time))
            return nil
        }
    }

    /// Gives out what was waiting for more lines.
    ///
    /// - Parameter now: When the last line was received.
    public mutating func finish(receivedAt now: Instant, _ emit: (LogEvent) -> Void) {
        if !pending.isEmpty { _ = exported([], receivedAt: now, emit) }
        joiner.finish { emit(Self.event(of: $0, &writer)) }
    }

    // MARK: Forms

    private mutating func plain(
        _ line: ArraySlice<UInt8>, _ source: LogSource, _ emit: (LogEvent) -> Void
    ) -> LogFault {
        writer.begin()
        writer.add("message", line)
        writer.end()
        emit(LogEvent(json: writer.bytes, source: source, time: nil))
        return .otherForm
    }

    private mutating func error(
        _ line: ArraySlice<UInt8>, _ source: LogSource,
        _ read: (ArraySlice<UInt8>, inout EventWriter) -> Instant?, _ emit: (LogEvent) -> Void
    ) -> LogFault? {
        writer.begin()
        guard let time = read(line, &writer) else { return plain(line, source, emit) }
        writer.end()
        emit(LogEvent(json: writer.bytes, source: source, time: time))
        return nil
    }

    /// Gathers the lines of an entry, which ends with an empty one; but values may hold empty lines too, and say how long they are.
    private mutating func exported(
        _ line: [UInt8], receivedAt now: Instant, _ emit: (LogEvent) -> Void
    ) -> LogFault? {
        guard line.isEmpty else {
            pending += line
            pending.append(0x0A)
            guard pending.count > Self.pendingLimit else { return nil }
            pending = []
            return .otherForm
        }
        guard !pending.isEmpty else { return nil }
        switch JournalEntry.read(export: pending[...]) {
        case .entry(let entry):
            pending.removeAll(keepingCapacity: true)
            emit(event(of: entry, receivedAt: now))
            return nil
        case .incomplete:
            pending.append(0x0A)
            return nil
        case .none:
            let text = pending.dropLast()
            pending = []
            return plain(text, LogSource(product: "linux"), emit)
        }
    }

    private mutating func event(of message: SyslogMessage) -> LogEvent {
        writer.begin()
        let source = Self.write(message, into: &writer)
        writer.end()
        return LogEvent(json: writer.bytes, source: source, time: message.time)
    }

    private mutating func event(of entry: JournalEntry, receivedAt now: Instant) -> LogEvent {
        let message = entry.message(receivedAt: now)
        writer.begin()
        let source = Self.write(message, into: &writer)
        for (name, field) in [
            ("_EXE", "exe"), ("_CMDLINE", "cmdline"), ("_SYSTEMD_UNIT", "unit"), ("_UID", "uid"), ("_COMM", "comm"),
        ]
            as [(StaticString, StaticString)]
        {
            writer.add(field, entry[name])
        }
        writer.end()
        return LogEvent(json: writer.bytes, source: source, time: message.time)
    }

    private static func event(of event: AuditJoiner.Event, _ writer: inout EventWriter) -> LogEvent {
        writer.begin()
        event.write(into: &writer)
        writer.end()
        return LogEvent(
            json: writer.bytes,
            source: LogSource(product: "linux", categories: event.categories, services: ["auditd"]), time: event.time)
    }

    private static func write(_ message: SyslogMessage, into writer: inout EventWriter) -> LogSource {
        let linux = LinuxMessage(application: message.application, facility: message.facility, message.message)
        writer.add("timestamp", message.time)
        writer.add("hostname", message.host)
        writer.add("appname", message.application)
        writer.add("procid", message.process)
        writer.add("msgid", message.messageID)
        writer.add("facility", number: message.facility.map { Array("\($0)".utf8)[...] })
        writer.add("severity", number: message.severity.map { Array("\($0)".utf8)[...] })
        writer.add("message", message.message)
        for (element, name, value) in message.parameters { writer.add((element + [0x2E] + name)[...], value[...]) }
        for (name, value) in linux.fields { writer.add(name, value) }
        if linux.repetitions > 1 { writer.add("repeated", number: Array("\(linux.repetitions)".utf8)[...]) }
        return LogSource(product: "linux", services: linux.services + ["syslog"])
    }

    private mutating func cloudTrail(_ line: ArraySlice<UInt8>, _ emit: (LogEvent) -> Void) -> LogFault? {
        let source = LogSource(product: "aws", services: ["cloudtrail"])
        guard let members = JSONMembers.read(line) else { return plain(line, source, emit) }
        let records = members.first { $0.key == "Records" }.flatMap { JSONMembers.elements($0.value) } ?? [line]
        for record in records {
            let time = JSONMembers.read(record)?.first { $0.key == "eventTime" }.flatMap { JSONMembers.text($0.value) }
            emit(
                LogEvent(
                    json: Array(record), source: source,
                    time: time?.withUnsafeBufferPointer { WrittenDate($0)?.instant }))
        }
        return nil
    }
}

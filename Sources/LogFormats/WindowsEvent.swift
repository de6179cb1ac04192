import Kernel
import Sigma

/// An event of Windows as JSON, in the forms in which it is shipped: as `evtx_dump` and others write the XML, as Winlogbeat sends it,
/// or flat, as NXLog does.
///
/// Fields come out flat, with the names that Sigma's rules expect: what was written about the event itself as `EventID`, `Channel` and
/// the like (attributes joined by `_`: `Provider_Name`), its data by their own names.
struct WindowsEvent {
    private(set) var fields: [(name: [UInt8], value: [UInt8])] = []
    private var places: [[UInt8]: Int] = [:]

    private static let fieldLimit = 1024
    private static let depthLimit = 8

    /// Reads an event; `nil` for what is none of Windows'.
    init?(_ line: ArraySlice<UInt8>) {
        guard let members = JSONMembers.read(line) else { return nil }
        if let event = members.first(where: { $0.key == "Event" }).flatMap({ JSONMembers.read($0.value) }) {
            for (key, value) in event {
                if key == "System" {
                    addSystem(value)
                } else if key == "EventData" || key == "UserData" {
                    addData(value, depth: 0)
                }
            }
        } else if let log = members.first(where: { $0.key == "winlog" }).flatMap({ JSONMembers.read($0.value) }) {
            addWinlog(log, members)
        } else {
            for (key, value) in members { addData(value, named: key, depth: 0) }
            for (other, name) in [("SourceName", "Provider_Name"), ("Hostname", "Computer")] where self[name] == nil {
                if let value = self[other] { add(Array(name.utf8), value) }
            }
        }
        guard self["EventID"] != nil else { return nil }
        addAliases()
    }

    private subscript(_ name: String) -> [UInt8]? { places[Array(name.utf8)].map { fields[$0].value } }

    private func text(_ name: String) -> String? { self[name].map { String(decoding: $0, as: UTF8.self) } }

    private mutating func add(_ name: [UInt8], _ value: [UInt8]) {
        guard !name.isEmpty, places[name] == nil, fields.count < Self.fieldLimit else { return }
        places[name] = fields.count
        fields.append((name, value))
    }

    // MARK: Forms

    /// `{"Provider": {"#attributes": {"Name": …}}, "EventID": 1 or {"#text": 1}, …}`, with or without the word for attributes.
    private mutating func addSystem(_ object: ArraySlice<UInt8>) {
        for (key, value) in JSONMembers.read(object) ?? [] {
            if let text = JSONMembers.text(value) {
                add(Array(key), text)
                continue
            }
            for (inner, part) in JSONMembers.read(value) ?? [] {
                if inner == "#text" {
                    if let text = JSONMembers.text(part) { add(Array(key), text) }
                } else if inner == "#attributes" {
                    for (name, text) in JSONMembers.read(part) ?? [] {
                        if let text = JSONMembers.text(text) { add(key + [0x5F] + name, text) }
                    }
                } else if let text = JSONMembers.text(part) {
                    add(key + [0x5F] + inner.drop { $0 == UInt8(ascii: "@") }, text)
                }
            }
        }
    }

    private mutating func addWinlog(_ log: [JSONMembers.Member], _ members: [JSONMembers.Member]) {
        for (key, name) in [
            ("event_id", "EventID"), ("channel", "Channel"), ("provider_name", "Provider_Name"),
            ("computer_name", "Computer"),
            ("record_id", "EventRecordID"), ("task", "Task"), ("opcode", "Opcode"), ("version", "Version"),
        ] {
            let member = log.first { $0.key.elementsEqual(key.utf8) }
            if let text = member.flatMap({ JSONMembers.text($0.value) }) { add(Array(name.utf8), text) }
        }
        if let time = members.first(where: { $0.key == "@timestamp" }).flatMap({ JSONMembers.text($0.value) }) {
            add(Array("TimeCreated_SystemTime".utf8), time)
        }
        for (key, value) in log where key == "event_data" || key == "user_data" { addData(value, depth: 0) }
    }

    /// Data by their names, however they are nested; `Data` without names are gathered in one field.
    private mutating func addData(_ value: ArraySlice<UInt8>, named name: ArraySlice<UInt8> = [], depth: Int) {
        guard depth < Self.depthLimit else { return }
        if let text = JSONMembers.text(value) {
            add(name.filter { $0 != 0x20 }, text)
        } else if let members = JSONMembers.read(value) {
            let label =
                members.first { $0.key == "@Name" || $0.key == "Name" }
                ?? members.first { $0.key == "#attributes" }.flatMap {
                    JSONMembers.read($0.value)?.first { $0.key == "Name" }
                }
            if let label = label.flatMap({ JSONMembers.text($0.value) }),
                let text = members.first(where: { $0.key == "#text" })
            {
                return add(label, JSONMembers.text(text.value) ?? [])
            }
            for (key, inner) in members where !(key == "#attributes") {
                addData(inner, named: key == "#text" ? name : key, depth: depth + 1)
            }
        } else if let elements = JSONMembers.elements(value) {
            let texts = elements.compactMap(JSONMembers.text)
            if texts.count == elements.count, !texts.isEmpty {
                add(Array(name), Array(texts.joined(separator: [0x0A])))
            } else {
                for element in elements { addData(element, named: name, depth: depth + 1) }
            }
        }
    }

    /// What rules for the start of processes call by Sysmon's names.
    private mutating func addAliases() {
        guard self["EventID"].map({ $0[...] == "4688" }) == true, text("Channel") == "Security" else { return }
        for (own, name) in [
            ("NewProcessName", "Image"), ("ParentProcessName", "ParentImage"), ("SubjectUserName", "User"),
        ] {
            if let value = self[own] { add(Array(name.utf8), value) }
        }
    }

    // MARK: What it is

    /// When it happened.
    var time: Instant? {
        for name in ["TimeCreated_SystemTime", "UtcTime", "EventTime"] {
            if let date = self[name]?.withUnsafeBufferPointer({ WrittenDate($0) }) { return date.instant }
        }
        return nil
    }

    /// The log source that rules know it by.
    var source: LogSource {
        guard let channel = text("Channel") else { return LogSource(product: "windows") }
        let service = WindowsChannels.service(of: channel)
        let categories = WindowsChannels.categories(
            service: service, event: text("EventID").flatMap { Int($0) } ?? 0, kind: text("EventType"))
        return LogSource(product: "windows", categories: categories, services: [service].compactMap { $0 })
    }

    func write(into writer: inout EventWriter) {
        for (name, value) in fields { writer.add(name[...], value[...]) }
    }
}

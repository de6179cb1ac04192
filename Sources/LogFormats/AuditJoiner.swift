import Kernel

/// Joins the records of one event of the Linux audit system, which come one by one and not always side by side.
///
/// An event ends with its PROCTITLE or EOE record; what never ends is given out when enough newer events have begun. Fields that
/// several records have are lists. Of a program that was started there are also `Image`, `CommandLine`, `CurrentDirectory` and
/// `User`, and of a file that was made `TargetFilename`, as rules for these categories expect.
struct AuditJoiner: Sendable {
    /// An event whose records are being collected.
    struct Event {
        fileprivate let key: [UInt8]
        fileprivate let stamp: [UInt8]
        fileprivate let serial: [UInt8]
        fileprivate let node: [UInt8]?
        fileprivate var types: [[UInt8]] = []
        fileprivate var fields: [(name: [UInt8], values: [[UInt8]])] = []
        fileprivate var places: [[UInt8]: Int] = [:]
        fileprivate var arguments: [Int: [UInt8]] = [:]
    }

    private var open: [Event] = []
    /// How many events may be open at once, and how many records one may have.
    private static let openLimit = 64
    private static let recordLimit = 256
    private static let valueLimit = 64

    /// Takes a record; events that are complete with it come out.
    mutating func take(_ record: AuditRecord, _ emit: (Event) -> Void) {
        let key = (record.node.map(Array.init) ?? []) + [0x20] + record.stamp + [0x3A] + record.serial
        let isEnd = record.type == "EOE"
        if let place = open.lastIndex(where: { $0.key == key }) {
            if !isEnd { open[place].add(record) }
            if isEnd || record.type == "PROCTITLE" || open[place].types.count >= Self.recordLimit {
                emit(open.remove(at: place))
            }
            return
        }
        guard !isEnd else { return }
        var event = Event(
            key: key, stamp: Array(record.stamp), serial: Array(record.serial), node: record.node.map(Array.init))
        event.add(record)
        guard Self.isPart(record.type) else { return emit(event) }
        open.append(event)
        if open.count > Self.openLimit { emit(open.removeFirst()) }
    }

    /// Gives out what never ended.
    mutating func finish(_ emit: (Event) -> Void) {
        open.forEach(emit)
        open = []
    }

    /// Whether others of the same event may follow: so it is with what the kernel writes about a system call.
    private static func isPart(_ type: ArraySlice<UInt8>) -> Bool {
        parts.contains(Array(type))
    }

    private static let parts = Set(
        [
            "SYSCALL", "EXECVE", "PATH", "CWD", "PROCTITLE", "SOCKADDR", "SOCKETCALL", "IPC", "IPC_SET_PERM", "MMAP",
            "BPRM_FCAPS", "CAPSET", "FD_PAIR", "OBJ_PID", "MQ_OPEN", "MQ_SENDRECV", "NETFILTER_PKT", "AVC", "SECCOMP",
            "INTEGRITY_RULE", "KERN_MODULE", "FANOTIFY", "TIME_INJOFFSET", "OPENAT2", "BPF", "NETFILTER_CFG",
            "CONFIG_CHANGE", "MAC_POLICY_LOAD", "URINGOP",
        ].map { Array($0.utf8) })
}

extension AuditJoiner.Event {
    fileprivate mutating func add(_ record: AuditRecord) {
        types.append(Array(record.type))
        for (name, value) in record.fields {
            // A long argument comes in pieces: a1[0], a1[1].
            let plain = name.firstIndex(of: UInt8(ascii: "[")).map { name[..<$0] } ?? name
            if record.type == "EXECVE", plain.first == UInt8(ascii: "a"),
                let number = Int(String(decoding: plain.dropFirst(), as: UTF8.self)), number < 4096
            {
                arguments[number, default: []] += value
                if plain.count != name.count { continue }
            }
            add(Array(plain), value)
        }
    }

    private mutating func add(_ name: [UInt8], _ value: [UInt8]) {
        guard let place = places[name] else {
            places[name] = fields.count
            fields.append((name, [value]))
            return
        }
        if fields[place].values.count < 64, !fields[place].values.contains(value) { fields[place].values.append(value) }
    }

    private func first(_ name: String) -> ArraySlice<UInt8>? {
        places[Array(name.utf8)].flatMap { fields[$0].values.first?[...] }
    }

    private func has(_ type: StaticString) -> Bool { types.contains { $0[...] == type } }

    /// The categories of Sigma's taxonomy that the event belongs to.
    var categories: [String] {
        var categories: [String] = []
        if has("EXECVE") { categories.append("process_creation") }
        if isFileMade { categories.append("file_event") }
        return categories
    }

    private var isFileMade: Bool {
        has("PATH")
            && (places[Array("nametype".utf8)].map { fields[$0].values.contains(Array("CREATE".utf8)) } ?? false)
    }

    /// When it happened.
    var time: Instant? { stamp.withUnsafeBufferPointer { WrittenDate($0)?.instant } }

    /// Writes the event's fields.
    func write(into writer: inout EventWriter) {
        writer.add("timestamp", time)
        writer.add("hostname", node?[...])
        writer.add("type", types.reduce(into: []) { if !$0.contains($1) { $0.append($1) } })
        writer.add("serial", serial[...])
        for (name, values) in fields where !Self.reserved.contains(name) { writer.add(name[...], values) }
        if has("EXECVE") {
            writer.add("Image", first("exe"))
            let line = arguments.sorted { $0.key < $1.key }.map(\.value).joined(separator: [0x20])
            writer.add("CommandLine", Array(line)[...])
            writer.add("CurrentDirectory", first("cwd"))
            writer.add("ProcessId", first("pid"))
            writer.add("ParentProcessId", first("ppid"))
            writer.add("User", first("AUID") ?? first("UID") ?? first("uid"))
        }
        if isFileMade { writer.add("TargetFilename", first("name")) }
    }

    /// Names that the writer gives itself.
    private static let reserved = Set(["timestamp", "hostname", "type", "serial"].map { Array($0.utf8) })
}

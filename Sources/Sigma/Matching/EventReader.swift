/// Reads one JSON object into its values, without copying them: where each stands, and which field of the rules it belongs to.
///
/// The reader checks structure, and takes strings as they come: bytes that are no UTF-8 stay what they are, so that nobody
/// hides an event behind them. What nests deeper than ``depthLimit`` is skipped.
struct EventReader: ~Copyable {
    /// A value of the event.
    struct Value: BitwiseCopyable {
        enum Kind: UInt8 {
            case text, number, bool, null
            /// An object or a list; its own values follow.
            case container
        }

        var bytes: UnsafePointer<UInt8>
        var count: UInt32
        var kind: Kind
        /// The bytes hold backslashes that stand for something else.
        var isEscaped: Bool
        /// The field's number, or -1.
        var field: Int32
        /// The place of the previous value of the same field, or -1.
        var previous: Int32
    }

    static let depthLimit = 64

    private(set) var values: UnsafeMutablePointer<Value>
    private(set) var count = 0
    private var capacity = 64
    /// For each field, the place of its last value, and in which event that was.
    private let lastValues: UnsafeMutablePointer<Int32>
    private let lastEvents: UnsafeMutablePointer<UInt32>
    private var event: UInt32 = 0
    private let fieldCount: Int
    private let paths: FieldPaths
    private let containers: UnsafeMutablePointer<Container>
    /// A top-level key that is not part of the event, and where its value stood.
    private let sourceKey: [UInt8]
    private(set) var source: (bytes: UnsafePointer<UInt8>, count: Int)?

    private struct Container: BitwiseCopyable {
        var isObject: Bool
        var path: Int32
    }

    init(paths: FieldPaths, fieldCount: Int, sourceKey: [UInt8]) {
        self.paths = paths
        self.fieldCount = fieldCount
        self.sourceKey = sourceKey
        values = .allocate(capacity: capacity)
        lastValues = .allocate(capacity: max(1, fieldCount))
        lastEvents = .allocate(capacity: max(1, fieldCount))
        lastEvents.initialize(repeating: 0, count: max(1, fieldCount))
        containers = .allocate(capacity: Self.depthLimit + 1)
    }

    deinit {
        values.deallocate()
        lastValues.deallocate()
        lastEvents.deallocate()
        containers.deallocate()
    }

    /// The place of the field's last value, or -1.
    @inline(__always)
    func last(of field: Int32) -> Int32 {
        lastEvents[Int(field)] == event ? lastValues[Int(field)] : -1
    }

    @inline(__always)
    private mutating func add(
        _ kind: Value.Kind, _ bytes: UnsafePointer<UInt8>, _ count: Int, isEscaped: Bool, path: Int32
    ) {
        let field = paths.field(of: path)
        var previous: Int32 = -1
        if field >= 0 {
            previous = last(of: field)
            lastValues[Int(field)] = Int32(truncatingIfNeeded: self.count)
            lastEvents[Int(field)] = event
        }
        if self.count == capacity { grow() }
        values[self.count] = Value(
            bytes: bytes, count: UInt32(truncatingIfNeeded: count), kind: kind, isEscaped: isEscaped, field: field,
            previous: previous)
        self.count += 1
    }

    private mutating func grow() {
        let larger = UnsafeMutablePointer<Value>.allocate(capacity: capacity * 2)
        larger.moveInitialize(from: values, count: count)
        values.deallocate()
        values = larger
        capacity *= 2
    }

    /// Forgets an event that could not be read to its end.
    mutating func forget() {
        count = 0
        source = nil
        beginEvent()
    }

    private mutating func beginEvent() {
        event &+= 1
        guard event == 0 else { return }
        lastEvents.update(repeating: 0, count: max(1, fieldCount))
        event = 1
    }

    /// Changes a value's bytes for what they stand for.
    mutating func settle(_ place: Int, _ bytes: UnsafePointer<UInt8>, _ count: Int) {
        values[place].bytes = bytes
        values[place].count = UInt32(truncatingIfNeeded: count)
        values[place].isEscaped = false
    }

    /// Reads a line; afterwards its values are there, until the next one is read.
    mutating func read(_ base: UnsafePointer<UInt8>, _ length: Int) -> EventFault? {
        count = 0
        source = nil
        beginEvent()
        var at = base
        let end = base + length
        JSONTokens.skipSpace(&at, end)
        guard at < end, at.pointee == UInt8(ascii: "{") else { return .notAnObject }
        at += 1
        containers[0] = Container(isObject: true, path: FieldPaths.root)
        var depth = 0
        var isFirst = true
        while true {
            // Here a container is open, and either its first element, its next or its end comes.
            let container = containers[depth]
            JSONTokens.skipSpace(&at, end)
            guard at < end else { return .malformed }
            if at.pointee == (container.isObject ? UInt8(ascii: "}") : UInt8(ascii: "]")) {
                at += 1
                isFirst = false
                if depth == 0 { break }
                depth -= 1
                continue
            }
            if !isFirst {
                guard at.pointee == UInt8(ascii: ",") else { return .malformed }
                at += 1
                JSONTokens.skipSpace(&at, end)
                guard at < end else { return .malformed }
            }
            isFirst = false
            var path = container.path
            if container.isObject {
                guard at.pointee == UInt8(ascii: "\""), let key = JSONTokens.string(&at, end) else { return .malformed }
                JSONTokens.skipSpace(&at, end)
                guard at < end, at.pointee == UInt8(ascii: ":") else { return .malformed }
                at += 1
                JSONTokens.skipSpace(&at, end)
                guard at < end else { return .malformed }
                if depth == 0, isSource(key.bytes, key.count) {
                    let start = at
                    guard JSONTokens.skipValue(&at, end) else { return .malformed }
                    source = (start, at - start)
                    continue
                }
                path = self.path(container.path, key)
            }
            switch at.pointee {
            case UInt8(ascii: "\""):
                guard let text = JSONTokens.string(&at, end) else { return .malformed }
                add(.text, text.bytes, text.count, isEscaped: text.isEscaped, path: path)
            case UInt8(ascii: "{"), UInt8(ascii: "["):
                if path >= 0, paths.field(of: path) >= 0 { add(.container, at, 0, isEscaped: false, path: path) }
                guard depth < Self.depthLimit else {
                    guard JSONTokens.skipValue(&at, end) else { return .malformed }
                    continue
                }
                depth += 1
                containers[depth] = Container(isObject: at.pointee == UInt8(ascii: "{"), path: path)
                at += 1
                isFirst = true
            case UInt8(ascii: "t"):
                guard JSONTokens.word(&at, end, "true") else { return .malformed }
                add(.bool, at - 4, 4, isEscaped: false, path: path)
            case UInt8(ascii: "f"):
                guard JSONTokens.word(&at, end, "false") else { return .malformed }
                add(.bool, at - 5, 5, isEscaped: false, path: path)
            case UInt8(ascii: "n"):
                guard JSONTokens.word(&at, end, "null") else { return .malformed }
                add(.null, at, 0, isEscaped: false, path: path)
            default:
                let start = at
                guard JSONTokens.skipNumber(&at, end) else { return .malformed }
                add(.number, start, at - start, isEscaped: false, path: path)
            }
        }
        JSONTokens.skipSpace(&at, end)
        return at == end ? nil : .trailing
    }

    @inline(__always)
    private func isSource(_ key: UnsafePointer<UInt8>, _ count: Int) -> Bool {
        guard !sourceKey.isEmpty, count == sourceKey.count else { return false }
        return sourceKey.withUnsafeBufferPointer { Bytes.equal($0.baseAddress ?? key, key, count) }
    }

    @inline(__always)
    private func path(
        _ parent: Int32, _ key: (bytes: UnsafePointer<UInt8>, count: Int, isEscaped: Bool)
    ) -> Int32 {
        guard parent >= 0 else { return FieldPaths.unknown }
        let found = paths.child(of: parent, key.bytes, key.count)
        if found >= 0 { return found }
        var isPlain = !key.isEscaped
        for index in 0..<key.count where key.bytes[index] == UInt8(ascii: " ") { isPlain = false }
        return isPlain ? found : unusualPath(parent, key)
    }

    /// The path of a key with spaces or escapes in it.
    private func unusualPath(
        _ parent: Int32, _ key: (bytes: UnsafePointer<UInt8>, count: Int, isEscaped: Bool)
    ) -> Int32 {
        withUnsafeTemporaryAllocation(of: UInt8.self, capacity: key.count + 1) { buffer in
            guard let target = buffer.baseAddress else { return FieldPaths.unknown }
            let written = JSONText.unescape(key.bytes, key.count, into: target)
            var kept = 0
            for index in 0..<written where target[index] != UInt8(ascii: " ") {
                target[kept] = target[index]
                kept += 1
            }
            return paths.child(of: parent, target, kept)
        }
    }
}

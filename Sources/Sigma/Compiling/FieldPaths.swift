/// Finds the field that a key of an event belongs to: by its whole path, however dots and nesting share it out.
///
/// A rule's `a.b.c` is the key `a.b.c`, or `c` in `b` in `a`, or `b.c` in `a`. Keys are compared as they are written, spaces
/// left out (reference: Sigma taxonomy appendix).
struct FieldPaths: BitwiseCopyable {
    /// The path of the event itself.
    static let root: Int32 = 0
    /// A path that belongs to no field of any rule.
    static let unknown: Int32 = -1

    private struct Slot: BitwiseCopyable {
        var hash: UInt64
        var name: Run
        var parent: Int32
        var node: Int32
    }

    private let slots: Table<Slot>
    private let mask: UInt64
    private let names: Table<UInt8>
    /// The field of each path, or -1.
    private let fields: Table<Int32>

    @inline(__always)
    func field(of node: Int32) -> Int32 { node < 0 ? -1 : fields.base[Int(node)] }

    /// The path below `parent` under `key`.
    @inline(__always)
    func child(of parent: Int32, _ key: UnsafePointer<UInt8>, _ count: Int) -> Int32 {
        guard parent >= 0 else { return Self.unknown }
        let hash = Bytes.hash(key, count, seed: UInt64(parent))
        var place = hash & mask
        while true {
            let slot = slots.base + Int(place)
            if slot.pointee.node < 0 { return Self.unknown }
            if slot.pointee.hash == hash, slot.pointee.parent == parent, Int(slot.pointee.name.count) == count,
                Bytes.equal(names.base + Int(slot.pointee.name.start), key, count)
            {
                return slot.pointee.node
            }
            place = (place &+ 1) & mask
        }
    }

    /// - Parameter fields: The fields by their number.
    init(_ fields: [String], in storage: TableStorage) {
        var children: [Step: Int32] = [:]
        var owners: [Int32] = [-1]
        for (number, field) in fields.enumerated() {
            for way in Self.ways(field) {
                var node = Self.root
                for name in way {
                    let step = Step(parent: node, name: name)
                    node = children[step] ?? Int32(owners.count)
                    if children.updateValue(node, forKey: step) == nil { owners.append(-1) }
                }
                owners[Int(node)] = Int32(number)
            }
        }
        var size = 4
        while size < children.count * 2 + 1 { size *= 2 }
        mask = UInt64(size - 1)
        var slots = [Slot](repeating: Slot(hash: 0, name: .none, parent: -1, node: -1), count: size)
        var names: [UInt8] = []
        for (step, node) in children {
            let bytes = Array(step.name.utf8)
            let hash = bytes.withUnsafeBufferPointer { buffer in
                buffer.baseAddress.map { Bytes.hash($0, buffer.count, seed: UInt64(step.parent)) } ?? 0
            }
            var place = hash & mask
            while slots[Int(place)].node >= 0 { place = (place + 1) & mask }
            slots[Int(place)] = Slot(
                hash: hash, name: Run(start: UInt32(names.count), count: UInt32(bytes.count)), parent: step.parent,
                node: node)
            names += bytes
        }
        self.slots = storage.freeze(slots)
        self.names = storage.freeze(names)
        self.fields = storage.freeze(owners)
    }

    private struct Step: Hashable {
        let parent: Int32
        let name: String
    }

    /// Every way to share a dotted name out between nested keys; for very long ones only all and none.
    private static func ways(_ field: String) -> [[String]] {
        let parts = field.split(separator: ".", omittingEmptySubsequences: false).map(String.init)
        guard (2...8).contains(parts.count) else { return parts.count == 1 ? [[field]] : [[field], parts] }
        return (0..<(1 << (parts.count - 1))).map { cuts in
            var way = [parts[0]]
            for index in 1..<parts.count {
                if cuts >> (index - 1) & 1 == 1 {
                    way.append(parts[index])
                } else {
                    way[way.count - 1] += "." + parts[index]
                }
            }
            return way.contains("") ? [field] : way
        }
    }
}

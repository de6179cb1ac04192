/// Memory of tables that never change once they are built: hot loops read it without bounds checks and reference counts.
///
/// Unchecked because of the pointers: each table is written once, by ``freeze(_:)``, before anyone else knows its address, and
/// freed when nobody holds the storage any more. Whoever keeps such a pointer keeps the storage too.
final class TableStorage: @unchecked Sendable {
    private var tables: [UnsafeMutableRawPointer] = []

    deinit { for table in tables { table.deallocate() } }

    /// A copy of an array's elements that stays where it is.
    func freeze<Element: BitwiseCopyable>(_ elements: [Element]) -> Table<Element> {
        let memory = UnsafeMutablePointer<Element>.allocate(capacity: max(1, elements.count))
        elements.withUnsafeBufferPointer { buffer in
            if let base = buffer.baseAddress { memory.initialize(from: base, count: buffer.count) }
        }
        tables.append(memory)
        return Table(base: UnsafePointer(memory), count: elements.count)
    }
}

/// A table in a ``TableStorage``.
///
/// Unchecked for the same reason: what it points to is never written again.
struct Table<Element: BitwiseCopyable>: BitwiseCopyable, @unchecked Sendable {
    let base: UnsafePointer<Element>
    let count: Int

    subscript(index: Int) -> Element {
        @inline(__always) get {
            assert(index >= 0 && index < count)
            return base[index]
        }
    }
}

/// A run of places in another table.
struct Run: BitwiseCopyable {
    var start: UInt32
    var count: UInt32

    static let none = Run(start: 0, count: 0)
}

extension Array where Element == [UInt32] {
    /// The lists one behind the other, and where each of them lies.
    func flattened() -> (runs: [Run], values: [UInt32]) {
        var runs: [Run] = []
        var values: [UInt32] = []
        runs.reserveCapacity(count)
        for list in self {
            runs.append(Run(start: UInt32(values.count), count: UInt32(list.count)))
            values += list
        }
        return (runs, values)
    }
}

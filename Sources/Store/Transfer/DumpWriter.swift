import Crypto
import Kernel

/// Writes a dump piece by piece, with memory for one row and a little more.
struct DumpWriter {
    private var buffer: [UInt8] = []
    private var hash = SHA256()
    private let sink: ([UInt8]) throws -> Void
    private static let flushSize = 256 << 10

    init(to sink: @escaping ([UInt8]) throws -> Void) {
        self.sink = sink
        buffer.reserveCapacity(2 * Self.flushSize)
    }

    mutating func begin(_ header: DumpHeader) throws {
        buffer += Dump.firstLine
        try write(.header, try header.dumpText)
    }

    /// What follows belongs to `organisation`.
    mutating func begin(_ organisation: Identifier<Organisation>) throws { try write(.scope, organisation.bytes) }

    /// The rows that follow are of the table at `number` in the header.
    mutating func begin(table number: Int) throws {
        let place = UInt16(clamping: number)
        try write(.table, [UInt8(place >> 8), UInt8(truncatingIfNeeded: place)])
    }

    /// - Parameter value: The value of each column, by its place.
    mutating func row(columns: Int, _ value: (Int) throws -> SQLValue) throws {
        let start = buffer.count
        buffer += [Dump.Kind.row.rawValue, 0, 0, 0, 0]
        for column in 0..<columns { append(try value(column)) }
        let size = buffer.count - start - 5
        guard size <= Dump.Kind.row.limit else {
            throw Problem(.refused, code: "dump.row-size", "A row is too large for a dump (\(size) bytes).")
        }
        for (place, shift) in [24, 16, 8, 0].enumerated() {
            buffer[start + 1 + place] = UInt8(truncatingIfNeeded: size >> shift)
        }
        try flushIfFull()
    }

    /// Ends the dump with what must be in it and the hash over all of that.
    mutating func finish(_ manifest: DumpManifest) throws {
        try write(.manifest, try manifest.dumpText)
        try flush()
        let digest = [UInt8](hash.finalize())
        buffer += [Dump.Kind.end.rawValue, 0, 0, 0, UInt8(digest.count)] + digest
        try sink(buffer)
        buffer = []
    }

    private mutating func append(_ value: SQLValue) {
        switch value {
        case .null: buffer.append(Dump.Tag.null.rawValue)
        case .integer(let number):
            buffer.append(Dump.Tag.integer.rawValue)
            withUnsafeBytes(of: number.bigEndian) { buffer.append(contentsOf: $0) }
        case .text(let text): append(.text, text.utf8)
        case .blob(let bytes): append(.blob, bytes)
        }
    }

    private mutating func append(_ tag: Dump.Tag, _ bytes: some Collection<UInt8>) {
        buffer.append(tag.rawValue)
        withUnsafeBytes(of: UInt32(clamping: bytes.count).bigEndian) { buffer.append(contentsOf: $0) }
        buffer.append(contentsOf: bytes)
    }

    private mutating func write(_ kind: Dump.Kind, _ content: [UInt8]) throws {
        guard content.count <= kind.limit else {
            throw Problem(.refused, code: "dump.size", "There are too many tables or organisations for a dump.")
        }
        buffer.append(kind.rawValue)
        withUnsafeBytes(of: UInt32(clamping: content.count).bigEndian) { buffer.append(contentsOf: $0) }
        buffer += content
        try flushIfFull()
    }

    private mutating func flushIfFull() throws { if buffer.count >= Self.flushSize { try flush() } }

    private mutating func flush() throws {
        hash.update(data: buffer)
        try sink(buffer)
        buffer.removeAll(keepingCapacity: true)
    }
}

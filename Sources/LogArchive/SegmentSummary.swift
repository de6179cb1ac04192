import Kernel

/// What a segment holds in all and what its file's bytes come to: the part of it that goes into the ledger.
public struct SegmentSummary: Sendable, Hashable, Codable {
    /// How many records came from one origin.
    public struct Share: Sendable, Hashable, Codable {
        /// Whose records they are.
        public let source: Identifier<LogOrigin>
        /// How many there are.
        public let records: Int
    }

    /// How many blocks there are.
    public let blocks: Int
    /// How many records there are.
    public let records: Int
    /// How many bytes the records have together.
    public let bytesBefore: Int
    /// How many bytes the file has: compressed and sealed, with the index.
    public let bytesAfter: Int
    /// When the first record was received; `nil` where there is none.
    public let from: Instant?
    /// When the last record was received; `nil` where there is none.
    public let to: Instant?
    /// The SHA-256 of the file, as hexadecimal digits.
    public let sha256: String
    /// How many records came from each origin, in the order of the origins' identifiers.
    public let sources: [Share]
}

/// Adds up what the blocks of a segment hold.
struct SegmentTotals: Equatable {
    private(set) var blocks = 0
    private(set) var records = 0
    private(set) var recordBytes = 0
    private(set) var from: Instant?
    private(set) var to: Instant?
    private(set) var sources: [Identifier<LogOrigin>: Int] = [:]

    init() {}

    mutating func add(_ block: SegmentBlock) {
        blocks += 1
        records += block.records
        recordBytes += block.recordBytes
        from = min(from ?? block.from, block.from)
        to = max(to ?? block.to, block.to)
        sources[block.source, default: 0] += block.records
    }

    init?(_ reader: inout FieldReader) {
        guard let blocks = reader.integer(UInt32.self), let records = reader.integer(UInt64.self),
            let recordBytes = reader.integer(UInt64.self), let from = reader.instant(), let to = reader.instant(),
            let count = reader.integer(UInt32.self), blocks <= SegmentFormat.maximumBlocks, count <= blocks,
            records <= UInt64(Int.max / 2), recordBytes <= UInt64(Int.max / 2)
        else { return nil }
        self.blocks = Int(blocks)
        self.records = Int(records)
        self.recordBytes = Int(recordBytes)
        if blocks > 0 {
            self.from = from
            self.to = to
        }
        for _ in 0..<count {
            guard let source = reader.identifier(LogOrigin.self), let records = reader.integer(UInt64.self),
                records <= UInt64(self.records), sources.updateValue(Int(records), forKey: source) == nil
            else { return nil }
        }
    }

    func append(to bytes: inout [UInt8]) {
        bytes.appendInteger(UInt32(blocks))
        bytes.appendInteger(UInt64(records))
        bytes.appendInteger(UInt64(recordBytes))
        bytes.appendInstant(from ?? .distantPast)
        bytes.appendInstant(to ?? .distantPast)
        bytes.appendInteger(UInt32(sources.count))
        for (source, records) in sources.sorted(by: { $0.key < $1.key }) {
            bytes.appendIdentifier(source)
            bytes.appendInteger(UInt64(records))
        }
    }

    func summary(bytes: Int, sha256: String) -> SegmentSummary {
        SegmentSummary(
            blocks: blocks, records: records, bytesBefore: recordBytes, bytesAfter: bytes, from: from, to: to,
            sha256: sha256,
            sources: sources.sorted { $0.key < $1.key }.map { .init(source: $0.key, records: $0.value) })
    }
}

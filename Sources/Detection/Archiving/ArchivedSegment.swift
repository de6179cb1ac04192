import Kernel
import LogArchive
import Store

/// A file of the archive: its key, and once it is closed what is in it and its hash. Destroying the row destroys the only
/// key that opens the file, wherever copies of it lie.
public struct ArchivedSegment: Record, Codable, Hashable {
    /// Its identifier, unique within the organisation; it names the file.
    public let id: Identifier<ArchivedSegment>
    /// Its number among the organisation's segments, which grows whatever clocks say: that of the ledger entry that began it.
    let sequence: Int64
    /// The server whose disk the file is on, as its data folder names it.
    public let node: String
    /// The key that seals the file, 32 bytes.
    let key: [UInt8]
    /// When it was begun.
    public let openedAt: Instant
    /// What is in it; `nil` while it is written.
    public private(set) var summary: SegmentSummary?

    /// Where its rows lie.
    public static let table = RecordTable(
        "log_segment",
        indexColumns: [
            .integer("opened_at"), .integer("from_at").optional, .integer("to_at").optional, .integer("records"),
            .integer("size"),
        ], indexes: [TableDefinition.Index("to_at")])

    /// The values of `table.indexColumns`, in that order.
    public var indexColumns: [SQLValue] {
        [
            .integer(openedAt.milliseconds), (summary?.from).map { .integer($0.milliseconds) } ?? .null,
            (summary?.to).map { .integer($0.milliseconds) } ?? .null, .integer(Int64(summary?.records ?? 0)),
            .integer(Int64(summary?.bytesAfter ?? 0)),
        ]
    }

    init(id: Identifier<ArchivedSegment>, sequence: Int64, node: String, key: [UInt8], openedAt: Instant) {
        self.id = id
        self.sequence = sequence
        self.node = node
        self.key = key
        self.openedAt = openedAt
        summary = nil
    }

    func closed(_ summary: SegmentSummary) -> ArchivedSegment {
        var closed = self
        closed.summary = summary
        return closed
    }
}

/// A record's place in the archive. Places of one server grow with time.
public struct RecordPlace: Codable, Hashable, Comparable, Sendable {
    /// The segment's ``ArchivedSegment/sequence``.
    public let segment: Int64
    /// The record's number in it, from 0.
    public let number: UInt64

    /// Earlier before later.
    public static func < (left: RecordPlace, right: RecordPlace) -> Bool {
        left.segment == right.segment ? left.number < right.number : left.segment < right.segment
    }
}

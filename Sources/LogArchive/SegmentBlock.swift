import Kernel

/// Where records of one origin stand in a segment: what the index knows of a block without opening it.
public struct SegmentBlock: Sendable, Hashable {
    /// The block's number in its segment, from 0.
    public let number: Int
    /// Whose records they are.
    public let source: Identifier<LogOrigin>
    /// The number in the segment of the first record, from 0.
    public let firstRecord: Int
    /// How many records there are.
    public let records: Int
    /// When the first of them was received.
    public let from: Instant
    /// When the last of them was received.
    public let to: Instant
    /// How many bytes the records have together.
    public let recordBytes: Int
    /// Where the block begins in the file, in bytes.
    public let offset: Int
    /// How many bytes it takes in the file.
    public let size: Int

    /// The numbers in the segment of its records.
    public var recordNumbers: Range<Int> { firstRecord..<(firstRecord + records) }

    /// Where the file goes on behind it.
    var end: Int { offset + size }
}

/// A stream of one origin: what positions are counted in.
public struct OriginStream: Sendable, Hashable {
    /// Whose stream it is.
    public let source: Identifier<LogOrigin>
    /// The stream's name, as in ``LogBatch/Position``.
    public let stream: String

    /// The stream of that name of `source`.
    public init(source: Identifier<LogOrigin>, stream: String) {
        self.source = source
        self.stream = stream
    }
}

import Kernel

/// One record of the archive, with the place where it can be found again.
public struct ArchivedRecord: Sendable, Hashable {
    /// Whose record it is.
    public let source: Identifier<LogOrigin>
    /// When it was received.
    public let receivedAt: Instant
    /// The record as it came.
    public let bytes: [UInt8]
    /// The segment that holds it.
    public let segment: Identifier<LogSegment>
    /// The block's number in the segment.
    public let block: Int
    /// The record's number in the block, from 0.
    public let index: Int
}

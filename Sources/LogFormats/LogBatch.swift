import Kernel

/// Records of one log source as they came, in their order: what travels from a receiver to the archive and to matching.
///
/// A record is what the source sent as one: a line of a file, a syslog message, an entry of the journal. It is kept byte for byte.
public struct LogBatch: Sendable, Hashable {
    /// Which part of a stream the records are, for sources that can be read again from some place on: the same part is kept once.
    public struct Position: Sendable, Hashable {
        /// The stream's name, the same each time that it is read: such as a file by what it begins with.
        public let stream: String
        /// Where the first record begins.
        public let start: UInt64
        /// Where the next one after these begins.
        public let end: UInt64

        /// The part from `start` to `end`; both count what the stream counts, bytes or entries.
        public init(stream: String, start: UInt64, end: UInt64) {
            self.stream = stream
            self.start = start
            self.end = max(start, end)
        }
    }

    /// All records, one after the other, with nothing between them.
    public private(set) var bytes: [UInt8] = []
    /// Where each record ends in `bytes`.
    public private(set) var ends: [Int] = []
    /// When they were received.
    public let receivedAt: Instant
    /// Which part of a stream they are; `nil` where the source cannot be read again.
    public var position: Position?

    /// A batch without records.
    public init(receivedAt: Instant, position: Position? = nil) {
        self.receivedAt = receivedAt
        self.position = position
    }

    /// How many records there are.
    public var count: Int { ends.count }

    /// Whether there are none.
    public var isEmpty: Bool { ends.isEmpty }

    /// Adds a record.
    public mutating func append(_ record: some Collection<UInt8>) {
        bytes.append(contentsOf: record)
        ends.append(bytes.count)
    }

    /// The record at `index`, from 0.
    public func record(_ index: Int) -> ArraySlice<UInt8> {
        bytes[(index == 0 ? 0 : ends[index - 1])..<ends[index]]
    }
}

import Kernel

/// Stands for one segment, the file that the archive grows by, in identifiers.
public enum LogSegment {}

/// Stands for whatever records come from, in identifiers: a host's journal, a file that is followed, a syslog sender.
public enum LogOrigin {}

/// How a segment lies on the disk; the types that write a part say what is in it.
///
/// ```
/// header   "vouchlog" ‖ version, 8 bytes ‖ segment, 16 bytes ‖ seal of nothing (24 + 16 bytes)
/// frames   kind, 4 bytes ‖ number, 4 bytes ‖ length, 4 bytes ‖ nonce, 24 bytes ‖ ciphertext ‖ tag, 16 bytes
/// trailer  offset of the last frame, 8 bytes ‖ "VLSEGEND"            only in a closed segment
/// ```
///
/// All numbers are big-endian. A frame's number and kind are authenticated with it, and the segment too: none can be moved,
/// swapped, left out between others or brought in from another segment.
enum SegmentFormat {
    static let version: UInt64 = 1
    static let magic = Array("vouchlog".utf8)
    static let trailerMagic = Array("VLSEGEND".utf8)
    /// The readable part of the header.
    static let preambleSize = 32
    /// The header with its seal, which tells a wrong key from a damaged block.
    static let headerSize = preambleSize + sealOverhead
    static let frameHeadSize = 12
    static let trailerSize = 16
    /// Nonce and tag.
    static let sealOverhead = 24 + 16

    /// No frame is longer behind its head, whoever wrote it.
    static let maximumSealed = 16 << 20
    /// No block holds more when it is unpacked.
    static let maximumPlain = 64 << 20
    /// What one batch may take up: also incompressible, its block stays below `maximumSealed`.
    static let maximumBatch = 12 << 20
    /// Batches are put together into blocks until one is this large: larger ones hardly pack better, and cost every search.
    static let usualPlain = 1 << 20
    /// How many blocks a segment may have, so that the writer's list of them stays below 350 MB.
    static let maximumBlocks = 1 << 22
    /// How long a stream's name may be, in bytes.
    static let maximumStreamName = 1024

    /// What a frame holds.
    enum Kind: UInt32, CaseIterable {
        /// Records of one origin.
        case block = 0x564C_4442
        /// A page of the index.
        case page = 0x564C_4950
        /// The list of pages and what the segment holds in all.
        case root = 0x564C_524F
    }

    /// What the kinds begin with, which a search for frames behind a damaged one looks for.
    static let kindPrefix = Array("VL".utf8)

    static func preamble(of segment: Identifier<LogSegment>) -> [UInt8] {
        var bytes = magic
        bytes.appendInteger(version)
        bytes.appendInteger(segment.high)
        bytes.appendInteger(segment.low)
        return bytes
    }
}

/// What stands before a sealed frame; all of it is authenticated with the frame.
struct FrameHead {
    let kind: SegmentFormat.Kind
    /// The block's number, counted from 0; pages and the root go on counting where the blocks end.
    let number: Int
    /// The length of what follows: nonce, ciphertext and tag.
    let length: Int

    init(kind: SegmentFormat.Kind, number: Int, length: Int) {
        self.kind = kind
        self.number = number
        self.length = length
    }

    /// The head in the first 12 bytes; `nil` if no writer of ours would have written it.
    init?(_ bytes: ArraySlice<UInt8>) {
        var reader = FieldReader(bytes)
        guard let tag = reader.integer(UInt32.self), let kind = SegmentFormat.Kind(rawValue: tag),
            let number = reader.integer(UInt32.self), let length = reader.integer(UInt32.self),
            length >= SegmentFormat.sealOverhead, length <= SegmentFormat.maximumSealed
        else { return nil }
        self.init(kind: kind, number: Int(number), length: Int(length))
    }

    /// How many bytes the whole frame takes.
    var frameSize: Int { SegmentFormat.frameHeadSize + length }

    func append(to bytes: inout [UInt8]) {
        bytes.appendInteger(kind.rawValue)
        bytes.appendInteger(UInt32(truncatingIfNeeded: number))
        bytes.appendInteger(UInt32(truncatingIfNeeded: length))
    }
}

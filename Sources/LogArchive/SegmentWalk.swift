import Crypto
import Kernel

/// Goes through the frames of a segment in the order of the file, and tells an end that was torn from damage.
///
/// An end is torn only if nothing authentic follows: what a writer was busy with when the power failed is always the last
/// thing in the file. Whatever has an authentic frame behind it was written whole once, so that it is damaged now.
struct SegmentWalk {
    /// What comes next.
    enum Step {
        /// A frame in its place, opened.
        case frame(FrameHead, offset: Int, plain: [UInt8])
        /// Blocks from this number on cannot be read; the walk goes on behind them.
        case damaged(block: Int, String)
        /// The rest of the file is the beginning of frames that were never finished.
        case torn
        /// Everything was gone through.
        case end
    }

    private let file: SegmentFile
    private let seal: SegmentSeal
    /// Where the frames end.
    private let end: Int
    /// Where the next frame begins.
    private(set) var offset: Int
    /// The number that it must have.
    private(set) var number: Int
    /// The hash of everything before `offset`, if it is wanted and nothing was skipped.
    private(set) var hash: SHA256?

    /// A walk from a known frame on.
    init(_ file: SegmentFile, _ seal: SegmentSeal, from offset: Int, number: Int, to end: Int) {
        self.file = file
        self.seal = seal
        self.offset = offset
        self.number = number
        self.end = end
    }

    /// A walk from the first frame on, behind a header that was checked.
    init(_ file: SegmentFile, _ seal: SegmentSeal, to end: Int, hashing header: [UInt8]? = nil) {
        self.init(file, seal, from: SegmentFormat.headerSize, number: 0, to: end)
        if let header {
            var hash = SHA256()
            hash.update(data: header)
            self.hash = hash
        }
    }

    mutating func next() throws(Problem) -> Step {
        guard offset < end else { return .end }
        guard let (head, plain, bytes) = try frame(at: offset) else { return try skip() }
        if head.number == number {
            defer {
                offset += head.frameSize
                number += 1
            }
            hash?.update(data: bytes)
            return .frame(head, offset: offset, plain: plain)
        }
        hash = nil
        let expected = number
        if head.number > expected {
            number = head.number
            return .damaged(block: expected, "is not in its place: a later one follows")
        }
        offset += head.frameSize
        return .damaged(block: expected, "is not in its place: an earlier one stands there once more")
    }

    /// What there is to say where no authentic frame begins.
    private mutating func skip() throws(Problem) -> Step {
        let broken = number
        switch try nextAuthentic() {
        case .none: return .torn
        case .unclear: offset = end
        case .frame(let place, let found):
            offset = place
            number = max(number, found)
        }
        hash = nil
        return .damaged(block: broken, "was changed")
    }

    private func frame(at offset: Int) throws(Problem) -> (FrameHead, plain: [UInt8], bytes: [UInt8])? {
        let front = try file.read(at: offset, count: min(SegmentFormat.frameHeadSize, end - offset))
        guard let head = FrameHead(front[...]), head.frameSize <= end - offset else { return nil }
        let bytes = try file.read(at: offset, count: head.frameSize)
        guard let plain = seal.open(bytes.dropFirst(SegmentFormat.frameHeadSize), head) else { return nil }
        return (head, plain, bytes)
    }

    // MARK: - Behind a broken frame

    private enum Behind {
        case none
        case frame(at: Int, number: Int)
        /// So much there looks like a frame and is none that it was not written by a writer of ours.
        case unclear
    }

    /// How many places that look like a frame are tried: by chance there are a few in a terabyte.
    private static let attempts = 1000
    private static let chunk = 1 << 20

    /// The first place behind `offset` where an authentic frame begins, whatever its number.
    private func nextAuthentic() throws(Problem) -> Behind {
        var attempts = 0
        var start = offset + 1
        while start < end {
            let bytes = try file.read(at: start, count: min(Self.chunk + SegmentFormat.frameHeadSize, end - start))
            guard bytes.count >= SegmentFormat.frameHeadSize else { return .none }
            for place in 0...(bytes.count - SegmentFormat.frameHeadSize)
            where bytes[place] == SegmentFormat.kindPrefix[0] && bytes[place + 1] == SegmentFormat.kindPrefix[1] {
                guard let head = FrameHead(bytes[place...]), head.frameSize <= end - start - place else { continue }
                if try frame(at: start + place) != nil { return .frame(at: start + place, number: head.number) }
                attempts += 1
                if attempts == Self.attempts { return .unclear }
            }
            start += bytes.count - SegmentFormat.frameHeadSize + 1
        }
        return .none
    }
}

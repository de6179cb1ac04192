import Kernel
import LogFormats

extension SegmentReader {
    /// The records of a block, in the batches in which they were appended, with their positions.
    ///
    /// - Parameter block: One of ``blocks``.
    /// - Throws: A `Problem`: `archive.damaged-block` with the block's number, or `archive.disk-failed`.
    public func records(of block: SegmentBlock) throws(Problem) -> [LogBatch] {
        let head = try unpack(block)
        var batches: [LogBatch] = []
        var positions = head.positions[...]
        var walk = BlockRecords.Walk()
        while let place = try next(&walk, of: block) {
            var batch = LogBatch(receivedAt: place.receivedAt)
            if let next = positions.first, next.batch == batches.count {
                batch.position = next.position
                positions.removeFirst()
            }
            var start = place.start
            for end in walk.ends {
                batch.append(plain[start..<end])
                start = end
            }
            batches.append(batch)
        }
        guard batches.count == head.batches, batches.reduce(0, { $0 + $1.count }) == head.records,
            batches.reduce(0, { $0 + $1.bytes.count }) == head.recordBytes
        else { throw malformed(block) }
        return batches
    }

    /// Opens a block and unpacks it into `plain`.
    func unpack(_ block: SegmentBlock) throws(Problem) -> BlockHead {
        guard block.size <= SegmentFormat.frameHeadSize + SegmentFormat.maximumSealed else { throw malformed(block) }
        let bytes = try file.read(at: block.offset, count: block.size)
        guard let head = FrameHead(bytes[...]), head.kind == .block, head.number == block.number,
            let opened = seal.open(bytes.dropFirst(SegmentFormat.frameHeadSize), head)
        else { throw ArchiveProblem.damaged(path, block: block.number, "was changed") }
        return try unpack(opened, of: block)
    }

    /// Unpacks an opened block into `plain`, if it is what the index says of it.
    func unpack(_ opened: [UInt8], of block: SegmentBlock) throws(Problem) -> BlockHead {
        var packed: ArraySlice<UInt8> = []
        guard let content = BlockHead(opened[...], packed: &packed),
            content.block(number: block.number, offset: block.offset, size: block.size) == block,
            unpacker.unpack(packed, size: content.plainSize, into: &plain)
        else { throw malformed(block) }
        return content
    }

    /// The batch that comes next in `plain`.
    func next(_ walk: inout BlockRecords.Walk, of block: SegmentBlock) throws(Problem) -> BlockRecords.Place? {
        do { return try walk.batch(in: plain) } catch { throw malformed(block) }
    }

    func malformed(_ block: SegmentBlock) -> Problem {
        ArchiveProblem.damaged(path, block: block.number, "is not what a writer writes")
    }
}

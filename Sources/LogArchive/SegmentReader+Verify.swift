import Crypto
import Kernel

extension SegmentReader {
    /// Reads the whole segment: that every block opens, holds what it says and what the index says, and that nothing is missing.
    ///
    /// A closed segment must be the one that was recorded; of one that was not closed, an end that is missing cannot be noticed.
    ///
    /// - Parameter expected: What was recorded when it was closed.
    /// - Returns: What the segment holds, as it is now.
    /// - Throws: A `Problem` for the first thing that is wrong, with the file and the block: `archive.damaged-block`,
    ///   `archive.missing-blocks`, `archive.not-closed`, `archive.torn` (an unfinished end: no damage if a writer is at work),
    ///   `archive.differs`, `archive.disk-failed`.
    public func verify(against expected: SegmentSummary? = nil) throws(Problem) -> SegmentSummary {
        let size = try file.size()
        let end = isClosed ? size - SegmentFormat.trailerSize : size
        let header = try file.read(at: 0, count: SegmentFormat.headerSize)
        try seal.check(header, of: path)
        var walk = SegmentWalk(file, seal, to: end, hashing: header)
        let found = try readBlocks(&walk)
        guard var hash = walk.hash else { throw ArchiveProblem.differs(path, in: "its bytes") }
        if isClosed {
            guard found == totals, walk.number == totals.blocks + pages.count + 1 else {
                throw ArchiveProblem.differs(path, in: "its index and its blocks")
            }
            hash.update(data: try file.read(at: end, count: SegmentFormat.trailerSize))
        }
        let summary = found.summary(bytes: size, sha256: Array(hash.finalize()).hex)
        guard let expected, summary != expected else { return summary }
        if summary.blocks < expected.blocks {
            throw ArchiveProblem.missing(path, from: summary.blocks, of: expected.blocks)
        }
        guard isClosed else { throw ArchiveProblem.notClosed(path, at: summary.blocks) }
        throw ArchiveProblem.differs(path, in: summary.sha256 == expected.sha256 ? "its numbers" : "its bytes")
    }

    private func readBlocks(_ walk: inout SegmentWalk) throws(Problem) -> SegmentTotals {
        var found = SegmentTotals()
        var listed = ListedBlocks(self)
        while true {
            switch try walk.next() {
            case .end: return found
            case .torn: throw ArchiveProblem.torn(path, at: walk.number)
            case .damaged(let block, let what): throw ArchiveProblem.damaged(path, block: block, what)
            case .frame(let head, let offset, let opened):
                guard head.kind == .block else {
                    guard isClosed else { throw ArchiveProblem.notClosed(path, at: found.blocks) }
                    continue
                }
                let block = try listed.block(head, at: offset, opened)
                try check(opened, of: block)
                found.add(block)
            }
        }
    }

    /// Unpacks a block and counts what is in it.
    private func check(_ opened: [UInt8], of block: SegmentBlock) throws(Problem) {
        let head = try unpack(opened, of: block)
        var walk = BlockRecords.Walk()
        var batches = 0
        var records = 0
        var bytes = 0
        while let place = try next(&walk, of: block) {
            guard (block.from...block.to).contains(place.receivedAt) else { throw malformed(block) }
            batches += 1
            records += walk.ends.count
            bytes += (walk.ends.last ?? place.start) - place.start
        }
        guard batches == head.batches, records == head.records, bytes == head.recordBytes else {
            throw malformed(block)
        }
    }

    /// What each block must be: what the index says, or, without one, what follows the block before.
    private struct ListedBlocks {
        private let reader: SegmentReader
        private var nextRecord = 0
        private var page: [SegmentBlock] = []
        private var pages: ArraySlice<SegmentIndex.Page>

        init(_ reader: SegmentReader) {
            self.reader = reader
            pages = reader.isClosed ? reader.pages[...] : []
        }

        mutating func block(_ head: FrameHead, at offset: Int, _ opened: [UInt8]) throws(Problem) -> SegmentBlock {
            var packed: ArraySlice<UInt8> = []
            guard let content = BlockHead(opened[...], packed: &packed), content.firstRecord == nextRecord else {
                throw ArchiveProblem.damaged(reader.path, block: head.number, "is not what a writer writes")
            }
            nextRecord += content.records
            let block = content.block(number: head.number, offset: offset, size: head.frameSize)
            guard reader.isClosed else { return block }
            if page.last.map({ $0.number < block.number }) ?? true, let next = pages.popFirst() {
                page = try reader.blocks(of: next)
            }
            guard let first = page.first, page.indices.contains(block.number - first.number),
                page[block.number - first.number] == block
            else { throw ArchiveProblem.damaged(reader.path, block: head.number, "is not what the index says") }
            return block
        }
    }
}

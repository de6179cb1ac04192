import Kernel
import LogFormats

/// Reads one segment, closed or still being written.
///
/// It belongs to one thread, or to one actor, like the writer; several may read the same file. Everything that it reads is
/// bounded, although only a holder of the key could have written it.
public final class SegmentReader {
    /// The segment's file.
    public let path: String
    /// The segment's name.
    public let id: Identifier<LogSegment>
    /// Whether it was closed, so that it has an index and nothing can be added any more.
    public let isClosed: Bool
    /// What of it cannot be read, for a segment without index: one for each place, a hundred at most.
    public private(set) var damages: [Problem] = []

    let file: SegmentFile
    let seal: SegmentSeal
    let unpacker: Unpacker
    /// The block that was unpacked last. Whoever changes it lets no copy live, so that its memory stays the same.
    var plain: [UInt8] = []

    /// What the blocks hold in all.
    private(set) var totals: SegmentTotals
    /// The index's pages. Where the segment has none, they are made of `walked`, and their ranges count that list.
    private(set) var pages: [SegmentIndex.Page]
    /// The blocks of a segment without index.
    private var walked: [SegmentBlock] = []
    /// Where the walk through such a segment goes on.
    private var place = (offset: SegmentFormat.headerSize, number: 0)
    /// The page that was read last, by its first block.
    private var lastPage: (first: Int, blocks: [SegmentBlock])?
    /// Where blocks must end.
    private let blocksEnd: Int

    private init(
        _ file: SegmentFile, _ seal: SegmentSeal, _ unpacker: Unpacker, end: SegmentEnd?
    ) {
        path = file.path
        id = seal.segment
        self.file = file
        self.seal = seal
        self.unpacker = unpacker
        isClosed = end != nil
        totals = end?.root.totals ?? SegmentTotals()
        pages = end?.root.pages ?? []
        blocksEnd = end?.blocksEnd ?? .max
    }

    /// A reader of the segment in the file at `path`.
    ///
    /// Of a closed segment only header and root are read; a segment without index is walked through, which opens every block.
    ///
    /// - Parameters:
    ///   - path: The file.
    ///   - id: The segment's name.
    ///   - key: Its 32 bytes.
    ///   - expected: What was recorded when it was closed. The numbers are compared at once, the hash by ``verify()`` only.
    ///   - ignoringIndex: Walks through a closed segment too, to find what is left of it when its index is damaged.
    /// - Throws: A `Problem`: `archive.missing`, `archive.disk-failed`, `archive.not-a-segment`, `archive.wrong-key`; if
    ///   `expected` is given, `archive.missing-blocks`, `archive.not-closed`, `archive.damaged-block` and `archive.differs`.
    public static func open(
        _ path: String, id: Identifier<LogSegment>, key: [UInt8], expected: SegmentSummary? = nil,
        ignoringIndex: Bool = false
    ) throws(Problem) -> SegmentReader {
        let seal = try SegmentSeal(segment: id, key: key)
        let file = try SegmentFile.open(path, toWrite: false)
        try seal.check(try file.read(at: 0, count: SegmentFormat.headerSize), of: path)
        let unpacker = try Unpacker()
        let size = try file.size()
        let end = ignoringIndex ? nil : try SegmentEnd.find(in: file, size: size, seal: seal, unpacker: unpacker)
        let reader = SegmentReader(file, seal, unpacker, end: end)
        if end == nil { try reader.walkOn() }
        if let expected { try reader.compare(with: expected, size: size) }
        return reader
    }

    private func compare(with expected: SegmentSummary, size: Int) throws(Problem) {
        guard isClosed else {
            if let damage = damages.first { throw damage }
            if walked.count < expected.blocks {
                throw ArchiveProblem.missing(path, from: walked.count, of: expected.blocks)
            }
            throw ArchiveProblem.notClosed(path, at: walked.count)
        }
        guard totals.summary(bytes: size, sha256: expected.sha256) == expected else {
            throw ArchiveProblem.differs(path, in: "its numbers")
        }
    }

    // MARK: - Blocks

    /// How many blocks there are.
    public var blockCount: Int { totals.blocks }

    /// How many records there are.
    public var recordCount: Int { totals.records }

    /// How many records came from each origin.
    public var sources: [Identifier<LogOrigin>: Int] { totals.sources }

    /// All blocks, in their order in the file.
    ///
    /// - Throws: A `Problem` (`archive.damaged-block`, `archive.disk-failed`) if a page of the index cannot be read.
    public var blocks: [SegmentBlock] {
        get throws(Problem) {
            guard isClosed else { return walked }
            var all: [SegmentBlock] = []
            all.reserveCapacity(totals.blocks)
            for page in pages { all += try blocks(of: page) }
            return all
        }
    }

    /// The block that holds a record.
    ///
    /// - Parameter record: The record's number in the segment.
    /// - Returns: `nil` if there is no such record, or its block was not found in a damaged segment.
    /// - Throws: A `Problem` (`archive.damaged-block`, `archive.disk-failed`) if the index cannot be read.
    public func block(holding record: Int) throws(Problem) -> SegmentBlock? {
        // The pages are in the order of their records, and so are the blocks in each.
        var low = 0
        var high = pages.count
        while high - low > 1 {
            let middle = (low + high) / 2
            guard let first = try blocks(of: pages[middle]).first else { return nil }
            if first.firstRecord <= record { low = middle } else { high = middle }
        }
        guard low < high else { return nil }
        let listed = try blocks(of: pages[low])
        var start = listed.startIndex
        var end = listed.endIndex
        while start < end {
            let middle = (start + end) / 2
            if listed[middle].recordNumbers.upperBound <= record { start = middle + 1 } else { end = middle }
        }
        guard start < listed.endIndex, listed[start].recordNumbers.contains(record) else { return nil }
        return listed[start]
    }

    /// The blocks that a page lists.
    func blocks(of page: SegmentIndex.Page) throws(Problem) -> [SegmentBlock] {
        guard let frame = page.frame else { return Array(walked[page.blocks]) }
        if let lastPage, lastPage.first == page.blocks.lowerBound { return lastPage.blocks }
        guard let (head, plain) = try SegmentEnd.content(of: frame, in: file, seal: seal, unpacker: unpacker),
            head.kind == .page,
            head.number == totals.blocks + page.blocks.lowerBound / SegmentIndex.pageLength,
            let blocks = SegmentIndex.blocks(plain, of: page, before: blocksEnd)
        else {
            throw ArchiveProblem.damaged(
                path, block: page.blocks.lowerBound, "cannot be found: the index, from there on, was changed")
        }
        lastPage = (page.blocks.lowerBound, blocks)
        return blocks
    }

    // MARK: - Segments without index

    /// Finds what a writer has added since the segment was opened, or since the last time.
    ///
    /// Blocks that the writer has appended and not synced may be among them. It takes them back if the disk refuses them:
    /// they cannot be read any more then, and the segment has to be opened again.
    ///
    /// - Throws: A `Problem` (`archive.disk-failed`).
    public func refresh() throws(Problem) {
        if !isClosed { try walkOn() }
    }

    private func walkOn() throws(Problem) {
        var walk = SegmentWalk(file, seal, from: place.offset, number: place.number, to: try file.size())
        reading: while true {
            switch try walk.next() {
            case .end, .torn: break reading
            case .damaged(let block, let what):
                note(ArchiveProblem.damaged(path, block: block, what))
            case .frame(let head, let offset, let plain):
                // A closed segment whose end is damaged has its index here, which says nothing new.
                guard head.kind == .block else { continue }
                var packed: ArraySlice<UInt8> = []
                guard let content = BlockHead(plain[...], packed: &packed), walked.count < SegmentFormat.maximumBlocks
                else {
                    note(ArchiveProblem.damaged(path, block: head.number, "is not what a writer writes"))
                    continue
                }
                let block = content.block(number: head.number, offset: offset, size: head.frameSize)
                walked.append(block)
                totals.add(block)
            }
            place = (walk.offset, walk.number)
        }
        let kept = pages.count - (pages.last.map { $0.blocks.count < SegmentIndex.pageLength ? 1 : 0 } ?? 0)
        pages.removeLast(pages.count - kept)
        for first in stride(from: kept * SegmentIndex.pageLength, to: walked.count, by: SegmentIndex.pageLength) {
            pages.append(
                SegmentIndex.Page(listing: walked[first..<min(first + SegmentIndex.pageLength, walked.count)]))
        }
    }

    private func note(_ damage: Problem) {
        if damages.count < 100 { damages.append(damage) }
    }
}

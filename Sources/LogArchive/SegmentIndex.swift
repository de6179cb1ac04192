import Kernel

/// The index of a closed segment: pages of blocks, and a root that lists the pages.
///
/// In pages, so that the root of a segment of millions of blocks is small and a search reads the pages of its time range only.
enum SegmentIndex {
    /// How many blocks a page lists.
    static let pageLength = 4096

    /// What the root knows of a page.
    struct Page: Equatable {
        let blocks: Range<Int>
        let from: Instant
        let to: Instant
        /// The page's frame in the file; `nil` where the segment is not closed and the blocks are in memory.
        let frame: Range<Int>?

        init(blocks: Range<Int>, from: Instant, to: Instant, frame: Range<Int>?) {
            self.blocks = blocks
            self.from = from
            self.to = to
            self.frame = frame
        }

        init(listing blocks: ArraySlice<SegmentBlock>, frame: Range<Int>? = nil) {
            self.init(
                blocks: blocks.indices, from: blocks.map(\.from).min() ?? .distantPast,
                to: blocks.map(\.to).max() ?? .distantPast, frame: frame)
        }
    }

    /// The root: what the segment holds and where its pages are.
    struct Root {
        let totals: SegmentTotals
        let pages: [Page]
    }

    // MARK: - Pages

    static func plain(page blocks: ArraySlice<SegmentBlock>) -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(blocks.count * entrySize)
        for block in blocks {
            bytes.appendIdentifier(block.source)
            bytes.appendInteger(UInt64(block.firstRecord))
            bytes.appendInteger(UInt32(block.records))
            bytes.appendInstant(block.from)
            bytes.appendInstant(block.to)
            bytes.appendInteger(UInt32(block.recordBytes))
            bytes.appendInteger(UInt64(block.offset))
            bytes.appendInteger(UInt32(block.size))
        }
        return bytes
    }

    private static let entrySize = 60

    /// The blocks of a page, if they follow one another as those of a file do, before `end`.
    static func blocks(_ plain: [UInt8], of page: Page, before end: Int) -> [SegmentBlock]? {
        guard plain.count == page.blocks.count * entrySize else { return nil }
        var reader = FieldReader(plain[...])
        var blocks: [SegmentBlock] = []
        blocks.reserveCapacity(page.blocks.count)
        for number in page.blocks {
            guard let source = reader.identifier(LogOrigin.self), let first = reader.integer(UInt64.self),
                let records = reader.integer(UInt32.self), let from = reader.instant(), let to = reader.instant(),
                let recordBytes = reader.integer(UInt32.self), let offset = reader.integer(UInt64.self),
                let size = reader.integer(UInt32.self), first <= UInt64(Int.max / 2), offset <= UInt64(end),
                size <= end, from <= to
            else { return nil }
            let block = SegmentBlock(
                number: number, source: source, firstRecord: Int(first), records: Int(records), from: from, to: to,
                recordBytes: Int(recordBytes), offset: Int(offset), size: Int(size))
            if let last = blocks.last {
                guard block.offset == last.end, block.firstRecord == last.recordNumbers.upperBound else { return nil }
            } else if number == 0 {
                guard block.offset == SegmentFormat.headerSize, block.firstRecord == 0 else { return nil }
            }
            guard block.end <= end else { return nil }
            blocks.append(block)
        }
        return blocks
    }

    // MARK: - Root

    static func plain(root: Root) -> [UInt8] {
        var bytes: [UInt8] = []
        root.totals.append(to: &bytes)
        for page in root.pages {
            bytes.appendInstant(page.from)
            bytes.appendInstant(page.to)
            bytes.appendInteger(UInt64(page.frame?.lowerBound ?? 0))
            bytes.appendInteger(UInt32(page.frame?.count ?? 0))
        }
        return bytes
    }

    /// The root, if its pages stand one behind the other before `end`.
    static func root(_ plain: [UInt8], before end: Int) -> Root? {
        var reader = FieldReader(plain[...])
        guard let totals = SegmentTotals(&reader) else { return nil }
        var pages: [Page] = []
        for first in stride(from: 0, to: totals.blocks, by: pageLength) {
            guard let from = reader.instant(), let to = reader.instant(), let offset = reader.integer(UInt64.self),
                let size = reader.integer(UInt32.self), offset <= UInt64(end), from <= to
            else { return nil }
            let frame = Int(offset)..<(Int(offset) + Int(size))
            guard frame.upperBound <= end, pages.last?.frame.map({ $0.upperBound == frame.lowerBound }) ?? true else {
                return nil
            }
            pages.append(
                Page(blocks: first..<min(first + pageLength, totals.blocks), from: from, to: to, frame: frame))
        }
        guard reader.isAtEnd, pages.last.map({ $0.frame?.upperBound == end }) ?? true else { return nil }
        return Root(totals: totals, pages: pages)
    }
}

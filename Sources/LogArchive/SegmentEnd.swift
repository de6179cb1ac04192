import Kernel

/// How a closed segment ends: pages, root, trailer.
struct SegmentEnd {
    let root: SegmentIndex.Root
    /// Where the root's frame begins.
    let rootOffset: Int

    /// Where the blocks end and the index begins.
    var blocksEnd: Int { root.pages.first?.frame?.lowerBound ?? rootOffset }

    /// The end of a closed segment; `nil` if the file does not end like one.
    static func find(in file: SegmentFile, size: Int, seal: SegmentSeal, unpacker: Unpacker) throws(Problem)
        -> SegmentEnd?
    {
        guard size >= SegmentFormat.headerSize + SegmentFormat.trailerSize else { return nil }
        let end = size - SegmentFormat.trailerSize
        var trailer = FieldReader(try file.read(at: end, count: SegmentFormat.trailerSize)[...])
        guard let offset = trailer.integer(UInt64.self), trailer.rest.elementsEqual(SegmentFormat.trailerMagic),
            offset >= UInt64(SegmentFormat.headerSize), offset < UInt64(end)
        else { return nil }
        let frame = Int(offset)..<end
        guard let (head, plain) = try content(of: frame, in: file, seal: seal, unpacker: unpacker),
            head.kind == .root, let root = SegmentIndex.root(plain, before: frame.lowerBound),
            head.number == root.totals.blocks + root.pages.count
        else { return nil }
        return SegmentEnd(root: root, rootOffset: frame.lowerBound)
    }

    /// What a page or the root says, unpacked; `nil` if there is no such frame.
    static func content(of frame: Range<Int>, in file: SegmentFile, seal: SegmentSeal, unpacker: Unpacker)
        throws(Problem) -> (head: FrameHead, plain: [UInt8])?
    {
        guard frame.count <= SegmentFormat.frameHeadSize + SegmentFormat.maximumSealed else { return nil }
        let bytes = try file.read(at: frame.lowerBound, count: frame.count)
        guard let head = FrameHead(bytes[...]), head.frameSize == frame.count,
            let opened = seal.open(bytes.dropFirst(SegmentFormat.frameHeadSize), head),
            let plain = unpack(opened, unpacker)
        else { return nil }
        return (head, plain)
    }

    /// Size, 4 bytes, and a zstd frame.
    static func unpack(_ opened: [UInt8], _ unpacker: Unpacker) -> [UInt8]? {
        var reader = FieldReader(opened[...])
        var plain: [UInt8] = []
        guard let size = reader.integer(UInt32.self), unpacker.unpack(reader.rest, size: Int(size), into: &plain) else {
            return nil
        }
        return plain
    }

    /// Everything that is written behind the last block.
    static func bytes(
        behind blocks: [SegmentBlock], totals: SegmentTotals, at end: Int, seal: SegmentSeal, packer: Packer,
        randomness: Randomness
    ) throws(Problem) -> [UInt8] {
        var bytes: [UInt8] = []
        var pages: [SegmentIndex.Page] = []
        func append(_ kind: SegmentFormat.Kind, _ plain: [UInt8]) throws(Problem) -> Range<Int> {
            var head: [UInt8] = []
            head.appendInteger(UInt32(plain.count))
            let start = end + bytes.count
            bytes += try seal.frame(
                kind, number: blocks.count + pages.count, try packer.pack(plain, after: head), randomness)
            return start..<(end + bytes.count)
        }
        for first in stride(from: 0, to: blocks.count, by: SegmentIndex.pageLength) {
            let listed = blocks[first..<min(first + SegmentIndex.pageLength, blocks.count)]
            let frame = try append(.page, SegmentIndex.plain(page: listed))
            pages.append(SegmentIndex.Page(listing: listed, frame: frame))
        }
        let root = try append(.root, SegmentIndex.plain(root: SegmentIndex.Root(totals: totals, pages: pages)))
        bytes.appendInteger(UInt64(root.lowerBound))
        bytes += SegmentFormat.trailerMagic
        return bytes
    }
}

import Crypto
import Kernel
import LogFormats

extension SegmentWriter {
    /// Takes a segment up again that was not closed, after a crash or a restart.
    ///
    /// Whatever was being written when the writer ended is cut (``cutBytes`` says how much); every whole block is kept, is
    /// listed in ``blocks`` and is on the disk when this returns. Damage before that is never cut.
    ///
    /// - Parameters:
    ///   - path: The file.
    ///   - id: The segment's name.
    ///   - key: Its 32 bytes.
    ///   - randomness: For nonces.
    /// - Throws: A `Problem`: `archive.segment-closed`, `archive.locked`, `archive.not-a-segment`, `archive.wrong-key`;
    ///   `archive.damaged-block`, with the block's number, where something that was written whole cannot be read (leave
    ///   the file as it is, read it with ``SegmentReader``, and go on in another); and what the disk answers.
    public static func resume(_ path: String, id: Identifier<LogSegment>, key: [UInt8], randomness: Randomness)
        throws(Problem) -> SegmentWriter
    {
        let seal = try SegmentSeal(segment: id, key: key)
        let file = try SegmentFile.open(path, toWrite: true)
        let size = try file.size()
        let header = try file.read(at: 0, count: SegmentFormat.headerSize)
        if isUnfinished(header, of: id, fileSize: size) {
            try file.cut(at: 0)
            return try begin(file, seal, try seal.header(randomness), randomness: randomness, cutBytes: size)
        }
        try seal.check(header, of: path)
        guard try SegmentEnd.find(in: file, size: size, seal: seal, unpacker: try Unpacker()) == nil else {
            throw Problem(
                .conflict, code: "archive.segment-closed", "The segment is closed; nothing can be added to it.",
                hint: "Begin another.", place: ArchiveProblem.place(path))
        }
        var found = Found(hash: SHA256())
        var walk = SegmentWalk(file, seal, to: size, hashing: header)
        try found.read(&walk, path)
        if found.size < size { try file.cut(at: found.size) }
        // A killed process leaves blocks that the system has and the disk has not.
        try file.sync()
        let progress = SegmentProgress(
            blocks: found.blocks, positions: found.positions, size: found.size, hash: found.hash)
        return try SegmentWriter(
            file, seal, randomness: randomness, progress: progress, cutBytes: size - found.size)
    }

    /// Whether a file of `size` bytes is one whose writer was interrupted before its header was on the disk.
    private static func isUnfinished(_ header: [UInt8], of id: Identifier<LogSegment>, fileSize size: Int) -> Bool {
        guard size <= SegmentFormat.headerSize else { return false }
        if header.allSatisfy({ $0 == 0 }) { return true }
        guard size < SegmentFormat.headerSize else { return false }
        let preamble = SegmentFormat.preamble(of: id)
        return header.prefix(preamble.count).elementsEqual(preamble.prefix(header.count))
    }

    /// What is whole in a segment that was not closed.
    private struct Found {
        var blocks: [SegmentBlock] = []
        var positions: [OriginStream: LogBatch.Position] = [:]
        var size = SegmentFormat.headerSize
        /// Of everything before `size`.
        var hash: SHA256

        mutating func read(_ walk: inout SegmentWalk, _ path: String) throws(Problem) {
            // An index that was begun says nothing that the blocks do not say; it is written anew.
            var isInIndex = false
            hash = walk.hash ?? hash
            while true {
                switch try walk.next() {
                case .end, .torn: return
                case .damaged(let block, let what): throw ArchiveProblem.damaged(path, block: block, what)
                case .frame(let head, let offset, let plain):
                    guard head.kind == .block else {
                        isInIndex = true
                        continue
                    }
                    var packed: ArraySlice<UInt8> = []
                    guard !isInIndex, let content = BlockHead(plain[...], packed: &packed),
                        content.firstRecord == blocks.last?.recordNumbers.upperBound ?? 0,
                        blocks.count < SegmentFormat.maximumBlocks
                    else { throw ArchiveProblem.damaged(path, block: head.number, "is not what a writer writes") }
                    blocks.append(content.block(number: head.number, offset: offset, size: head.frameSize))
                    for (_, position) in content.positions {
                        positions[OriginStream(source: content.source, stream: position.stream)] = position
                    }
                    size = walk.offset
                    hash = walk.hash ?? hash
                }
            }
        }
    }
}

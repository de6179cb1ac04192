import Crypto
import Kernel
import LogFormats

/// How far a writer is, and how far the disk is known to be.
struct SegmentProgress {
    private(set) var blocks: [SegmentBlock]
    private(set) var positions: [OriginStream: LogBatch.Position]
    private(set) var size: Int
    /// Of everything before `size`.
    private var hash: SHA256
    private var synced: (blocks: Int, size: Int, hash: SHA256)
    /// What the positions were that changed since: no copy of all of them for each sync.
    private var positionsAtSync: [OriginStream: LogBatch.Position?] = [:]

    /// What a file holds whose blocks are all on the disk.
    init(
        blocks: [SegmentBlock], positions: [OriginStream: LogBatch.Position], size: Int, hash: SHA256
    ) {
        self.blocks = blocks
        self.positions = positions
        self.size = size
        self.hash = hash
        synced = (blocks.count, size, hash)
    }

    /// A file that has its header and nothing else.
    init(header: [UInt8]) {
        var hash = SHA256()
        hash.update(data: header)
        self.init(blocks: [], positions: [:], size: header.count, hash: hash)
    }

    // MARK: - Appending

    /// Blocks that are being written, and count only when all of them are.
    struct Ahead {
        fileprivate(set) var number: Int
        fileprivate(set) var record: Int
        fileprivate(set) var size: Int
        fileprivate var hash: SHA256
        fileprivate var added: [SegmentBlock] = []

        mutating func add(_ block: SegmentBlock, _ frame: [UInt8]) {
            added.append(block)
            number += 1
            record += block.records
            size += frame.count
            hash.update(data: frame)
        }
    }

    /// Where the next block goes.
    var ahead: Ahead {
        Ahead(number: blocks.count, record: blocks.last?.recordNumbers.upperBound ?? 0, size: size, hash: hash)
    }

    mutating func take(_ ahead: Ahead) {
        blocks += ahead.added
        size = ahead.size
        hash = ahead.hash
    }

    mutating func note(_ position: LogBatch.Position, of source: Identifier<LogOrigin>) {
        let stream = OriginStream(source: source, stream: position.stream)
        let before = positions.updateValue(position, forKey: stream)
        if positionsAtSync.index(forKey: stream) == nil { positionsAtSync.updateValue(before, forKey: stream) }
    }

    // MARK: - Syncing

    var isSynced: Bool { synced.blocks == blocks.count }

    mutating func sync() {
        synced = (blocks.count, size, hash)
        positionsAtSync.removeAll(keepingCapacity: true)
    }

    /// Goes back to what the disk is known to have.
    mutating func takeBack() {
        blocks.removeLast(blocks.count - synced.blocks)
        size = synced.size
        hash = synced.hash
        for (stream, position) in positionsAtSync { positions[stream] = position }
        positionsAtSync.removeAll()
    }

    /// The hash of the file with `end` behind everything.
    func digest(with end: [UInt8]) -> String {
        var hash = hash
        hash.update(data: end)
        return Array(hash.finalize()).hex
    }
}

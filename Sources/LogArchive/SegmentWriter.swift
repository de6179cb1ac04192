import Kernel
import LogFormats

/// Adds records to one segment. What was appended and synced survives a killed process and a power cut.
///
/// It belongs to one thread, or to one actor: it is not `Sendable`, and nothing in it waits for anything but the disk.
/// Each block seals the records of one origin and costs some 10 µs and 150 bytes, however little is in it: a hundred lines
/// are appended together in the time that five take one by one, and in an eighth of the space.
public final class SegmentWriter {
    /// Where appended records are.
    public struct Appended: Sendable, Hashable {
        /// The numbers of the blocks that hold them: one, unless they are many.
        public let blocks: Range<Int>
        /// Their numbers in the segment.
        public let records: Range<Int>
    }

    /// The segment's name.
    public let id: Identifier<LogSegment>
    /// How many bytes of a torn end were cut when the segment was taken up again.
    public let cutBytes: Int

    private let file: SegmentFile
    private let seal: SegmentSeal
    private let randomness: Randomness
    private let packer: Packer
    private var progress: SegmentProgress
    private var isClosed = false
    /// Whether there may be something behind `size` in the file, left by a write that failed.
    private var isTorn = false
    /// Keeps its memory from block to block.
    private var plain: [UInt8] = []

    /// A writer that goes on behind what the file has, all of it on the disk.
    init(
        _ file: SegmentFile, _ seal: SegmentSeal, randomness: Randomness, progress: SegmentProgress, cutBytes: Int = 0
    ) throws(Problem) {
        self.id = seal.segment
        self.file = file
        self.seal = seal
        self.randomness = randomness
        self.progress = progress
        self.cutBytes = cutBytes
        packer = try Packer()
    }

    /// The blocks that are in the segment, not all of them synced.
    public var blocks: [SegmentBlock] { progress.blocks }

    /// The position that was appended last of each stream: where its source has to be read from on.
    public var newestPositions: [OriginStream: LogBatch.Position] { progress.positions }

    /// How many bytes the file has up to the end of the last block.
    public var size: Int { progress.size }

    /// A new segment, in a file that must not be there yet and that only this user may read (mode 0600).
    ///
    /// The file and its name are on the disk when this returns.
    ///
    /// - Parameters:
    ///   - path: The file.
    ///   - id: The segment's name, never used before.
    ///   - key: 32 random bytes of its own; who destroys them erases the segment.
    ///   - randomness: For nonces.
    /// - Throws: A `Problem`: `archive.exists`, `archive.disk-full`, `archive.disk-failed`, or `vault.key-size`.
    public static func create(_ path: String, id: Identifier<LogSegment>, key: [UInt8], randomness: Randomness)
        throws(Problem) -> SegmentWriter
    {
        let seal = try SegmentSeal(segment: id, key: key)
        let header = try seal.header(randomness)
        let file = try SegmentFile.create(path)
        do {
            return try begin(file, seal, header, randomness: randomness)
        } catch {
            file.remove()
            throw error
        }
    }

    /// Writes the header of a segment without blocks.
    static func begin(
        _ file: SegmentFile, _ seal: SegmentSeal, _ header: [UInt8], randomness: Randomness, cutBytes: Int = 0
    ) throws(Problem) -> SegmentWriter {
        try file.write(header, at: 0)
        try file.sync()
        let progress = SegmentProgress(header: header)
        return try SegmentWriter(file, seal, randomness: randomness, progress: progress, cutBytes: cutBytes)
    }

    /// Adds batches of one origin, all or none of them.
    ///
    /// They are read back after a crash only if ``sync()`` returned since.
    ///
    /// - Returns: Where they are; empty ranges for no batches.
    /// - Throws: A `Problem`: `archive.too-large` for a batch of more than some 12 MiB (split it), `archive.segment-full`
    ///   and `archive.segment-closed` (go on in another segment), `archive.disk-full` and `archive.disk-failed` (try again
    ///   later). Nothing was added then, and the writer can still be used.
    public func append(_ batches: [LogBatch], of source: Identifier<LogOrigin>) throws(Problem) -> Appended {
        guard !isClosed else { throw closed }
        let groups = try BlockGroups.ranges(of: batches)
        guard blocks.count + groups.count <= SegmentFormat.maximumBlocks else {
            throw Problem(
                .tooLarge, code: "archive.segment-full", "The segment has as many blocks as a segment may have.",
                hint: "Close it and begin another.", place: ArchiveProblem.place(file.path))
        }
        try cutTornEnd()
        var next = progress.ahead
        do {
            for group in groups {
                let (head, frame) = try sealed(
                    batches[group], of: source, number: next.number, firstRecord: next.record)
                isTorn = true
                try file.write(frame, at: next.size)
                next.add(head.block(number: next.number, offset: next.size, size: frame.count), frame)
            }
        } catch {
            // What cannot be cut now is cut before the next append.
            try? cutTornEnd()
            throw error
        }
        isTorn = false
        let before = progress.ahead
        progress.take(next)
        for batch in batches {
            if let position = batch.position { progress.note(position, of: source) }
        }
        return Appended(blocks: before.number..<next.number, records: before.record..<next.record)
    }

    /// Returns when everything that was appended is on the disk: only then may a source be told that it was taken.
    ///
    /// - Throws: A `Problem` (`archive.disk-full`, `archive.disk-failed`). What was appended since the last time is taken
    ///   back then, because nobody can know which part of it the disk has: append it again, here or in another segment.
    public func sync() throws(Problem) {
        guard !isClosed, !progress.isSynced else { return }
        do {
            try file.sync()
        } catch {
            undo()
            throw error
        }
        progress.sync()
    }

    /// Takes back what was appended since the last ``sync()`` that succeeded. Whoever appends several things that belong
    /// together, and cannot append them all, appends none of them.
    public func takeBack() {
        guard !isClosed, !progress.isSynced else { return }
        undo()
    }

    private func undo() {
        progress.takeBack()
        isTorn = true
        try? cutTornEnd()
    }

    /// Ends the segment with its index; nothing can be added after that.
    ///
    /// - Returns: What the segment holds and the hash of its file, which the ledger keeps.
    /// - Throws: A `Problem` (`archive.disk-full`, `archive.disk-failed`, `archive.segment-closed`). The segment is open
    ///   then as it was after the last ``sync()`` that succeeded, this one's own first step included.
    public func close() throws(Problem) -> SegmentSummary {
        guard !isClosed else { throw closed }
        try sync()
        try cutTornEnd()
        var totals = SegmentTotals()
        for block in blocks { totals.add(block) }
        let end = try SegmentEnd.bytes(
            behind: blocks, totals: totals, at: size, seal: seal, packer: packer, randomness: randomness)
        do {
            isTorn = true
            try file.write(end, at: size)
            try file.sync()
        } catch {
            try? cutTornEnd()
            throw error
        }
        isTorn = false
        isClosed = true
        return totals.summary(bytes: size + end.count, sha256: progress.digest(with: end))
    }

    // MARK: - Parts

    private func sealed(
        _ batches: ArraySlice<LogBatch>, of source: Identifier<LogOrigin>, number: Int, firstRecord: Int
    ) throws(Problem) -> (BlockHead, frame: [UInt8]) {
        plain.removeAll(keepingCapacity: true)
        for batch in batches { BlockRecords.append(batch, to: &plain) }
        let head = BlockHead(of: batches, source: source, firstRecord: firstRecord, plainSize: plain.count)
        var front: [UInt8] = []
        head.append(to: &front)
        return (head, try seal.frame(.block, number: number, try packer.pack(plain, after: front), randomness))
    }

    private func cutTornEnd() throws(Problem) {
        guard isTorn else { return }
        try file.cut(at: size)
        isTorn = false
    }

    private var closed: Problem {
        Problem(
            .conflict, code: "archive.segment-closed", "The segment is closed; nothing can be added to it.",
            hint: "Begin another.", place: ArchiveProblem.place(file.path))
    }
}

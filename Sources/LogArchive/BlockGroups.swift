import Kernel
import LogFormats

/// Which batches of an append share a block.
enum BlockGroups {
    /// Puts batches together until a block has its usual size; none is split, so that its position stays true.
    ///
    /// - Throws: A `Problem` (tooLarge, `archive.too-large`) for a batch that no block could hold.
    static func ranges(of batches: [LogBatch]) throws(Problem) -> [Range<Int>] {
        var groups: [Range<Int>] = []
        var start = 0
        var size = 0
        for (index, batch) in batches.enumerated() {
            let name = batch.position?.stream.utf8.count ?? 0
            let room = BlockRecords.room(for: batch) + 22 + name
            guard room <= SegmentFormat.maximumBatch, name <= SegmentFormat.maximumStreamName else {
                throw Problem(
                    .tooLarge, code: "archive.too-large",
                    "A batch of log records has more than the archive takes as one.",
                    hint:
                        "A batch may have 12 MiB with its lengths, and a stream's name \(SegmentFormat.maximumStreamName) bytes.",
                    place: Problem.Place(field: "batch \(index)"))
            }
            size += room
            if size >= SegmentFormat.usualPlain {
                groups.append(start..<(index + 1))
                start = index + 1
                size = 0
            }
        }
        if start < batches.count { groups.append(start..<batches.count) }
        return groups
    }
}

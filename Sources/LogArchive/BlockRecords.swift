import Kernel
import LogFormats

/// Batches as they lie in an unpacked block, one after the other.
///
/// ```
/// received, 8 bytes ‖ records, 4 ‖ length of each record, 1 to 5 ‖ the records' bytes
/// ```
enum BlockRecords {
    /// What a batch takes at most.
    static func room(for batch: LogBatch) -> Int { 12 + 5 * batch.count + batch.bytes.count }

    static func append(_ batch: LogBatch, to plain: inout [UInt8]) {
        plain.appendInstant(batch.receivedAt)
        plain.appendInteger(UInt32(batch.count))
        var start = 0
        for end in batch.ends {
            plain.appendShort(end - start)
            start = end
        }
        plain.append(contentsOf: batch.bytes)
    }

    /// A batch where it lies.
    struct Place {
        let receivedAt: Instant
        /// The number in the block of its first record.
        let first: Int
        /// Where its first record begins in the block.
        let start: Int
    }

    /// Steps through the batches of an unpacked block.
    struct Walk {
        private var next = 0
        private var count = 0
        /// Where each record of the batch ends in the block; it keeps its memory from batch to batch.
        private(set) var ends: [Int] = []

        /// The batch that comes next; `nil` at the end of the block.
        ///
        /// - Throws: ``Malformed`` where a count or a length points out of the block.
        mutating func batch(in plain: [UInt8]) throws(Malformed) -> Place? {
            guard next < plain.count else { return nil }
            var reader = FieldReader(plain[next...])
            // Each record has a length of a byte at least: no count can ask for more memory than the block has.
            guard let receivedAt = reader.instant(), let records = reader.integer(UInt32.self),
                records <= reader.rest.count
            else { throw Malformed() }
            ends.removeAll(keepingCapacity: true)
            ends.reserveCapacity(Int(records))
            var place = reader.rest.startIndex
            var total = 0
            for _ in 0..<records {
                total += try Self.length(in: plain, at: &place)
                ends.append(total)
            }
            guard total <= plain.count - place else { throw Malformed() }
            for index in ends.indices { ends[index] += place }
            defer {
                next = place + total
                count += Int(records)
            }
            return Place(receivedAt: receivedAt, first: count, start: place)
        }

        private static func length(in plain: [UInt8], at place: inout Int) throws(Malformed) -> Int {
            var length = 0
            var shift = 0
            while place < plain.count, shift < 35 {
                let byte = plain[place]
                place += 1
                length |= Int(byte & 0x7F) << shift
                if byte < 0x80 { return length }
                shift += 7
            }
            throw Malformed()
        }
    }

    /// What an unpacked block holds is not what a writer of ours writes.
    struct Malformed: Error {}
}

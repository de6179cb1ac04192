import Kernel
import LogFormats

/// What a block says of itself, before its records: enough to rebuild the index and to go on where the sources stood.
///
/// ```
/// source, 16 bytes ‖ first record, 8 ‖ records, 4 ‖ from, 8 ‖ to, 8 ‖ unpacked size, 4 ‖ bytes of records, 4 ‖ batches, 4
/// positions, 4 ‖ per position: batch, 4 ‖ start, 8 ‖ end, 8 ‖ length of the name, 2 ‖ name
/// ```
struct BlockHead {
    let source: Identifier<LogOrigin>
    let firstRecord: Int
    let records: Int
    let from: Instant
    let to: Instant
    let plainSize: Int
    let recordBytes: Int
    let batches: Int
    /// Which batch has which position; in the batches' order.
    let positions: [(batch: Int, position: LogBatch.Position)]

    /// Says what there is of `batches`, which are not empty and take `plainSize` bytes.
    init(of batches: ArraySlice<LogBatch>, source: Identifier<LogOrigin>, firstRecord: Int, plainSize: Int) {
        self.source = source
        self.firstRecord = firstRecord
        self.plainSize = plainSize
        self.batches = batches.count
        var records = 0
        var recordBytes = 0
        var from = Instant(milliseconds: .max)
        var to = Instant(milliseconds: .min)
        var positions: [(batch: Int, position: LogBatch.Position)] = []
        for (index, batch) in batches.enumerated() {
            records += batch.count
            recordBytes += batch.bytes.count
            from = min(from, batch.receivedAt)
            to = max(to, batch.receivedAt)
            if let position = batch.position { positions.append((index, position)) }
        }
        self.records = records
        self.recordBytes = recordBytes
        self.from = from
        self.to = to
        self.positions = positions
    }

    /// Reads the head at the beginning of an opened block, and what stands behind it.
    init?(_ block: ArraySlice<UInt8>, packed: inout ArraySlice<UInt8>) {
        var reader = FieldReader(block)
        guard let source = reader.identifier(LogOrigin.self), let firstRecord = reader.integer(UInt64.self),
            let records = reader.integer(UInt32.self), let from = reader.instant(), let to = reader.instant(),
            let plainSize = reader.integer(UInt32.self), let recordBytes = reader.integer(UInt32.self),
            let batches = reader.integer(UInt32.self), let count = reader.integer(UInt32.self),
            firstRecord <= UInt64(Int.max / 2), from <= to, plainSize <= SegmentFormat.maximumPlain,
            recordBytes <= plainSize, records <= plainSize, batches >= 1, batches <= plainSize, count <= batches
        else { return nil }
        var positions: [(batch: Int, position: LogBatch.Position)] = []
        for _ in 0..<count {
            guard let batch = reader.integer(UInt32.self), batch < batches,
                positions.last.map({ $0.batch < Int(batch) }) ?? true, let start = reader.integer(UInt64.self),
                let end = reader.integer(UInt64.self), start <= end, let length = reader.integer(UInt16.self),
                length <= SegmentFormat.maximumStreamName, let name = reader.bytes(Int(length)),
                let stream = String(validating: name, as: UTF8.self)
            else { return nil }
            positions.append((Int(batch), LogBatch.Position(stream: stream, start: start, end: end)))
        }
        self.source = source
        self.firstRecord = Int(firstRecord)
        self.records = Int(records)
        self.from = from
        self.to = to
        self.plainSize = Int(plainSize)
        self.recordBytes = Int(recordBytes)
        self.batches = Int(batches)
        self.positions = positions
        packed = reader.rest
    }

    func append(to bytes: inout [UInt8]) {
        bytes.appendIdentifier(source)
        bytes.appendInteger(UInt64(firstRecord))
        bytes.appendInteger(UInt32(records))
        bytes.appendInstant(from)
        bytes.appendInstant(to)
        bytes.appendInteger(UInt32(plainSize))
        bytes.appendInteger(UInt32(recordBytes))
        bytes.appendInteger(UInt32(batches))
        bytes.appendInteger(UInt32(positions.count))
        for (batch, position) in positions {
            bytes.appendInteger(UInt32(batch))
            bytes.appendInteger(position.start)
            bytes.appendInteger(position.end)
            bytes.appendInteger(UInt16(position.stream.utf8.count))
            bytes.append(contentsOf: position.stream.utf8)
        }
    }

    /// The block as the index has it, once it is known where it stands.
    func block(number: Int, offset: Int, size: Int) -> SegmentBlock {
        SegmentBlock(
            number: number, source: source, firstRecord: firstRecord, records: records, from: from, to: to,
            recordBytes: recordBytes, offset: offset, size: size)
    }
}

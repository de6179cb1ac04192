import Foundation
import Kernel
import LogFormats
import TestSupport
import Testing

@testable import LogArchive

/// What only a holder of the key could write, and a writer of ours does not.
@Suite("Authentic nonsense")
struct BoundsTests {
    /// A block with a head of one's own.
    private func head(_ change: (inout [UInt8]) -> Void = { _ in }, plainSize: Int, records: Int = 1, bytes: Int = 1)
        -> [UInt8]
    {
        var head: [UInt8] = []
        head.appendIdentifier(origin(1))
        head.appendInteger(UInt64(0))
        head.appendInteger(UInt32(records))
        head.appendInstant(moment(0))
        head.appendInstant(moment(0))
        head.appendInteger(UInt32(plainSize))
        head.appendInteger(UInt32(bytes))
        head.appendInteger(UInt32(1))
        head.appendInteger(UInt32(0))
        change(&head)
        return head
    }

    private func reader(_ sample: SegmentSample, _ content: [UInt8]) throws -> SegmentReader {
        let seal = try SegmentSeal(segment: sample.id, key: sample.key)
        let frame = try seal.frame(.block, number: 0, content, sample.randomness)
        try sample.replace(with: try seal.header(sample.randomness) + frame)
        return try sample.open()
    }

    private func plain(count: UInt32, _ rest: [UInt8]) -> [UInt8] {
        var plain: [UInt8] = []
        plain.appendInstant(moment(0))
        plain.appendInteger(count)
        return plain + rest
    }

    @Test("a block whose records are not what it says is reported, not believed")
    func records() throws {
        let sample = try SegmentSample()
        let packer = try Packer()
        let good = plain(count: 1, [1, 0x61])
        #expect(try reader(sample, packer.pack(good, after: head(plainSize: good.count))).verify().records == 1)
        let contents: [[UInt8]] = [
            // Counts and lengths that point out of the block, or do not end.
            plain(count: .max, [1, 0x61]), plain(count: 2, [1, 0x61]), plain(count: 1, [2, 0x61]),
            plain(count: 1, [0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 1]), plain(count: 1, [0x80]),
            plain(count: 1, [0xFF, 0xFF, 0xFF, 0xFF, 0x7F, 0x61]), plain(count: 0, []),
            plain(count: 1, [1, 0x61, 0x61]),
            [1, 2, 3], [], good + good,
        ]
        for content in contents {
            let reader = try reader(sample, packer.pack(content, after: head(plainSize: content.count)))
            try expectNonsense(reader, "\(content)")
        }
    }

    @Test("sizes that do not fit are refused before memory is taken for them")
    func sizes() throws {
        let sample = try SegmentSample()
        let packer = try Packer()
        let good = plain(count: 1, [1, 0x61])
        let bomb = try packer.pack([UInt8](repeating: 0, count: 100 << 20), after: [])
        let whole = try packer.pack(good, after: [])
        for content in [
            head(plainSize: good.count + 1) + whole, head(plainSize: good.count - 1) + whole,
            head(plainSize: good.count) + whole.dropLast(), head(plainSize: good.count) + whole + [0],
            head(plainSize: good.count) + whole + whole, head(plainSize: good.count), head(plainSize: 100 << 20) + bomb,
            head(plainSize: 64 << 20) + bomb, head(plainSize: good.count, records: 2) + whole,
            head(plainSize: good.count, bytes: 2) + whole, head(plainSize: 10, bytes: 11) + whole,
            head({ $0.replaceSubrange(($0.count - 4)..., with: [255, 255, 255, 255]) }, plainSize: good.count) + whole,
            Array(head(plainSize: good.count).dropLast(3)), [],
        ] {
            try expectNonsense(try reader(sample, content), "\(content.count) bytes")
        }
    }

    @Test("random bytes in a block are reported", arguments: UInt64(1)...10)
    func random(seed: UInt64) throws {
        let sample = try SegmentSample()
        let packer = try Packer()
        var generator = SeededGenerator(seed)
        for _ in 0..<100 {
            let count = Int.random(in: 0...200, using: &generator)
            let noise = (0..<count).map { _ in
                Bool.random(using: &generator) ? UInt8(0) : .random(in: 0...255, using: &generator)
            }
            try expectNonsense(
                try reader(sample, packer.pack(noise, after: head(plainSize: count, records: 3))), "\(noise)")
            try expectNonsense(try reader(sample, noise), "\(noise)")
        }
    }

    @Test("a root or a page of random bytes is reported", arguments: UInt64(1)...5)
    func index(seed: UInt64) throws {
        let sample = try SegmentSample()
        var generator = SeededGenerator(seed)
        do {
            let writer = try sample.create()
            _ = try sample.fill(writer)
        }
        let blocks = try sample.bytes
        let seal = try SegmentSeal(segment: sample.id, key: sample.key)
        let packer = try Packer()
        for _ in 0..<50 {
            let noise = (0..<Int.random(in: 0...200, using: &generator)).map { _ in
                UInt8.random(in: 0...3, using: &generator) & .random(in: 0...255, using: &generator)
            }
            var size: [UInt8] = []
            size.appendInteger(UInt32(noise.count))
            let root = try seal.frame(.root, number: 6, packer.pack(noise, after: size), sample.randomness)
            var trailer: [UInt8] = []
            trailer.appendInteger(UInt64(blocks.count))
            try sample.replace(with: blocks + root + trailer + SegmentFormat.trailerMagic)
            #expect(failure { _ = try sample.open().verify() }?.kind == .refused)
            // The blocks are there, whatever stands behind them.
            #expect(try sample.open(ignoringIndex: true).blockCount == 5)
        }
    }

    @Test("an index that says something else than the blocks is reported", arguments: 0..<6)
    func wrongIndex(which: Int) throws {
        let sample = try SegmentSample()
        var blocks: [SegmentBlock] = []
        do { blocks = try sample.fill(try sample.create()) }
        let whole = try sample.bytes
        var totals = SegmentTotals()
        blocks.forEach { totals.add($0) }
        let block = blocks[2]
        // The block of another origin or another time, and one that has more than it has.
        let changes: [SegmentBlock] = [
            block, changed(block, source: origin(8)), changed(block, from: moment(1)), changed(block, to: moment(9999)),
            changed(block, recordBytes: block.recordBytes + 1), changed(block, firstRecord: block.firstRecord + 1),
        ]
        blocks[2] = changes[which]
        let end = try SegmentEnd.bytes(
            behind: blocks, totals: totals, at: whole.count,
            seal: SegmentSeal(segment: sample.id, key: sample.key), packer: Packer(), randomness: sample.randomness)
        try sample.replace(with: whole + end)
        let reader = try sample.open()
        let problem = failure { _ = try reader.verify() }
        #expect(problem?.code == (which == 0 ? nil : "archive.damaged-block"))
        guard which > 0, let listed = try? reader.blocks else { return }
        #expect(failure { _ = try reader.records(of: listed[2]) }?.code == "archive.damaged-block")
    }

    private func changed(
        _ block: SegmentBlock, source: Identifier<LogOrigin>? = nil, from: Instant? = nil, to: Instant? = nil,
        recordBytes: Int? = nil, firstRecord: Int? = nil
    ) -> SegmentBlock {
        SegmentBlock(
            number: block.number, source: source ?? block.source, firstRecord: firstRecord ?? block.firstRecord,
            records: block.records, from: from ?? block.from, to: to ?? block.to,
            recordBytes: recordBytes ?? block.recordBytes, offset: block.offset, size: block.size)
    }

    @Test("garbage full of what looks like frames takes no time without end")
    func manyFrames() throws {
        let sample = try SegmentSample()
        do {
            let writer = try sample.create()
            _ = try sample.fill(writer)
        }
        let whole = try sample.bytes
        var head: [UInt8] = []
        FrameHead(kind: .block, number: 9, length: 500_000).append(to: &head)
        let garbage = Array(repeatElement(head, count: 100_000).joined())
        try sample.replace(with: whole + garbage)
        // More than a thousand false frames are no accident: nothing is cut.
        #expect(failure { _ = try sample.resume() }?.code == "archive.damaged-block")
        let reader = try sample.open()
        #expect(reader.blockCount == 5 && reader.damages.count == 1)
    }

    private func expectNonsense(_ reader: SegmentReader, _ what: String) throws {
        let verified = failure { _ = try reader.verify() }
        #expect(verified?.code == "archive.damaged-block", "\(what)")
        for block in try reader.blocks {
            #expect(failure { _ = try reader.records(of: block) }?.code == "archive.damaged-block", "\(what)")
        }
        _ = try LogSearch(terms: ["a"]).run(over: [reader]) { _ in }
    }
}

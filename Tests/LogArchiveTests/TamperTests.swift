import Foundation
import Kernel
import LogFormats
import TestSupport
import Testing

@testable import LogArchive

@Suite("Segments that someone changed")
struct TamperTests {
    @Test("one changed bit anywhere is noticed", arguments: [false, true])
    func anyBit(isClosed: Bool) throws {
        let sample = try SegmentSample()
        var summary: SegmentSummary?
        do {
            let writer = try sample.create()
            _ = try sample.fill(blocks: 2, writer)
            if isClosed { summary = try writer.close() }
        }
        let whole = try sample.bytes
        for place in whole.indices {
            // All bits of the open one, and another of each byte of the closed one, which is longer.
            for bit in isClosed ? [place % 8] : Array(0..<8) {
                var changed = whole
                changed[place] ^= 1 << bit
                try sample.replace(with: changed)
                // Also by someone who does not know what it was.
                let unknown = failure { _ = try sample.open().verify() }
                #expect(unknown?.kind == .refused && unknown?.place?.file == sample.path, "bit \(bit) of byte \(place)")
                guard isClosed else { continue }
                let known = failure { _ = try sample.open(expected: summary).verify(against: summary) }
                #expect(known?.kind == .refused, "bit \(bit) of byte \(place)")
            }
        }
    }

    /// What can be done to blocks without opening them, and what must be said of it.
    struct Change: CustomTestStringConvertible, Sendable {
        let testDescription: String
        /// The order in which blocks 0 to 4 are put, and which of them is named as damaged.
        let order: [Int]
        let named: Int
    }

    static let changes = [
        Change(testDescription: "swapped", order: [0, 2, 1, 3, 4], named: 1),
        Change(testDescription: "first left out", order: [1, 2, 3, 4], named: 0),
        Change(testDescription: "left out", order: [0, 1, 3, 4], named: 2),
        Change(testDescription: "doubled", order: [0, 1, 1, 2, 3, 4], named: 2),
        Change(testDescription: "doubled at the end", order: [0, 1, 2, 3, 4, 0], named: 5),
        Change(testDescription: "moved to the end", order: [1, 2, 3, 4, 0], named: 0),
        Change(testDescription: "turned round", order: [4, 3, 2, 1, 0], named: 0),
        Change(testDescription: "exchanged for another", order: [0, 1, 4, 3, 4], named: 2),
    ]

    @Test("blocks in another order are noticed, in open and closed segments", arguments: changes, [false, true])
    func order(change: Change, isClosed: Bool) throws {
        let sample = try SegmentSample()
        var blocks: [SegmentBlock] = []
        var summary: SegmentSummary?
        do {
            let writer = try sample.create()
            blocks = try sample.fill(writer)
            if isClosed { summary = try writer.close() }
        }
        let whole = try sample.bytes
        var changed = Array(whole.prefix(SegmentFormat.headerSize))
        for number in change.order {
            changed += whole[blocks[number].offset..<(blocks[number].offset + blocks[number].size)]
        }
        changed += whole[(blocks[4].offset + blocks[4].size)...]
        try sample.replace(with: changed)
        let verified = failure { _ = try sample.open().verify() }
        #expect(verified?.code == "archive.damaged-block" || isClosed)
        #expect(verified?.kind == .refused)
        #expect(verified?.place?.field == "block \(change.named)" || isClosed)
        #expect(failure { _ = try sample.open(expected: summary).verify(against: summary) } != nil)
        if !isClosed {
            #expect(failure { _ = try sample.resume() }?.code == "archive.damaged-block")
            #expect(try sample.bytes == changed)
            // What is in its place can be read, and nothing twice.
            let numbers = try sample.open().blocks.map(\.number)
            #expect(numbers == numbers.sorted() && Set(numbers).count == numbers.count)
        }
    }

    @Test("blocks that are missing at the end of a closed segment are named")
    func missingAtTheEnd() throws {
        let sample = try SegmentSample()
        var blocks: [SegmentBlock] = []
        var summary: SegmentSummary?
        do {
            let writer = try sample.create()
            blocks = try sample.fill(writer)
            summary = try writer.close()
        }
        let whole = try sample.bytes
        for block in blocks {
            try sample.replace(with: whole.prefix(block.offset))
            for problem in [
                failure { _ = try sample.open(expected: summary) },
                failure { _ = try sample.open().verify(against: summary) },
            ] {
                #expect(problem?.code == "archive.missing-blocks")
                #expect(problem?.place == Problem.Place(file: sample.path, field: "block \(block.number)"))
            }
        }
        try sample.replace(with: whole.dropLast(3))
        #expect(failure { _ = try sample.open(expected: summary) }?.code == "archive.not-closed")
        #expect(failure { _ = try sample.open().verify(against: summary) } != nil)
        // What is there can be read all the same.
        #expect(try sample.open().blocks == blocks)
    }

    @Test("a segment opens with its own name and key only")
    func otherName() throws {
        let sample = try SegmentSample()
        let other = try SegmentSample(seed: 2)
        do { _ = try sample.fill(try sample.create()) }
        do { _ = try other.fill(try other.create()) }
        func open(_ id: Identifier<LogSegment>, _ key: [UInt8]) -> String? {
            failure { _ = try SegmentReader.open(sample.path, id: id, key: key) }?.code
        }
        #expect(open(sample.id, sample.key) == nil)
        #expect(open(other.id, sample.key) == "archive.wrong-key")
        #expect(open(sample.id, other.key) == "archive.wrong-key")
        #expect(open(sample.id, []) == "vault.key-size")
        let resumed = failure {
            _ = try SegmentWriter.resume(sample.path, id: sample.id, key: other.key, randomness: .system)
        }
        #expect(resumed?.code == "archive.wrong-key")
        // Nor does the header of one make the blocks of another its own, under the same key.
        let twin = Identifier<LogSegment>(high: 1, low: 2)
        let path = "\(sample.folder.path)/twin"
        do { _ = try SegmentWriter.create(path, id: twin, key: sample.key, randomness: .system) }
        let header = [UInt8](try Data(contentsOf: URL(fileURLWithPath: path)))
        try Data(header + (try sample.bytes).dropFirst(header.count)).write(to: URL(fileURLWithPath: path))
        let reader = try SegmentReader.open(path, id: twin, key: sample.key)
        #expect(reader.blockCount == 0)
        #expect(failure { _ = try reader.verify() }?.kind == .refused)
    }

    @Test("another segment of the same name and key is not the one that was recorded")
    func anotherWriting() throws {
        let sample = try SegmentSample()
        var summaries: [SegmentSummary] = []
        for _ in 0..<2 {
            try? FileManager.default.removeItem(atPath: sample.path)
            let writer = try sample.create()
            _ = try sample.fill(writer)
            summaries.append(try writer.close())
        }
        #expect(summaries[0] != summaries[1])
        let problem = failure { _ = try sample.open(expected: summaries[0]).verify(against: summaries[0]) }
        #expect(problem?.code == "archive.differs")
    }

    @Test("a closed segment whose index is damaged is read without it")
    func damagedIndex() throws {
        let sample = try SegmentSample()
        var blocks: [SegmentBlock] = []
        do {
            let writer = try sample.create()
            blocks = try sample.fill(writer)
            _ = try writer.close()
        }
        var changed = try sample.bytes
        changed[blocks[4].offset + blocks[4].size + 60] ^= 1
        try sample.replace(with: changed)
        let reader = try sample.open()
        #expect(failure { _ = try reader.blocks }?.code == "archive.damaged-block")
        #expect(failure { _ = try reader.verify() }?.kind == .refused)
        let report = try LogSearch().run(over: [reader]) { _ in }
        #expect(report.unreadCount == 1 && report.found == 0)
        #expect(try sample.open(ignoringIndex: true).blocks == blocks)
    }
}

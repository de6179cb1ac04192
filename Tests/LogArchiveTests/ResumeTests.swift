import Foundation
import Kernel
import LogFormats
import TestSupport
import Testing

@testable import LogArchive

@Suite("Taking segments up again")
struct ResumeTests {
    @Test("an end torn at any byte leaves exactly the whole blocks", arguments: [false, true])
    func tornAnywhere(isClosed: Bool) throws {
        let sample = try SegmentSample()
        let writer = try sample.create()
        let blocks = try sample.fill(blocks: 4, writer)
        if isClosed { _ = try writer.close() }
        let whole = try sample.bytes
        for count in 0..<whole.count {
            // Another file each time: the first writer still holds the lock of its own.
            try FileManager.default.removeItem(atPath: sample.path)
            try sample.replace(with: whole.prefix(count))
            let kept = blocks.filter { $0.offset + $0.size <= count }
            let end = kept.last.map { $0.offset + $0.size } ?? SegmentFormat.headerSize
            let resumed = try sample.resume()
            #expect(resumed.blocks == kept, "cut at \(count)")
            #expect(resumed.cutBytes == (count < SegmentFormat.headerSize ? count : count - end))
            #expect((try sample.bytes).count == end)
            #expect(resumed.newestPositions.count == min(2, kept.count))
            let added = try resumed.append([batch(["after the crash"])], of: origin(1))
            #expect(added.blocks.lowerBound == kept.count && added.records.lowerBound == 2 * kept.count)
            try resumed.sync()
            let summary = try resumed.close()
            let reader = try sample.open(expected: summary)
            #expect(try reader.verify(against: summary) == summary)
            let read = try reader.blocks.flatMap { try reader.records(of: $0) }
            #expect(read == kept.indices.map { sample.smallBatch($0) } + [batch(["after the crash"])])
        }
    }

    @Test("an end that was never written, or was written as something else, is cut", arguments: [0, 1])
    func garbageAtTheEnd(kind: Int) throws {
        let sample = try SegmentSample()
        var blocks: [SegmentBlock] = []
        do { blocks = try sample.fill(try sample.create()) }
        let whole = try sample.bytes
        var generator = SeededGenerator(9)
        for count in [1, 11, 12, 60, 5000, 3_000_000] {
            let garbage = (0..<count).map { _ in kind == 0 ? 0 : UInt8.random(in: 0...255, using: &generator) }
            try sample.replace(with: whole + garbage)
            let resumed = try sample.resume()
            #expect(resumed.blocks == blocks && resumed.cutBytes == count)
            #expect(try sample.bytes == whole)
        }
    }

    @Test("damage before the last block is reported with its number, and nothing is cut")
    func damageInTheMiddle() throws {
        let sample = try SegmentSample()
        var blocks: [SegmentBlock] = []
        do { blocks = try sample.fill(try sample.create()) }
        let whole = try sample.bytes
        for block in blocks.dropLast() {
            for place in [0, 3, 4, 7, 8, 9, 10, 11, 12, 36, block.size - 1] {
                var changed = whole
                changed[block.offset + place] ^= 0x10
                try sample.replace(with: changed)
                let problem = failure { _ = try sample.resume() }
                #expect(problem?.code == "archive.damaged-block", "byte \(place) of block \(block.number)")
                #expect(problem?.place?.field == "block \(block.number)")
                #expect(problem?.place?.file == sample.path)
                #expect(try sample.bytes == changed)
                let reader = try sample.open()
                #expect(try reader.blocks == blocks.filter { $0 != block })
                #expect(reader.damages.map(\.code) == ["archive.damaged-block"])
            }
        }
        var changed = whole
        changed[blocks[4].offset + 20] ^= 1
        try sample.replace(with: changed)
        #expect(try sample.resume().blocks == Array(blocks.dropLast()))
    }

    @Test("the newest position of each stream is the one that was appended last")
    func positions() throws {
        let sample = try SegmentSample()
        func at(_ stream: String, _ start: UInt64) -> LogBatch {
            batch(["a"], position: .init(stream: stream, start: start, end: start + 5))
        }
        var known: [OriginStream: LogBatch.Position] = [:]
        do {
            let writer = try sample.create()
            _ = try writer.append([at("a", 0), at("b", 7), at("a", 5), batch(["none"])], of: origin(1))
            _ = try writer.append([at("a", 100)], of: origin(2))
            // A file that was begun anew under the same name.
            _ = try writer.append([at("b", 0)], of: origin(1))
            known = writer.newestPositions
        }
        #expect(known[OriginStream(source: origin(1), stream: "a")]?.end == 10)
        #expect(known[OriginStream(source: origin(1), stream: "b")]?.end == 5)
        #expect(known[OriginStream(source: origin(2), stream: "a")]?.end == 105)
        #expect(try sample.resume().newestPositions == known)
    }

    @Test("a writer that was interrupted again and again loses nothing and repeats nothing", arguments: UInt64(1)...6)
    func manyCrashes(seed: UInt64) throws {
        var generator = SeededGenerator(seed)
        let sample = try SegmentSample(seed: seed)
        var kept: [LogBatch] = []
        do { _ = try sample.create() }
        for _ in 0..<25 {
            do {
                let writer = try sample.resume()
                #expect(writer.blocks.reduce(0) { $0 + $1.records } == kept.reduce(0) { $0 + $1.count })
                for append in RandomAppend.some(3, using: &generator) {
                    _ = try writer.append(append.batches, of: append.source)
                    kept += append.batches
                }
                try writer.sync()
                // What comes now is not synced, and torn.
                let before = writer.size
                _ = try writer.append([batch(["lost", "in the crash"])], of: origin(1))
                let bytes = try sample.bytes
                try sample.replace(with: bytes.prefix(.random(in: before..<writer.size, using: &generator)))
            }
        }
        let writer = try sample.resume()
        let summary = try writer.close()
        let reader = try sample.open(expected: summary)
        #expect(try reader.verify(against: summary) == summary)
        #expect(try reader.blocks.flatMap { try reader.records(of: $0) } == kept)
    }

    @Test("two writers are never at work on one segment")
    func locked() throws {
        let sample = try SegmentSample()
        do {
            let writer = try sample.create()
            #expect(failure { _ = try sample.resume() }?.code == "archive.locked")
            _ = try writer.append([batch(["a"])], of: origin(1))
        }
        #expect(try sample.resume().blocks.count == 1)
    }

    @Test("a closed segment is not taken up again")
    func closed() throws {
        let sample = try SegmentSample()
        do {
            let writer = try sample.create()
            _ = try sample.fill(writer)
            _ = try writer.close()
            #expect(failure { _ = try writer.close() }?.code == "archive.segment-closed")
        }
        let bytes = try sample.bytes
        #expect(failure { _ = try sample.resume() }?.code == "archive.segment-closed")
        #expect(try sample.bytes == bytes)
    }

    @Test(
        "a file of something else is left as it is",
        arguments: ["", "GIF89a", "vouchlo!", String(repeating: "x", count: 500)])
    func foreign(text: String) throws {
        let sample = try SegmentSample()
        try sample.replace(with: text.utf8)
        let problem = failure { _ = try sample.resume() }
        #expect(problem?.code == (text.isEmpty ? nil : "archive.not-a-segment"))
        if !text.isEmpty { #expect(try sample.bytes == Array(text.utf8)) }
    }
}

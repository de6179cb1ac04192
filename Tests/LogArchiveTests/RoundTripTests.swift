import Foundation
import Kernel
import LogFormats
import TestSupport
import Testing

@testable import LogArchive

@Suite("Writing and reading segments")
struct RoundTripTests {
    @Test("what was appended is read back, whatever it is", arguments: UInt64(1)...12)
    func roundTrip(seed: UInt64) throws {
        var generator = SeededGenerator(seed)
        let appends = RandomAppend.some(Int.random(in: 0...30, using: &generator), using: &generator)
        let sample = try SegmentSample(seed: seed)
        let writer = try sample.create()
        var written: [(RandomAppend, SegmentWriter.Appended)] = []
        for append in appends {
            written.append((append, try writer.append(append.batches, of: append.source)))
            if Bool.random(using: &generator) { try writer.sync() }
        }
        for isClosed in [false, true] {
            let summary = isClosed ? try writer.close() : nil
            let reader = try sample.open(expected: summary)
            #expect(reader.isClosed == isClosed)
            try check(reader, written)
            let seen = try reader.verify(against: summary)
            #expect(seen.records == appends.reduce(0) { $0 + $1.batches.reduce(0) { $0 + $1.count } })
            #expect(seen.bytesBefore == appends.reduce(0) { $0 + $1.batches.reduce(0) { $0 + $1.bytes.count } })
            #expect(seen.bytesAfter == (try sample.bytes).count)
            if let summary { #expect(seen == summary) }
        }
    }

    private func check(_ reader: SegmentReader, _ written: [(RandomAppend, SegmentWriter.Appended)]) throws {
        let blocks = try reader.blocks
        var record = 0
        for (append, place) in written {
            #expect(place.records.lowerBound == record)
            record += append.batches.reduce(0) { $0 + $1.count }
            #expect(place.records.upperBound == record)
            var read: [LogBatch] = []
            for block in blocks[place.blocks] {
                #expect(block.source == append.source)
                read += try reader.records(of: block)
            }
            #expect(read == append.batches)
            for number in [place.records.first, place.records.last].compactMap({ $0 }) {
                let holding = try #require(try reader.block(holding: number))
                #expect(place.blocks.contains(holding.number) && holding.recordNumbers.contains(number))
            }
        }
        #expect(reader.recordCount == record)
        #expect(try reader.block(holding: record) == nil)
        #expect(try reader.block(holding: -1) == nil)
    }

    @Test("many batches make several blocks, and no batch is split")
    func manyBatches() throws {
        let sample = try SegmentSample()
        let writer = try sample.create()
        let batches = (0..<300).map { number in
            batch(
                (0..<100).map { "record \($0) of batch \(number), as long as lines of a log are in most cases" },
                at: number)
        }
        let place = try writer.append(batches, of: origin(1))
        #expect(place.blocks.count > 1)
        #expect(place.records == 0..<30_000)
        let summary = try writer.close()
        #expect(summary.bytesBefore > 4 * summary.bytesAfter)
        let reader = try sample.open(expected: summary)
        #expect(try reader.blocks.flatMap { try reader.records(of: $0) } == batches)
    }

    @Test("a batch that is larger than a block may be is refused, and the writer goes on")
    func tooLarge() throws {
        let sample = try SegmentSample()
        let writer = try sample.create()
        var large = LogBatch(receivedAt: moment(0))
        // What cannot be compressed and is as large as can be.
        large.append(Randomness.system.bytes(SegmentFormat.maximumBatch - 64))
        var tooLarge = large
        tooLarge.append([UInt8](repeating: 1, count: 64))
        let name = String(repeating: "n", count: SegmentFormat.maximumStreamName + 1)
        let longName = batch(["a"], position: .init(stream: name, start: 0, end: 1))
        #expect(
            failure { _ = try writer.append([batch(["a"]), tooLarge], of: origin(1)) }?.code == "archive.too-large")
        #expect(failure { _ = try writer.append([longName], of: origin(1)) }?.code == "archive.too-large")
        #expect(try writer.append([batch(["a"]), large], of: origin(1)).records == 0..<2)
        let reader = try sample.open()
        #expect(try reader.blocks.flatMap { try reader.records(of: $0) } == [batch(["a"]), large])
    }

    @Test("only its owner may read the file, and one that is there is left as it is")
    func file() throws {
        let sample = try SegmentSample()
        let writer = try sample.create()
        let mode = try FileManager.default.attributesOfItem(atPath: sample.path)[.posixPermissions] as? Int
        #expect(mode == 0o600)
        _ = try writer.append([batch(["a"])], of: origin(1))
        let bytes = try sample.bytes
        #expect(failure { _ = try sample.create() }?.code == "archive.exists")
        #expect(try sample.bytes == bytes)
        #expect(
            failure { _ = try SegmentReader.open("\(sample.path)x", id: sample.id, key: sample.key) }?.code
                == "archive.missing")
        let link = "\(sample.folder.path)/link"
        try FileManager.default.createSymbolicLink(atPath: link, withDestinationPath: sample.path)
        #expect(failure { _ = try SegmentReader.open(link, id: sample.id, key: sample.key) } != nil)
        #expect(
            failure { _ = try SegmentReader.open("/dev/zero", id: sample.id, key: sample.key) }?.code
                == "archive.not-a-segment")
    }

    @Test("a file that could not be begun is taken away again")
    func nothingLeft() throws {
        let sample = try SegmentSample()
        #expect(
            failure { _ = try SegmentWriter.create(sample.path, id: sample.id, key: [1], randomness: .system) }?.code
                == "vault.key-size")
        #expect(!FileManager.default.fileExists(atPath: sample.path))
    }

    @Test("nothing of a record and nothing of a stream's name is in the file")
    func canary() throws {
        let sample = try SegmentSample()
        let writer = try sample.create()
        let word = "canary-7f3b91"
        for number in 0..<20 {
            _ = try writer.append(
                [batch(["\(word) \(number)", word], position: .init(stream: "stream-\(word)", start: 0, end: 1))],
                of: origin(number))
        }
        #expect(try !sample.folder.holds("canary"))
        _ = try writer.close()
        #expect(try !sample.folder.holds("canary"))
        #expect(!(try sample.bytes).hex.contains(origin(3).bytes.hex))
        let seen = failure { _ = try writer.append([batch([word])], of: origin(1)) }
        #expect(seen?.code == "archive.segment-closed")
    }

    @Test("an index of many pages is read page by page")
    func pages() throws {
        let sample = try SegmentSample()
        let writer = try sample.create()
        let count = 2 * SegmentIndex.pageLength + 3
        for number in 0..<count { _ = try writer.append([batch(["r\(number)"], at: number)], of: origin(number % 3)) }
        let summary = try writer.close()
        let reader = try sample.open(expected: summary)
        #expect(reader.pages.count == 3)
        #expect(try reader.blocks.map(\.number) == Array(0..<count))
        for record in [0, 4095, 4096, 8191, 8192, count - 1] {
            #expect(try reader.block(holding: record)?.number == record)
        }
        #expect(try reader.verify(against: summary) == summary)
        let search = try LogSearch(from: moment(5000), until: moment(5003), order: .oldestFirst)
        var found: [String] = []
        let report = search.run(over: [reader]) { found.append(String(decoding: $0.bytes, as: UTF8.self)) }
        #expect(found == ["r5000", "r5001", "r5002"])
        #expect(report.blocks == 3)
    }

    @Test("a summary keeps its value in JSON")
    func summary() throws {
        let sample = try SegmentSample()
        let writer = try sample.create()
        _ = try sample.fill(writer)
        let summary = try writer.close()
        #expect(summary.sources.map(\.records) == [6, 4])
        #expect(summary.from == moment(0) && summary.to == moment(4000))
        #expect(try JSONDecoder().decode(SegmentSummary.self, from: JSONEncoder().encode(summary)) == summary)
    }

    @Test("a reader finds what is added while it is open")
    func refresh() throws {
        let sample = try SegmentSample()
        let writer = try sample.create()
        let reader = try sample.open()
        for round in 1...3 {
            _ = try sample.fill(blocks: 4, writer)
            try reader.refresh()
            #expect(reader.blockCount == 4 * round)
            #expect(try reader.blocks == writer.blocks)
        }
        _ = try writer.close()
        try reader.refresh()
        #expect(reader.blockCount == 12 && reader.damages.isEmpty)
    }
}

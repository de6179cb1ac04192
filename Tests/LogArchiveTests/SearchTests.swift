import Foundation
import Kernel
import LogFormats
import TestSupport
import Testing

@testable import LogArchive

@Suite("Searching segments")
struct SearchTests {
    private func run(_ search: LogSearch, _ readers: [SegmentReader]) -> ([String], LogSearch.Report) {
        var found: [String] = []
        let report = search.run(over: readers) { found.append(String(decoding: $0.bytes, as: UTF8.self)) }
        return (found, report)
    }

    struct Terms: CustomTestStringConvertible, Sendable {
        let terms: [String]
        let found: [String]
        var testDescription: String { "\(terms)" }
    }

    static let lines = [
        "Failed password for root", "Accepted password for alice", "GRÜN ist grün", "", "a", "@[`{", "end of one",
        "beginning of the next", "aaaaaab",
    ]

    @Test(
        "a record matches if it holds every term, in either case",
        arguments: [
            Terms(terms: [], found: lines), Terms(terms: [""], found: lines),
            Terms(terms: ["PASSWORD"], found: Array(lines[0...1])),
            Terms(terms: ["password", "Root"], found: [lines[0]]), Terms(terms: ["root", "alice"], found: []),
            Terms(terms: ["Failed password for root"], found: [lines[0]]),
            Terms(terms: ["Failed password for root "], found: []),
            // Only ASCII letters have two cases.
            Terms(terms: ["grün"], found: [lines[2]]), Terms(terms: ["GRÜN"], found: [lines[2]]),
            Terms(terms: ["rÜn"], found: [lines[2]]), Terms(terms: ["ß"], found: []),
            // What stands next to the letters is not folded.
            Terms(terms: ["@["], found: [lines[5]]), Terms(terms: ["`{"], found: [lines[5]]),
            Terms(terms: ["`["], found: []), Terms(terms: ["@{"], found: []),
            // Not over the end of a record.
            Terms(terms: ["onebeginning"], found: []), Terms(terms: ["rootaccepted"], found: []),
            Terms(terms: ["{end"], found: []), Terms(terms: ["eb"], found: []),
            Terms(terms: ["aab"], found: [lines[8]]),
            Terms(terms: ["aaaaaaab"], found: []), Terms(terms: ["b"], found: [lines[7], lines[8]]),
        ])
    func terms(sample: Terms) throws {
        let segment = try SegmentSample()
        let writer = try segment.create()
        _ = try writer.append([batch(Self.lines)], of: origin(1))
        let (found, report) = run(try LogSearch(terms: sample.terms, order: .oldestFirst), [try segment.open()])
        #expect(found == sample.found)
        #expect(report.found == found.count && report.ending == .everythingSeen)
    }

    @Test("a search finds what looking at every record finds, in its order", arguments: UInt64(1)...6)
    func againstAModel(seed: UInt64) throws {
        var generator = SeededGenerator(seed)
        var segments: [SegmentSample] = []
        var all: [ArchivedRecord] = []
        for _ in 0..<3 {
            let segment = try SegmentSample(seed: generator.next())
            segments.append(segment)
            let writer = try segment.create()
            for append in RandomAppend.some(15, using: &generator) {
                // Times that go back and forth between blocks, and meet.
                let shift = Int64.random(in: -20...20, using: &generator)
                let batches = append.batches.map { batch in
                    var moved = LogBatch(
                        receivedAt: Instant(milliseconds: batch.receivedAt.milliseconds + shift),
                        position: batch.position)
                    for index in 0..<batch.count { moved.append(batch.record(index)) }
                    return moved
                }
                let place = try writer.append(batches, of: append.source)
                var index = 0
                for batch in batches {
                    for record in 0..<batch.count {
                        all.append(
                            ArchivedRecord(
                                source: append.source, receivedAt: batch.receivedAt, bytes: Array(batch.record(record)),
                                segment: segment.id, block: place.blocks.lowerBound, index: index))
                        index += 1
                    }
                }
            }
            if Bool.random(using: &generator) { _ = try writer.close() }
        }
        let readers = try segments.map { try $0.open() }
        let rank = Dictionary(uniqueKeysWithValues: segments.enumerated().map { ($1.id, $0) })
        all.sort {
            ($0.receivedAt.milliseconds, rank[$0.segment] ?? 0, $0.block, $0.index)
                < ($1.receivedAt.milliseconds, rank[$1.segment] ?? 0, $1.block, $1.index)
        }
        let folded = Dictionary(
            uniqueKeysWithValues: Set(all.map(\.bytes)).map { bytes in
                (bytes, Data(bytes.map { (65...90).contains($0) ? $0 + 32 : $0 }))
            })
        for _ in 0..<30 {
            let terms =
                [["password"], ["ROOT", "192.0.2.1"], [], ["\n"], ["aaa"]].randomElement(using: &generator) ?? []
            let order: LogSearch.Order = Bool.random(using: &generator) ? .newestFirst : .oldestFirst
            let from = moment(Int.random(in: -30...150, using: &generator))
            let until = moment(Int.random(in: -30...250, using: &generator))
            let limit = Int.random(in: 1...200, using: &generator)
            let sources: Set<Identifier<LogOrigin>>? =
                Bool.random(using: &generator) ? nil : [origin(1), origin(Int.random(in: 0...5, using: &generator))]
            var wanted = all.filter { record in
                record.receivedAt >= from && record.receivedAt < until && sources?.contains(record.source) ?? true
                    && terms.allSatisfy { folded[record.bytes]?.range(of: Data($0.lowercased().utf8)) != nil }
            }
            if order == .newestFirst { wanted.reverse() }
            let search = try LogSearch(
                terms: terms, sources: sources, from: from, until: until, limit: limit, order: order)
            var found: [ArchivedRecord] = []
            let report = search.run(over: readers) { found.append($0) }
            #expect(found == Array(wanted.prefix(limit)))
            #expect(report.unread.isEmpty)
            #expect((report.ending == .limitReached) == (wanted.count >= limit))
        }
    }

    @Test("blocks out of the range, of other origins and behind the limit are not opened")
    func skipping() throws {
        let segment = try SegmentSample()
        let writer = try segment.create()
        for number in 0..<100 {
            _ = try writer.append([batch(["r\(number)"], at: number * 10)], of: origin(number % 4))
        }
        let summary = try writer.close()
        let reader = try segment.open(expected: summary)
        let newest = run(try LogSearch(limit: 3), [reader])
        #expect(newest.0 == ["r99", "r98", "r97"])
        #expect(newest.1.blocks == 3 && newest.1.ending == .limitReached)
        let oldest = run(try LogSearch(limit: 2, order: .oldestFirst), [reader])
        #expect(oldest.0 == ["r0", "r1"] && oldest.1.blocks == 2)
        let timed = run(try LogSearch(from: moment(100), until: moment(130)), [reader])
        #expect(timed.0 == ["r12", "r11", "r10"] && timed.1.blocks == 3 && timed.1.ending == .everythingSeen)
        let sourced = run(try LogSearch(sources: [origin(2)]), [reader])
        #expect(sourced.0.count == 25 && sourced.1.blocks == 25)
        #expect(run(try LogSearch(sources: [origin(9)]), [reader]).1.blocks == 0)
        #expect(run(try LogSearch(sources: []), [reader]).1.blocks == 0)
        #expect(run(try LogSearch(from: moment(50), until: moment(50)), [reader]).1.blocks == 0)
    }

    @Test("what cannot be read is reported, and everything else is searched")
    func damage() throws {
        let segments = try (1...3).map { try SegmentSample(seed: $0) }
        for (index, segment) in segments.enumerated() {
            let writer = try segment.create()
            for number in 0..<5 {
                _ = try writer.append([batch(["s\(index) r\(number)"], at: index * 100 + number)], of: origin(1))
            }
            if index != 2 { _ = try writer.close() }
        }
        for (index, number) in [(1, 2), (2, 3)] {
            let block = try segments[index].open().blocks[number]
            var bytes = try segments[index].bytes
            bytes[block.offset + 50] ^= 1
            try segments[index].replace(with: bytes)
        }
        let (found, report) = run(try LogSearch(order: .oldestFirst), try segments.map { try $0.open() })
        let lost = ["s1 r2", "s2 r3"]
        #expect(found == (0..<3).flatMap { index in (0..<5).map { "s\(index) r\($0)" } }.filter { !lost.contains($0) })
        #expect(report.unreadCount == 2)
        #expect(Set(report.unread.compactMap(\.place?.field)) == ["block 2", "block 3"])
        #expect(Set(report.unread.compactMap(\.place?.file)) == [segments[1].path, segments[2].path])
    }

    @Test("a search that is cancelled stops before the next block")
    func cancelled() throws {
        let segment = try SegmentSample()
        let writer = try segment.create()
        for number in 0..<50 { _ = try writer.append([batch(["r\(number)"], at: number)], of: origin(1)) }
        let reader = try segment.open()
        var asked = 0
        var found: [String] = []
        let report = try LogSearch().run(
            over: [reader],
            isCancelled: {
                asked += 1
                return asked > 5
            }, each: { found.append(String(decoding: $0.bytes, as: UTF8.self)) })
        #expect(report.ending == .cancelled && report.blocks < 6)
        #expect(found == (0..<found.count).map { "r\(49 - $0)" })
        struct Enough: Error {}
        #expect(throws: Enough.self) { try LogSearch().run(over: [reader]) { _ in throw Enough() } }
    }

    @Test("an answer has no more bytes than it may have, and is the beginning of the whole one")
    func manyBytes() throws {
        let segment = try SegmentSample()
        let writer = try segment.create()
        let large = String(repeating: "x", count: 5 << 20)
        for number in 0..<30 { _ = try writer.append([batch(["\(number) \(large)"], at: number)], of: origin(1)) }
        let (found, report) = run(try LogSearch(terms: ["xxx"], limit: 1000), [try segment.open()])
        #expect(found.count == 12)
        #expect(found.map { $0.prefix { $0 != " " } } == (0..<12).map { "\(29 - $0)" })
        #expect(report.ending == .sizeReached)
    }

    @Test("a search for more than may be asked for is refused")
    func bounds() throws {
        let long = String(repeating: "t", count: LogSearch.maximumTerm + 1)
        #expect(failure { _ = try LogSearch(terms: [long]) }?.code == "archive.search")
        let many = (0...LogSearch.maximumTerms).map { "\($0)" }
        #expect(failure { _ = try LogSearch(terms: many) }?.code == "archive.search")
        #expect(failure { _ = try LogSearch(limit: 0) }?.code == "archive.search")
        #expect(failure { _ = try LogSearch(limit: LogSearch.maximumLimit + 1) }?.code == "archive.search")
        #expect(try LogSearch(terms: Array(many.dropFirst()) + [""]).terms.count == LogSearch.maximumTerms)
    }
}

import Foundation
import Kernel
import LogFormats
import TestSupport

@testable import LogArchive

/// A segment's name, key and file, in a folder that is gone with the test.
final class SegmentSample {
    let folder: TemporaryFolder
    let path: String
    let id: Identifier<LogSegment>
    let key: [UInt8]
    let randomness: Randomness

    init(seed: UInt64 = 1) throws {
        folder = try TemporaryFolder()
        path = "\(folder.path)/sample.segment"
        randomness = seededRandomness(seed)
        id = Identifier(at: Instant(milliseconds: 1_772_323_200_000), randomness: randomness)
        key = randomness.bytes(32)
    }

    func create() throws -> SegmentWriter {
        try SegmentWriter.create(path, id: id, key: key, randomness: randomness)
    }

    func resume() throws -> SegmentWriter {
        try SegmentWriter.resume(path, id: id, key: key, randomness: randomness)
    }

    func open(expected: SegmentSummary? = nil, ignoringIndex: Bool = false) throws -> SegmentReader {
        try SegmentReader.open(path, id: id, key: key, expected: expected, ignoringIndex: ignoringIndex)
    }

    var bytes: [UInt8] {
        get throws { [UInt8](try Data(contentsOf: URL(fileURLWithPath: path))) }
    }

    func replace(with bytes: some Sequence<UInt8>) throws {
        try Data(bytes).write(to: URL(fileURLWithPath: path))
    }

    /// A small segment of a few blocks of two origins.
    func fill(blocks count: Int = 5, _ writer: SegmentWriter) throws -> [SegmentBlock] {
        for number in 0..<count {
            _ = try writer.append([smallBatch(number)], of: origin(number % 2))
        }
        return writer.blocks
    }

    func smallBatch(_ number: Int) -> LogBatch {
        var batch = LogBatch(
            receivedAt: moment(number * 1000),
            position: .init(stream: "file", start: UInt64(number), end: UInt64(number + 1)))
        batch.append("line \(number) of a log".utf8)
        batch.append("another one, \(number)".utf8)
        return batch
    }
}

/// Some moment, `milliseconds` later.
func moment(_ milliseconds: Int) -> Instant { Instant(milliseconds: 1_772_323_200_000 + Int64(milliseconds)) }

/// The origin of that number.
func origin(_ number: Int) -> Identifier<LogOrigin> { Identifier(high: 7, low: UInt64(number)) }

/// A batch of texts.
func batch(_ records: [String], at milliseconds: Int = 0, position: LogBatch.Position? = nil) -> LogBatch {
    var batch = LogBatch(receivedAt: moment(milliseconds), position: position)
    for record in records { batch.append(record.utf8) }
    return batch
}

/// The problem that `work` ends with; `nil` if it succeeds.
func failure(_ work: () throws -> Void) -> Problem? {
    do {
        try work()
        return nil
    } catch { return error as? Problem }
}

/// What appears in one append of a random archive.
struct RandomAppend {
    let source: Identifier<LogOrigin>
    let batches: [LogBatch]

    /// Appends of every kind: without batches, without records, with empty records, with newlines, NULs and random bytes.
    static func some(_ count: Int, using generator: inout SeededGenerator) -> [RandomAppend] {
        var now = 0
        return (0..<count).map { _ in
            let batches = (0..<Int.random(in: 0...4, using: &generator)).map { _ in
                now += Int.random(in: 0...5, using: &generator)
                let start = UInt64.random(in: 0...1000, using: &generator)
                var batch = LogBatch(
                    receivedAt: moment(now),
                    position: Bool.random(using: &generator)
                        ? .init(stream: "s\(start % 3)", start: start, end: start + 10) : nil)
                for _ in 0..<Int.random(in: 0...20, using: &generator) { batch.append(record(using: &generator)) }
                return batch
            }
            return RandomAppend(source: origin(Int.random(in: 0...3, using: &generator)), batches: batches)
        }
    }

    private static func record(using generator: inout SeededGenerator) -> [UInt8] {
        switch Int.random(in: 0...5, using: &generator) {
        case 0: []
        case 1: Array("two\nlines\r\n".utf8)
        case 2: [0, 0, 10, 0]
        case 3: (0..<Int.random(in: 0...300, using: &generator)).map { _ in .random(in: 0...255, using: &generator) }
        case 4: Array(repeating: UInt8(ascii: "a"), count: Int.random(in: 0...20_000, using: &generator))
        default: Array("Failed password for root from 192.0.2.\(Int.random(in: 0...9, using: &generator))".utf8)
        }
    }
}

import Kernel
import LogFormats
import NIOCore
import TestSupport
import Testing

@testable import LogReceivers

@Suite("Framing of syslog")
struct SyslogFramingTests {
    struct Case: CustomTestStringConvertible, Sendable {
        let testDescription: String
        let input: String
        let records: [String]
        var faults: [ReceivingFault: Int] = [:]
        var limit = 65_536
    }

    static let cases = [
        Case(testDescription: "nothing", input: "", records: []),
        Case(testDescription: "lines", input: "<1>a\n<2>b\n", records: ["<1>a", "<2>b"]),
        Case(testDescription: "a line without its end", input: "<1>a\n<2>b", records: ["<1>a", "<2>b"]),
        Case(
            testDescription: "carriage returns before the newline", input: "<1>a\r\n<2>b\r\n",
            records: ["<1>a", "<2>b"]),
        Case(testDescription: "NUL as the end", input: "<1>a\0<2>b\0", records: ["<1>a", "<2>b"]),
        Case(
            testDescription: "both ends in one stream", input: "<1>a\0<2>b\n<3>c\0", records: ["<1>a", "<2>b", "<3>c"]),
        Case(testDescription: "blank lines are nothing", input: "\n\n<1>a\n\r\n\0\n", records: ["<1>a"]),
        Case(testDescription: "counted", input: "4 <1>a5 <2>bb", records: ["<1>a", "<2>bb"]),
        Case(
            testDescription: "counted, with newlines inside", input: "8 <1>a\nb\nc4 <2>b",
            records: ["<1>a\nb\nc", "<2>b"]),
        Case(
            testDescription: "counted, the newline counted too", input: "5 <1>a\n5 <2>b\n", records: ["<1>a", "<2>b"]),
        Case(testDescription: "counted, a newline between", input: "4 <1>a\n4 <2>b\n", records: ["<1>a", "<2>b"]),
        Case(testDescription: "both ways in turn", input: "4 <1>a<2>b\n4 <3>c", records: ["<1>a", "<2>b", "<3>c"]),
        Case(
            testDescription: "counted, cut off", input: "4 <1>a9 <2>b", records: ["<1>a", "<2>b"],
            faults: [.brokenFraming: 1]),
        Case(
            testDescription: "a length and nothing more", input: "4 <1>a77 ", records: ["<1>a"],
            faults: [.brokenFraming: 1]),
        Case(testDescription: "digits and nothing more", input: "4 <1>a77", records: ["<1>a", "77"]),
        Case(
            testDescription: "a line that begins with a date", input: "2026-03-01 x\n<1>a\n",
            records: ["2026-03-01 x", "<1>a"]),
        Case(
            testDescription: "a line that begins with a time", input: "1795341600 x\n<1>a\n",
            records: ["1795341600 x", "<1>a"], faults: [.brokenFraming: 1]),
        Case(
            testDescription: "a length that nobody believes", input: "99999999999 <1>x\n4 <2>b",
            records: ["99999999999 <1>x", "<2>b"], faults: [.brokenFraming: 1]),
        Case(
            testDescription: "a length of 17 MiB", input: "17825792 <1>x\n4 <2>b", records: ["17825792 <1>x", "<2>b"],
            faults: [.brokenFraming: 1]),
        Case(
            testDescription: "a length of nothing", input: "0 <1>x\n4 <2>b", records: ["0 <1>x", "<2>b"],
            faults: [.brokenFraming: 1]),
        Case(testDescription: "zeros before a length", input: "004 <1>a4 <2>b", records: ["<1>a", "<2>b"]),
        Case(
            testDescription: "a line that is too long", input: "<1>45678901234567890\n<2>b\n",
            records: ["<1>4567890123456", "<2>b"], faults: [.tooLong: 1], limit: 16),
        Case(
            testDescription: "a line that just fits", input: "<1>4567890123456\n<2>b\n",
            records: ["<1>4567890123456", "<2>b"], limit: 16),
        Case(
            testDescription: "a counted message that is too long", input: "20 <1>456789012345678904 <2>b",
            records: ["<1>4567890123456", "<2>b"], faults: [.tooLong: 1], limit: 16),
        Case(
            testDescription: "a counted message that just fits", input: "16 <1>45678901234564 <2>b",
            records: ["<1>4567890123456", "<2>b"], limit: 16),
        Case(
            testDescription: "a long line without an end", input: "<1>456789012345678901234567890",
            records: ["<1>4567890123456"], faults: [.tooLong: 1], limit: 16),
    ]

    private func frames(
        _ pieces: [[UInt8]], limit: Int = 65_536
    ) -> (records: [[UInt8]], faults: [ReceivingFault: Int]) {
        var framing = SyslogFraming(recordLimit: limit)
        var batch = LogBatch(receivedAt: Instant(milliseconds: 0))
        for piece in pieces { framing.take(ByteBuffer(bytes: piece), into: &batch) }
        framing.finish(into: &batch)
        return ((0..<batch.count).map { Array(batch.record($0)) }, framing.takeFaults())
    }

    @Test("each form", arguments: cases)
    func forms(_ example: Case) {
        let (records, faults) = frames([Array(example.input.utf8)], limit: example.limit)
        #expect(records.map { String(decoding: $0, as: UTF8.self) } == example.records)
        #expect(faults == example.faults)
    }

    @Test("each form, byte by byte", arguments: cases)
    func bytewise(_ example: Case) {
        let (records, faults) = frames(example.input.utf8.map { [$0] }, limit: example.limit)
        #expect(records.map { String(decoding: $0, as: UTF8.self) } == example.records)
        #expect(faults == example.faults)
    }

    @Test("however the bytes are split, the frames are the same", arguments: 0..<300 as Range<UInt64>)
    func anySplit(seed: UInt64) {
        var generator = SeededGenerator(seed)
        let alphabet = Array("0123456789 <>ab\n\r\0".utf8)
        var bytes: [UInt8] = []
        for _ in 0..<Int.random(in: 1...60, using: &generator) {
            let message = (0..<Int.random(in: 0...40, using: &generator)).compactMap { _ in
                alphabet.randomElement(using: &generator)
            }
            switch Int.random(in: 0..<4, using: &generator) {
            case 0: bytes += Array("\(message.count) ".utf8) + message
            case 1: bytes += Array("<1>".utf8) + message + [0x0A]
            case 2: bytes += Array("<1>".utf8) + message + [0]
            default: bytes += message
            }
        }
        let whole = frames([bytes], limit: 24)
        for _ in 0..<8 {
            var pieces: [[UInt8]] = []
            var rest = bytes[...]
            while !rest.isEmpty {
                let piece = rest.prefix(Int.random(in: 1...30, using: &generator))
                pieces.append(Array(piece))
                rest = rest.dropFirst(piece.count)
            }
            let split = frames(pieces, limit: 24)
            #expect(split.records == whole.records)
            #expect(split.faults == whole.faults)
        }
        #expect(whole.records.allSatisfy { !$0.isEmpty && $0.count <= 24 })
    }

    @Test("well-formed messages come out as they went in", arguments: 0..<100 as Range<UInt64>)
    func roundTrip(seed: UInt64) {
        var generator = SeededGenerator(seed)
        var bytes: [UInt8] = []
        var expected: [[UInt8]] = []
        for _ in 0..<40 {
            var message = Array("<13>".utf8)
            message += (0..<Int.random(in: 1...200, using: &generator)).map { _ in
                UInt8.random(in: 0x20...0xFF, using: &generator)
            }
            expected.append(message)
            bytes += Bool.random(using: &generator) ? Array("\(message.count) ".utf8) + message : message + [0x0A]
        }
        #expect(frames([bytes]).records == expected)
    }
}

import Foundation
import Kernel

/// A place in a line of an export, moved forward by what is read.
///
/// The line is handed to each call: a `Span` cannot be kept, and unlike a pointer it never reads beyond its end.
struct LineScanner {
    private(set) var position = 0

    func isAtEnd(of line: Span<UInt8>) -> Bool { position == line.count }

    /// Goes past `literal` if it stands here.
    mutating func take(_ literal: StaticString, in line: Span<UInt8>) -> Bool {
        guard stands(literal, in: line) else { return false }
        position += literal.utf8CodeUnitCount
        return true
    }

    func stands(_ literal: StaticString, in line: Span<UInt8>) -> Bool {
        let count = literal.utf8CodeUnitCount
        guard line.count - position >= count else { return false }
        return literal.withUTF8Buffer { line.extracting(position..<(position + count)).isEqual(to: $0.span) }
    }

    /// Goes past `bytes` if they stand here.
    mutating func take(_ bytes: [UInt8], in line: Span<UInt8>) -> Bool {
        guard line.count - position >= bytes.count,
            line.extracting(position..<(position + bytes.count)).isEqual(to: bytes.span)
        else { return false }
        position += bytes.count
        return true
    }

    /// ASCII up to the closing quotation mark, which is passed as well.
    ///
    /// - Returns: `nil` if there is none, or if a backslash, a control character or any other byte stands before it.
    mutating func plain(in line: Span<UInt8>) -> Range<Int>? {
        let start = position
        let end = line.endOfPlainRun(from: start)
        guard end < line.count, line[end] == UInt8(ascii: "\"") else { return nil }
        position = end + 1
        return start..<end
    }

    /// Exactly `count` bytes and the closing quotation mark behind them; what they are is for the caller to see.
    mutating func fixed(_ count: Int, in line: Span<UInt8>) -> Range<Int>? {
        guard line.count - position > count, line[position + count] == UInt8(ascii: "\"") else { return nil }
        defer { position += count + 1 }
        return position..<(position + count)
    }

    /// A number in decimal digits without a leading zero, below 2^63.
    mutating func number(in line: Span<UInt8>) -> UInt64? {
        let start = position
        var value: UInt64 = 0
        while position < line.count, case let digit = line[position] &- UInt8(ascii: "0"), digit <= 9 {
            guard position - start < 18 else { return nil }
            value = value * 10 + UInt64(digit)
            position += 1
        }
        guard position > start, position == start + 1 || line[start] != UInt8(ascii: "0") else { return nil }
        return value
    }

    /// The bytes that a string spells, up to its closing quotation mark, which is passed as well.
    ///
    /// - Parameter bytes: What they are added to.
    /// - Returns: `false` if it is not spelt as ``JSONText/appendEscaped(_:to:)`` does it.
    mutating func escaped(in line: Span<UInt8>, into bytes: inout [UInt8]) -> Bool {
        // What needs no escape is taken in runs.
        var start = position
        var index = position
        while index < line.count {
            index = line.endOfPlainRun(from: index)
            guard index < line.count else { return false }
            let byte = line[index]
            index += 1
            if byte >= 0x80 { continue }
            bytes.append(line.extracting(start..<(index - 1)))
            position = index
            if byte == UInt8(ascii: "\"") { return true }
            guard byte == UInt8(ascii: "\\"), let meant = escapedByte(in: line) else { return false }
            bytes.append(meant)
            start = position
            index = position
        }
        return false
    }

    private mutating func escapedByte(in line: Span<UInt8>) -> UInt8? {
        if take("n", in: line) { return UInt8(ascii: "\n") }
        if take("\"", in: line) { return UInt8(ascii: "\"") }
        if take("\\", in: line) { return UInt8(ascii: "\\") }
        guard take("u00", in: line), line.count - position >= 2,
            let byte = [UInt8](hex: line.text(position..<(position + 2)))?.first, byte < 0x20, byte != 0x0A
        else { return nil }
        position += 2
        return byte
    }
}

extension Span<UInt8> {
    /// The text in `range`, which must have been found to be ASCII.
    func text(_ range: Range<Int>) -> String {
        extracting(range).withUnsafeBufferPointer { String(decoding: $0, as: UTF8.self) }
    }

    func isEqual(to other: Span<UInt8>) -> Bool {
        guard count == other.count else { return false }
        return withUnsafeBytes { one in
            other.withUnsafeBytes { other in
                guard let one = one.baseAddress, let other = other.baseAddress else { return true }
                return memcmp(one, other, count) == 0
            }
        }
    }

    /// Where the run of printable ASCII without quotation marks and backslashes ends that begins at `start`; delete counts too.
    ///
    /// Eight bytes at a time: nearly all of an export is such text, and each byte of it must be looked at.
    func endOfPlainRun(from start: Int) -> Int {
        let ones: UInt64 = 0x0101_0101_0101_0101
        let highs: UInt64 = 0x8080_8080_8080_8080
        var index = start
        while count - index >= 8 {
            let word = bytes.unsafeLoadUnaligned(fromByteOffset: index, as: UInt64.self)
            let quote = word ^ (ones &* 0x22)
            let backslash = word ^ (ones &* 0x5C)
            // The high bit of each byte that is below 0x20, one of the two, or not ASCII.
            let special = (word &- ones &* 0x20) | (quote &- ones) | (backslash &- ones) | word
            if special & highs != 0 { break }
            index += 8
        }
        while index < count, case let byte = self[index], (0x20...0x7F).contains(byte), byte != UInt8(ascii: "\""),
            byte != UInt8(ascii: "\\")
        { index += 1 }
        return index
    }

    func isEqual(to other: [UInt8]) -> Bool { isEqual(to: other.span) }

    /// Whether the bytes are well-formed UTF-8.
    var isUTF8: Bool {
        var all: UInt8 = 0
        for index in indices { all |= self[index] }
        return all < 0x80 || withUnsafeBufferPointer { String(validating: $0, as: UTF8.self) != nil }
    }
}

extension [UInt8] {
    /// Adds the bytes of `span`.
    mutating func append(_ span: Span<UInt8>) { span.withUnsafeBufferPointer { append(contentsOf: $0) } }
}

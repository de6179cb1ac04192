import Foundation
import LogFormats
import NIOCore

/// Finds the messages in a stream of syslog: RFC 6587, both ways of framing; RFC 5425 (TLS) is one of them.
///
/// Each frame is judged on its own, as rsyslog does: one that begins with a digit is counted (`LENGTH SPACE MESSAGE`), every
/// other one ends with a newline or a NUL. Digits that are no length begin a frame that ends with a newline, so that nothing is
/// lost. What ends a message (newline, NUL, carriage return before them) is not part of it; messages without a byte are none.
public struct SyslogFraming: Sendable {
    private enum State {
        /// A frame begins with the next byte.
        case start
        /// The frame began with a digit; digits that came before stand in `held`.
        case length
        /// So many bytes of a counted message are still to come.
        case counted(left: Int)
        case line
        /// What is too long of a message is passed over.
        case skippingCounted(left: Int)
        case skippingLine
    }

    private static let newline = UInt8(ascii: "\n")
    private static let space = UInt8(ascii: " ")
    /// A larger length is not believed: it would swallow what follows it.
    private static let largestLength = 16 << 20
    private static let mostDigits = 8
    /// Digits that turn out to be no length must fit into a message.
    private static let smallestLimit = 16

    private let limit: Int
    private var state = State.start
    /// What there is of a message that has not ended.
    private var held: [UInt8] = []
    private var faults: [ReceivingFault: Int] = [:]

    /// The framing of one connection, from its first byte on.
    ///
    /// - Parameter limit: The most bytes of a message, 16 at least; of a longer one the rest is passed over and counted as ``ReceivingFault/tooLong``.
    public init(recordLimit limit: Int = 65_536) {
        self.limit = max(Self.smallestLimit, limit)
    }

    /// Takes what came next on the connection.
    ///
    /// - Parameter batch: Gets the messages that are whole now.
    public mutating func take(_ buffer: ByteBuffer, into batch: inout LogBatch) {
        buffer.withUnsafeReadableBytes { take($0, into: &batch) }
    }

    /// Takes what came next on the connection.
    ///
    /// - Parameter batch: Gets the messages that are whole now.
    public mutating func take(_ bytes: UnsafeRawBufferPointer, into batch: inout LogBatch) {
        var trailers = Trailers(bytes)
        var place = 0
        while place < bytes.count {
            switch state {
            case .start: start(bytes[place], &place)
            case .length: readLength(bytes, &place)
            case .counted(let left): takeCounted(left, bytes, &place, &batch)
            case .line: takeLine(bytes, &place, trailers.next(from: place), &batch)
            case .skippingCounted(let left):
                let skipped = min(left, bytes.count - place)
                place += skipped
                state = skipped == left ? .start : .skippingCounted(left: left - skipped)
            case .skippingLine:
                let end = trailers.next(from: place)
                place = end.map { $0 + 1 } ?? bytes.count
                if end != nil { state = .start }
            }
        }
    }

    /// Ends the connection: a message that has not ended is given out as it is.
    public mutating func finish(into batch: inout LogBatch) {
        if case .counted = state { faults[.brokenFraming, default: 0] += 1 }
        give(UnsafeRawBufferPointer(start: nil, count: 0), to: &batch)
        state = .start
    }

    /// What was wrong since this was last asked.
    public mutating func takeFaults() -> [ReceivingFault: Int] {
        guard !faults.isEmpty else { return [:] }
        defer { faults = [:] }
        return faults
    }

    private mutating func start(_ byte: UInt8, _ place: inout Int) {
        switch byte {
        case Self.newline, 0: place += 1
        case UInt8(ascii: "0")...UInt8(ascii: "9"): state = .length
        default: state = .line
        }
    }

    private mutating func readLength(_ bytes: UnsafeRawBufferPointer, _ place: inout Int) {
        var length = held.reduce(0) { $0 * 10 + Int($1 - UInt8(ascii: "0")) }
        var digits = held.count
        var index = place
        while index < bytes.count, digits <= Self.mostDigits, let digit = Self.digit(bytes[index]) {
            length = length * 10 + digit
            digits += 1
            index += 1
        }
        if index == bytes.count, digits <= Self.mostDigits {
            held += bytes[place...]
            place = index
        } else if digits <= Self.mostDigits, bytes[index] == Self.space, (1...Self.largestLength).contains(length) {
            held.removeAll(keepingCapacity: true)
            place = index + 1
            state = .counted(left: length)
        } else {
            // A date or a name may begin with a digit; a number with a space behind it was meant as a length.
            if digits > Self.mostDigits || bytes[index] == Self.space { faults[.brokenFraming, default: 0] += 1 }
            state = .line
        }
    }

    private mutating func takeCounted(
        _ left: Int, _ bytes: UnsafeRawBufferPointer, _ place: inout Int, _ batch: inout LogBatch
    ) {
        let room = limit - held.count
        let taken = min(left, room, bytes.count - place)
        let piece = UnsafeRawBufferPointer(rebasing: bytes[place..<(place + taken)])
        place += taken
        if taken == left {
            give(piece, to: &batch)
            state = .start
        } else if taken == room {
            give(piece, to: &batch)
            faults[.tooLong, default: 0] += 1
            state = .skippingCounted(left: left - taken)
        } else {
            held += piece
            state = .counted(left: left - taken)
        }
    }

    private mutating func takeLine(
        _ bytes: UnsafeRawBufferPointer, _ place: inout Int, _ end: Int?, _ batch: inout LogBatch
    ) {
        let piece = UnsafeRawBufferPointer(rebasing: bytes[place..<(end ?? bytes.count)])
        place = end.map { $0 + 1 } ?? bytes.count
        let room = limit - held.count
        if piece.count > room {
            give(UnsafeRawBufferPointer(rebasing: piece.prefix(room)), to: &batch)
            faults[.tooLong, default: 0] += 1
            state = end == nil ? .skippingLine : .start
        } else if end != nil {
            give(piece, to: &batch)
            state = .start
        } else {
            held += piece
        }
    }

    /// Gives out what is held and what follows it, without what ends a message.
    private mutating func give(_ piece: UnsafeRawBufferPointer, to batch: inout LogBatch) {
        if held.isEmpty {
            let message = piece.withoutTrailer
            if !message.isEmpty { message.withMemoryRebound(to: UInt8.self) { batch.append($0) } }
        } else {
            held += piece
            let message = held.withUnsafeBytes { $0.withoutTrailer.count }
            if message > 0 { batch.append(held[..<message]) }
            held.removeAll(keepingCapacity: true)
        }
    }

    private static func digit(_ byte: UInt8) -> Int? {
        byte >= UInt8(ascii: "0") && byte <= UInt8(ascii: "9") ? Int(byte - UInt8(ascii: "0")) : nil
    }
}

/// Where the next newline or NUL is. Each kind is looked for only once per place: a stream that has only one of them must not be
/// searched for the other again with every message.
private struct Trailers {
    private let bytes: UnsafeRawBufferPointer
    private var newline = -1
    private var null = -1

    init(_ bytes: UnsafeRawBufferPointer) { self.bytes = bytes }

    mutating func next(from place: Int) -> Int? {
        if newline < place { newline = find(0x0A, from: place) }
        if null < place { null = find(0, from: place) }
        let nearest = min(newline, null)
        return nearest < bytes.count ? nearest : nil
    }

    private func find(_ byte: Int32, from place: Int) -> Int {
        guard place < bytes.count, let base = bytes.baseAddress else { return bytes.count }
        return memchr(base + place, byte, bytes.count - place).map { UnsafeRawPointer($0) - base } ?? bytes.count
    }
}

extension UnsafeRawBufferPointer {
    /// Without the newline or NUL at its end, and a carriage return before that.
    var withoutTrailer: UnsafeRawBufferPointer {
        var end = count
        if end > 0, self[end - 1] == 0x0A || self[end - 1] == 0 { end -= 1 }
        if end > 0, self[end - 1] == 0x0D { end -= 1 }
        return UnsafeRawBufferPointer(rebasing: self[..<end])
    }
}

import Foundation
import LogFormats

/// Cuts bytes into lines. A line is a record when its newline has come; a longer one than the limit is cut, and counted.
struct LineCutter: Sendable {
    private let limit: Int
    /// What there is of a line that has not ended, its first bytes only where it is too long.
    private var held: [UInt8] = []
    /// How many bytes there are of it in all.
    private(set) var pending: UInt64 = 0
    private(set) var tooLong = 0

    init(limit: Int) {
        self.limit = limit
    }

    /// Takes what comes next, and gives out the lines that are whole now.
    mutating func take(_ bytes: [UInt8], into batch: inout LogBatch) {
        bytes.withUnsafeBytes { bytes in
            var place = 0
            while place < bytes.count, let base = bytes.baseAddress {
                let found = memchr(base + place, 0x0A, bytes.count - place)
                let end = found.map { UnsafeRawPointer($0) - base } ?? bytes.count
                let piece = UnsafeRawBufferPointer(rebasing: bytes[place..<end])
                hold(piece, givesOut: found != nil, into: &batch)
                place = end + 1
            }
        }
    }

    /// Gives out what there is of a line whose newline will not come.
    mutating func finish(into batch: inout LogBatch) {
        guard pending > 0 else { return }
        hold(UnsafeRawBufferPointer(start: nil, count: 0), givesOut: true, into: &batch)
    }

    mutating func takeTooLong() -> Int {
        defer { tooLong = 0 }
        return tooLong
    }

    private mutating func hold(_ piece: UnsafeRawBufferPointer, givesOut: Bool, into batch: inout LogBatch) {
        let fitting = UnsafeRawBufferPointer(rebasing: piece.prefix(max(0, limit - held.count)))
        if givesOut, pending == 0 {
            batch.append(fitting)
        } else {
            held += fitting
        }
        guard givesOut else {
            pending += UInt64(piece.count)
            return
        }
        if pending > 0 { batch.append(held) }
        if pending + UInt64(piece.count) > UInt64(limit) { tooLong += 1 }
        held = []
        pending = 0
    }
}

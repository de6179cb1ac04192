import Foundation
import Kernel
import Sigma

/// The lines of a file or of a stream, each as soon as it is there.
struct EventLines: ~Copyable {
    private let file: InputFile
    private var buffer: UnsafeMutableRawBufferPointer
    /// What is read and not given out yet.
    private var pending = 0..<0
    private var isAtEnd = false
    private var isAtStart = true

    private static let chunk = 1 << 20

    init(_ path: String) throws(Problem) {
        file = try InputFile(path)
        buffer = .allocate(byteCount: 2 * Self.chunk, alignment: 16)
    }

    deinit { buffer.deallocate() }

    /// Gives out every line, without its end.
    ///
    /// - Parameters:
    ///   - line: Takes a line; one that is longer than an event may be is `nil`.
    ///   - pause: Is called whenever what was read so far is given out; it tells whether more is wanted.
    mutating func forEach(_ line: (UnsafeBufferPointer<UInt8>?) -> Void, pause: () -> Bool) throws(Problem) {
        var isSkipping = false
        while !isAtEnd || !pending.isEmpty {
            if let end = nextEnd() {
                if isSkipping { line(nil) } else { line(bytes(pending.lowerBound..<end)) }
                isSkipping = false
                pending = (end + 1)..<pending.upperBound
            } else if isAtEnd {
                if !isSkipping { line(bytes(pending)) }
                pending = 0..<0
            } else {
                if pending.count > RuleMatcher.lineLimit {
                    isSkipping = true
                    pending = 0..<0
                }
                guard pause() else { return }
                try fill()
            }
        }
        if isSkipping { line(nil) }
        _ = pause()
    }

    private func nextEnd() -> Int? {
        guard !pending.isEmpty, let base = buffer.baseAddress,
            let found = memchr(base + pending.lowerBound, Int32(UInt8(ascii: "\n")), pending.count)
        else { return nil }
        return UnsafeRawPointer(found) - UnsafeRawPointer(base)
    }

    private func bytes(_ range: Range<Int>) -> UnsafeBufferPointer<UInt8> {
        let line = UnsafeRawBufferPointer(rebasing: buffer[range])
        return line.assumingMemoryBound(to: UInt8.self)
    }

    private mutating func fill() throws(Problem) {
        if pending.lowerBound > 0 {
            if let base = buffer.baseAddress { memmove(base, base + pending.lowerBound, pending.count) }
            pending = 0..<pending.count
        }
        if buffer.count - pending.count < Self.chunk {
            let larger = UnsafeMutableRawBufferPointer.allocate(byteCount: buffer.count * 2, alignment: 16)
            larger.copyMemory(from: UnsafeRawBufferPointer(rebasing: buffer[pending]))
            buffer.deallocate()
            buffer = larger
        }
        let got = try file.readSome(into: UnsafeMutableRawBufferPointer(rebasing: buffer[pending.upperBound...]))
        isAtEnd = got == 0
        pending = pending.lowerBound..<(pending.upperBound + got)
        if isAtStart, pending.count >= 3 || isAtEnd {
            isAtStart = false
            // The mark of UTF-8 says what the text is, and is no part of it.
            if buffer[pending].starts(with: [0xEF, 0xBB, 0xBF]) {
                pending = (pending.lowerBound + 3)..<pending.upperBound
            }
        }
    }
}

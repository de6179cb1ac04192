/// Writes the text form of bytes that come in pieces.
struct ArmourWriter: Sendable {
    /// Less than a line, which waits for more.
    private var held: [UInt8] = []
    private var hasBegun = false

    mutating func write(_ bytes: [UInt8], into text: inout [UInt8]) {
        begin(into: &text)
        bytes.withUnsafeBufferPointer { bytes in
            var position = 0
            if !held.isEmpty {
                position = min(Armour.lineBytes - held.count, bytes.count)
                held.append(contentsOf: UnsafeBufferPointer(rebasing: bytes[..<position]))
                guard held.count == Armour.lineBytes else { return }
                writeHeld(into: &text)
            }
            let fullLines = (bytes.count - position) / Armour.lineBytes
            let end = position + fullLines * Armour.lineBytes
            Self.write(lines: UnsafeBufferPointer(rebasing: bytes[position..<end]), into: &text)
            held.append(contentsOf: UnsafeBufferPointer(rebasing: bytes[end...]))
        }
    }

    mutating func finish(into text: inout [UInt8]) {
        begin(into: &text)
        if !held.isEmpty { writeHeld(into: &text) }
        text.append(contentsOf: "\(Armour.endLine)\n".utf8)
    }

    private mutating func begin(into text: inout [UInt8]) {
        guard !hasBegun else { return }
        hasBegun = true
        text.append(contentsOf: "\(Armour.beginLine)\n".utf8)
    }

    private mutating func writeHeld(into text: inout [UInt8]) {
        held.withUnsafeBufferPointer { Self.write(lines: $0, into: &text) }
        held.removeAll(keepingCapacity: true)
    }

    /// Full lines, and at the end of the file one that is not. The room is made at once, because appending each character costs more.
    private static func write(lines bytes: UnsafeBufferPointer<UInt8>, into text: inout [UInt8]) {
        let (full, rest) = bytes.count.quotientAndRemainder(dividingBy: Armour.lineBytes)
        let last = rest == 0 ? 0 : Base64.length(of: rest, isPadded: true) + 1
        let start = text.count
        text.append(contentsOf: repeatElement(UInt8(ascii: "\n"), count: full * (Armour.lineLength + 1) + last))
        text.withUnsafeMutableBufferPointer { text in
            var to = start
            for from in stride(from: 0, to: bytes.count, by: Armour.lineBytes) {
                let line = UnsafeBufferPointer(rebasing: bytes[from..<min(from + Armour.lineBytes, bytes.count)])
                Base64.encode(line, isPadded: true, to: UnsafeMutableBufferPointer(rebasing: text[to...]))
                to += Armour.lineLength + 1
            }
        }
    }
}

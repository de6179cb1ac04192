import Kernel

/// Reads the text form of an age file that comes in pieces.
///
/// Strict, so that nobody can change the text and leave its meaning: full lines of canonical base64, one padded last line, and
/// nothing around the block but white space. Lines may end with LF or CR LF.
struct ArmourReader: Sendable {
    private var expected = Part.begin
    /// A line that has not ended yet.
    private var held: [UInt8] = []

    private enum Part { case begin, body, end, nothing }

    /// Appends to `bytes` what the lines in `piece` spell; what came before a fault is there also when this throws.
    ///
    /// - Throws: A `Problem` (refused, `age.armour`).
    mutating func read(_ piece: UnsafeBufferPointer<UInt8>, into bytes: inout [UInt8]) throws(Problem) {
        var position = 0
        while position < piece.count {
            guard !skipsSpace(piece[position]) else {
                position += 1
                continue
            }
            guard expected != .nothing else { throw AgeProblem.armour("Something follows after its last line.") }
            let end = piece[position...].firstIndex(of: UInt8(ascii: "\n"))
            let part = UnsafeBufferPointer(rebasing: piece[position..<(end ?? piece.count)])
            position += part.count + 1
            if end != nil, held.isEmpty {
                try readLine(part, into: &bytes)
                continue
            }
            // The longest line is full and ends with CR LF.
            guard held.count + part.count <= Armour.lineLength + 1 else { throw Self.wrongLine }
            held.append(contentsOf: part)
            if end != nil { try readHeld(into: &bytes) }
        }
    }

    /// Takes the end of the file for the end of the last line, if that had none.
    mutating func finish(into bytes: inout [UInt8]) throws(Problem) {
        if !held.isEmpty { try readHeld(into: &bytes) }
        switch expected {
        case .nothing: return
        case .begin: throw AgeProblem.unknownFormat
        case .body, .end: throw AgeProblem.armour("Its last line, \(Armour.endLine), is missing.")
        }
    }

    /// Before and after the block white space means nothing; within a line it is never skipped.
    private func skipsSpace(_ byte: UInt8) -> Bool {
        (expected == .nothing || (expected == .begin && held.isEmpty)) && Armour.isSpace(byte)
    }

    private mutating func readHeld(into bytes: inout [UInt8]) throws(Problem) {
        let line = held
        held.removeAll(keepingCapacity: true)
        try line.withUnsafeBufferPointer { (line) throws(Problem) in try readLine(line, into: &bytes) }
    }

    private mutating func readLine(_ ended: UnsafeBufferPointer<UInt8>, into bytes: inout [UInt8]) throws(Problem) {
        let isCRLF = ended.last == UInt8(ascii: "\r")
        let line = isCRLF ? UnsafeBufferPointer(rebasing: ended.dropLast()) : ended
        switch expected {
        case .begin:
            guard line.elementsEqual(Armour.beginLine.utf8) else {
                throw AgeProblem.armour("Its first line is not \(Armour.beginLine).")
            }
            expected = .body
        case .body, .end:
            if line.elementsEqual(Armour.endLine.utf8) {
                expected = .nothing
                return
            }
            guard expected == .body, !line.isEmpty, line.count <= Armour.lineLength,
                let count = Self.decode(line, into: &bytes)
            else { throw Self.wrongLine }
            if count < Armour.lineBytes { expected = .end }
        case .nothing: throw Self.wrongLine
        }
    }

    private static func decode(_ line: UnsafeBufferPointer<UInt8>, into bytes: inout [UInt8]) -> Int? {
        let start = bytes.count
        bytes.append(contentsOf: repeatElement(0, count: Armour.lineBytes))
        let count = bytes.withUnsafeMutableBufferPointer {
            Base64.decode(line, isPadded: true, to: UnsafeMutableBufferPointer(rebasing: $0[start...]))
        }
        bytes.removeLast(Armour.lineBytes - (count ?? 0))
        return count
    }

    private static let wrongLine = AgeProblem.armour(
        "A line is not the canonical base64 of 48 bytes, or of the last ones.")
}

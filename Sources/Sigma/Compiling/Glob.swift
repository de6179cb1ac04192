/// Patterns with wildcards inside, as bytes: an opcode, and for a literal its length and its bytes.
enum Glob {
    private static let literal: UInt8 = 0
    private static let one: UInt8 = 1
    private static let any: UInt8 = 2
    private static let dash: UInt8 = 3

    /// The bytes of a pattern, literals folded unless `isCased`.
    static func encode(_ pattern: TextPattern, isCased: Bool) -> [UInt8] {
        var code: [UInt8] = []
        for part in pattern.parts {
            switch part {
            case .literal(let bytes):
                let bytes = isCased ? bytes : CaseFolding.folded(bytes)
                for start in stride(from: 0, to: bytes.count, by: 255) {
                    let piece = bytes[start..<min(start + 255, bytes.count)]
                    code += [literal, UInt8(piece.count)] + piece
                }
            case .one: code.append(one)
            case .any: code.append(any)
            case .dash: code.append(dash)
            }
        }
        return code
    }

    /// Tells whether the whole value fits. What follows a `*` is tried from each place, and only the last `*` is ever
    /// gone back to, so that the time is at most the product of both lengths.
    static func fits(
        _ code: UnsafePointer<UInt8>, _ codeCount: Int, _ value: UnsafePointer<UInt8>, _ count: Int
    ) -> Bool {
        var (at, place) = (0, 0)
        var (star, starPlace) = (-1, 0)
        while true {
            if at < codeCount {
                if code[at] == any {
                    at += 1
                    (star, starPlace) = (at, place)
                    if at == codeCount { return true }
                    continue
                }
                let length = step(code + at, value + place, count - place)
                if length >= 0 {
                    place += length
                    at += code[at] == literal ? 2 + Int(code[at + 1]) : 1
                    continue
                }
            } else if place == count {
                return true
            }
            guard star >= 0, starPlace < count else { return false }
            starPlace += 1
            // One character is not its second half.
            if star < codeCount, code[star] == one {
                while starPlace < count, value[starPlace] & 0xC0 == 0x80 { starPlace += 1 }
            }
            (at, place) = (star, starPlace)
        }
    }

    /// How many bytes of the value the part takes; -1 if it does not fit.
    @inline(__always)
    private static func step(_ code: UnsafePointer<UInt8>, _ value: UnsafePointer<UInt8>, _ left: Int) -> Int {
        switch code[0] {
        case literal:
            let count = Int(code[1])
            return count <= left && Bytes.equal(code + 2, value, count) ? count : -1
        case one:
            guard left > 0 else { return -1 }
            // A character is one to four bytes; what is no UTF-8 counts byte by byte.
            let lead = value[0]
            let length = lead < 0xC0 ? 1 : lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : lead < 0xF8 ? 4 : 1
            guard length <= left else { return 1 }
            for index in 1..<max(1, length) where value[index] & 0xC0 != 0x80 { return 1 }
            return length
        default:
            guard left > 0 else { return -1 }
            if value[0] == UInt8(ascii: "-") || value[0] == UInt8(ascii: "/") { return 1 }
            guard left >= 3, value[0] == 0xE2, value[1] == 0x80, (0x93...0x95).contains(value[2]) else { return -1 }
            return 3
        }
    }
}

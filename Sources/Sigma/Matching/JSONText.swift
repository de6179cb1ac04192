/// What stands behind backslashes in JSON strings.
enum JSONText {
    /// Writes a string's bytes with its escapes resolved; there are never more of them than before.
    ///
    /// - Returns: How many bytes were written.
    static func unescape(
        _ source: UnsafePointer<UInt8>, _ count: Int, into target: UnsafeMutablePointer<UInt8>
    ) -> Int {
        var (index, length) = (0, 0)
        while index < count {
            let byte = source[index]
            guard byte == UInt8(ascii: "\\"), index + 1 < count else {
                target[length] = byte
                (index, length) = (index + 1, length + 1)
                continue
            }
            let escaped = source[index + 1]
            index += 2
            switch escaped {
            case UInt8(ascii: "n"): target[length] = 0x0A
            case UInt8(ascii: "t"): target[length] = 0x09
            case UInt8(ascii: "r"): target[length] = 0x0D
            case UInt8(ascii: "b"): target[length] = 0x08
            case UInt8(ascii: "f"): target[length] = 0x0C
            case UInt8(ascii: "u"):
                guard var scalar = unit(source + index, count - index) else {
                    target[length] = escaped
                    break
                }
                index += 4
                if scalar & 0xFC00 == 0xD800, count - index >= 6, source[index] == UInt8(ascii: "\\"),
                    source[index + 1] == UInt8(ascii: "u"), let low = unit(source + index + 2, count - index - 2),
                    low & 0xFC00 == 0xDC00
                {
                    scalar = 0x10000 + (scalar & 0x3FF) << 10 + low & 0x3FF
                    index += 6
                }
                // Half of a pair is no character.
                length += Bytes.write((0xD800..<0xE000).contains(scalar) ? 0xFFFD : scalar, target + length)
                continue
            default: target[length] = escaped
            }
            length += 1
        }
        return length
    }

    private static func unit(_ source: UnsafePointer<UInt8>, _ count: Int) -> UInt32? {
        guard count >= 4 else { return nil }
        var value: UInt32 = 0
        for index in 0..<4 {
            switch source[index] {
            case UInt8(ascii: "0")...UInt8(ascii: "9"): value = value << 4 | UInt32(source[index] - UInt8(ascii: "0"))
            case UInt8(ascii: "a")...UInt8(ascii: "f"):
                value = value << 4 | UInt32(source[index] - UInt8(ascii: "a") + 10)
            case UInt8(ascii: "A")...UInt8(ascii: "F"):
                value = value << 4 | UInt32(source[index] - UInt8(ascii: "A") + 10)
            default: return nil
            }
        }
        return value
    }
}

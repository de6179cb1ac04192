/// Base64 (RFC 4648 §4) in which every sequence of bytes has exactly one spelling, as age demands of headers and armour.
enum Base64 {
    /// How many characters spell `count` bytes.
    static func length(of count: Int, isPadded: Bool) -> Int {
        isPadded ? (count + 2) / 3 * 4 : (count * 4 + 2) / 3
    }

    /// Writes the spelling of `bytes` to the front of `text`, which must have room for it.
    static func encode(
        _ bytes: UnsafeBufferPointer<UInt8>, isPadded: Bool, to text: UnsafeMutableBufferPointer<UInt8>
    ) {
        alphabet.withUnsafeBufferPointer { alphabet in
            var from = 0
            var to = 0
            while from + 3 <= bytes.count {
                let word = UInt32(bytes[from]) << 16 | UInt32(bytes[from + 1]) << 8 | UInt32(bytes[from + 2])
                text[to] = alphabet[Int(word >> 18)]
                text[to + 1] = alphabet[Int(word >> 12 & 63)]
                text[to + 2] = alphabet[Int(word >> 6 & 63)]
                text[to + 3] = alphabet[Int(word & 63)]
                from += 3
                to += 4
            }
            let rest = bytes.count - from
            guard rest > 0 else { return }
            let word = UInt32(bytes[from]) << 16 | (rest == 2 ? UInt32(bytes[from + 1]) << 8 : 0)
            text[to] = alphabet[Int(word >> 18)]
            text[to + 1] = alphabet[Int(word >> 12 & 63)]
            if rest == 2 { text[to + 2] = alphabet[Int(word >> 6 & 63)] }
            guard isPadded else { return }
            if rest == 1 { text[to + 2] = padding }
            text[to + 3] = padding
        }
    }

    /// Writes the bytes that `text` spells to the front of `bytes`, which must have room for three to every four characters.
    ///
    /// - Returns: How many bytes they are; `nil` if `text` is not the one spelling of any.
    static func decode(
        _ text: UnsafeBufferPointer<UInt8>, isPadded: Bool, to bytes: UnsafeMutableBufferPointer<UInt8>
    ) -> Int? {
        var end = text.count
        if isPadded {
            guard end.isMultiple(of: 4) else { return nil }
            while end > 0, text.count - end < 2, text[end - 1] == padding { end -= 1 }
        }
        return values.withUnsafeBufferPointer { values in
            var from = 0
            var to = 0
            var unknown: UInt8 = 0
            while from + 4 <= end {
                let (first, second) = (values[Int(text[from])], values[Int(text[from + 1])])
                let (third, fourth) = (values[Int(text[from + 2])], values[Int(text[from + 3])])
                unknown |= first | second | third | fourth
                bytes[to] = first << 2 | second >> 4
                bytes[to + 1] = second << 4 | third >> 2
                bytes[to + 2] = third << 6 | fourth
                from += 4
                to += 3
            }
            let rest = end - from
            guard unknown < 64, rest != 1 else { return nil }
            guard rest > 0 else { return to }
            let (first, second) = (values[Int(text[from])], values[Int(text[from + 1])])
            let third = rest == 3 ? values[Int(text[from + 2])] : 0
            // The bits left over must be zero, or several spellings would stand for the same bytes.
            guard first | second | third < 64, (rest == 2 ? second & 15 : third & 3) == 0 else { return nil }
            bytes[to] = first << 2 | second >> 4
            if rest == 3 { bytes[to + 1] = second << 4 | third >> 2 }
            return to + rest - 1
        }
    }

    /// The spelling of `bytes` without padding, as it stands in headers.
    static func text(_ bytes: [UInt8]) -> [UInt8] {
        let length = length(of: bytes.count, isPadded: false)
        return [UInt8](unsafeUninitializedCapacity: length) { text, count in
            bytes.withUnsafeBufferPointer { encode($0, isPadded: false, to: text) }
            count = length
        }
    }

    /// The bytes whose spelling without padding is `text`; `nil` if it is the spelling of none.
    static func bytes(_ text: some Collection<UInt8>) -> [UInt8]? {
        var isCanonical = false
        let bytes = [UInt8](unsafeUninitializedCapacity: (text.count + 3) / 4 * 3) { bytes, count in
            let length = Array(text).withUnsafeBufferPointer { decode($0, isPadded: false, to: bytes) }
            isCanonical = length != nil
            count = length ?? 0
        }
        return isCanonical ? bytes : nil
    }

    private static let padding = UInt8(ascii: "=")

    private static let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)

    /// The value of each character, with the topmost bit set for what is no character of base64.
    private static let values: [UInt8] = {
        var values = [UInt8](repeating: 0x80, count: 256)
        for (value, character) in alphabet.enumerated() { values[Int(character)] = UInt8(value) }
        return values
    }()
}

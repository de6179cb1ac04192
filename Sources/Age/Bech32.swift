/// Bech32 (BIP 173) without its limit of 90 characters, as c2sp.org/age asks.
enum Bech32 {
    /// Why a text is no Bech32; the raw value continues a sentence that begins with "It".
    enum Flaw: String, Error {
        case mixedCase = "mixes upper and lower case."
        case character = "contains a character that does not belong there."
        case separator = "has no 1 between its prefix and its data."
        case short = "is cut off."
        case checksum = "does not fit its checksum: a character is wrong, missing or too many."
        case padding = "does not encode whole bytes."
    }

    /// What a Bech32 text holds.
    struct Content {
        /// What stands before the last `1`, in lower case.
        let prefix: String
        let bytes: [UInt8]
        let isUpperCase: Bool
    }

    /// The text of `bytes` in lower case; `prefix` must be so too.
    static func encode(prefix: String, _ bytes: [UInt8]) -> String {
        var words: [UInt8] = []
        words.reserveCapacity(bytes.count * 8 / 5 + 1 + checksumLength)
        var window: UInt32 = 0
        var bits = 0
        for byte in bytes {
            window = window << 8 & 0xFFFF | UInt32(byte)
            bits += 8
            while bits >= 5 {
                bits -= 5
                words.append(UInt8(truncatingIfNeeded: window >> UInt32(bits)) & 31)
            }
        }
        if bits > 0 { words.append(UInt8(truncatingIfNeeded: window << UInt32(5 - bits)) & 31) }
        let padded = words + [UInt8](repeating: 0, count: checksumLength)
        let sum = checksum(prefix.utf8, padded) ^ 1
        for place in 0..<checksumLength {
            words.append(UInt8(truncatingIfNeeded: sum >> UInt32(5 * (checksumLength - 1 - place))) & 31)
        }
        return prefix + "1" + String(decoding: words.map { alphabet[Int($0)] }, as: UTF8.self)
    }

    /// Reads `text`, which must be all upper or all lower case.
    static func decode(_ text: String) throws(Flaw) -> Content {
        let isUpperCase = text.utf8.contains { (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains($0) }
        if isUpperCase, text.utf8.contains(where: { (UInt8(ascii: "a")...UInt8(ascii: "z")).contains($0) }) {
            throw .mixedCase
        }
        let characters = Array((isUpperCase ? text.lowercased() : text).utf8)
        guard characters.allSatisfy({ (0x21...0x7E).contains($0) }) else { throw .character }
        guard let separator = characters.lastIndex(of: UInt8(ascii: "1")), separator > 0 else { throw .separator }
        var words: [UInt8] = []
        words.reserveCapacity(characters.count - separator)
        for character in characters[(separator + 1)...] {
            guard let word = alphabet.firstIndex(of: character) else { throw .character }
            words.append(UInt8(word))
        }
        guard words.count >= checksumLength else { throw .short }
        guard checksum(characters[..<separator], words) == 1 else { throw .checksum }
        let prefix = String(decoding: characters[..<separator], as: UTF8.self)
        return try Content(prefix: prefix, bytes: bytes(of: words.dropLast(checksumLength)), isUpperCase: isUpperCase)
    }

    /// Eights out of fives; the bits left over must be fewer than five and zero.
    private static func bytes(of words: ArraySlice<UInt8>) throws(Flaw) -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(words.count * 5 / 8)
        var window: UInt32 = 0
        var bits = 0
        for word in words {
            window = window << 5 & 0xFFFF | UInt32(word)
            bits += 5
            if bits >= 8 {
                bits -= 8
                bytes.append(UInt8(truncatingIfNeeded: window >> UInt32(bits)))
            }
        }
        guard bits < 5, window & (1 << UInt32(bits) - 1) == 0 else { throw .padding }
        return bytes
    }

    /// The remainder of the code that BIP 173 calls polymod, over the expanded prefix and `words`.
    private static func checksum(_ prefix: some Collection<UInt8>, _ words: [UInt8]) -> UInt32 {
        var remainder: UInt32 = 1
        func add(_ word: UInt8) {
            let top = remainder >> 25
            remainder = (remainder & 0x1FF_FFFF) << 5 ^ UInt32(word)
            for (bit, generator) in generators.enumerated() where top >> UInt32(bit) & 1 == 1 { remainder ^= generator }
        }
        for character in prefix { add(character >> 5) }
        add(0)
        for character in prefix { add(character & 31) }
        for word in words { add(word) }
        return remainder
    }

    private static let checksumLength = 6
    private static let alphabet = Array("qpzry9x8gf2tvdw0s3jn54khce6mua7l".utf8)
    private static let generators: [UInt32] = [0x3B6A_57B2, 0x2650_8E6D, 0x1EA1_19FA, 0x3D42_33DD, 0x2A14_62B3]
}

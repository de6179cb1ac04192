/// Base64 (RFC 4648 §4) from bytes to bytes: an export has two or three of them in every line, and going by way of strings would
/// cost more than the hashing.
enum Base64Bytes {
    /// Adds the base64 of `bytes`, with padding.
    static func append(_ bytes: Span<UInt8>, to text: inout [UInt8]) {
        let letters = alphabet.span
        var index = 0
        while index < bytes.count {
            let left = bytes.count - index
            let group =
                UInt32(bytes[index]) << 16 | (left > 1 ? UInt32(bytes[index + 1]) << 8 : 0)
                | (left > 2 ? UInt32(bytes[index + 2]) : 0)
            text.append(letters[Int(group >> 18)])
            text.append(letters[Int(group >> 12 & 63)])
            text.append(left > 1 ? letters[Int(group >> 6 & 63)] : padding)
            text.append(left > 2 ? letters[Int(group & 63)] : padding)
            index += 3
        }
    }

    /// Adds the bytes that `text` spells.
    ///
    /// - Returns: `false` for anything but the one canonical spelling of some bytes.
    static func decode(_ text: Span<UInt8>, into bytes: inout [UInt8]) -> Bool {
        guard text.count.isMultiple(of: 4) else { return false }
        guard text.count > 0 else { return true }
        let values = values.span
        let padded = text[text.count - 1] != padding ? 0 : text[text.count - 2] != padding ? 1 : 2
        bytes.reserveCapacity(bytes.count + text.count / 4 * 3)
        var index = 0
        while index < text.count - (padded == 0 ? 0 : 4) {
            let (a, b) = (values[Int(text[index])], values[Int(text[index + 1])])
            let (c, d) = (values[Int(text[index + 2])], values[Int(text[index + 3])])
            guard a | b | c | d < 64 else { return false }
            bytes.append(a << 2 | b >> 4)
            bytes.append(b << 4 | c >> 2)
            bytes.append(c << 6 | d)
            index += 4
        }
        guard padded > 0 else { return true }
        let (a, b) = (values[Int(text[index])], values[Int(text[index + 1])])
        let c = padded == 1 ? values[Int(text[index + 2])] : 0
        // Bits that are not used must be nought, or the same bytes would have several spellings.
        guard a | b | c < 64, padded == 1 ? c & 3 == 0 : b & 15 == 0 else { return false }
        bytes.append(a << 2 | b >> 4)
        if padded == 1 { bytes.append(b << 4 | c >> 2) }
        return true
    }

    private static let padding = UInt8(ascii: "=")
    private static let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)
    /// What each byte stands for; 64 and more for those that stand for nothing.
    private static let values: [UInt8] = {
        var values = [UInt8](repeating: 0xFF, count: 256)
        for (value, letter) in alphabet.enumerated() { values[Int(letter)] = UInt8(value) }
        return values
    }()
}

extension MerkleHash {
    /// Reads the canonical base64 of 32 bytes.
    ///
    /// - Parameter scratch: Room to work in, so that none is made for each hash.
    init?(base64 text: Span<UInt8>, _ scratch: inout [UInt8]) {
        scratch.removeAll(keepingCapacity: true)
        guard text.count == 44, Base64Bytes.decode(text, into: &scratch), scratch.count == 32 else { return nil }
        self = scratch.withUnsafeBytes { MerkleHash(copying: $0) }
    }
}

/// Base32 of whole groups of five bytes, in the alphabet of authenticator apps or in one for people who type.
enum Base32 {
    /// RFC 4648 §6.
    static let standard = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZ234567".utf8)
    /// Without letters that look like others: no I, L, O and U (after Crockford).
    static let legible = Array("0123456789ABCDEFGHJKMNPQRSTVWXYZ".utf8)

    /// The spelling of `bytes`, without padding.
    static func text(_ bytes: [UInt8], in alphabet: [UInt8]) -> String {
        var text: [UInt8] = []
        var (bits, held): (UInt32, UInt32) = (0, 0)
        for byte in bytes {
            bits = bits << 8 | UInt32(byte)
            held += 8
            while held >= 5 {
                held -= 5
                text.append(alphabet[Int(bits >> held & 31)])
            }
        }
        if held > 0 { text.append(alphabet[Int(bits << (5 - held) & 31)]) }
        return String(decoding: text, as: UTF8.self)
    }

    /// `text` in groups of four characters.
    static func grouped(_ text: String, by separator: String) -> String {
        let characters = Array(text)
        return stride(from: 0, to: characters.count, by: 4)
            .map { String(characters[$0..<min($0 + 4, characters.count)]) }.joined(separator: separator)
    }
}

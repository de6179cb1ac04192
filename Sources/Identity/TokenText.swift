import Crypto
import Kernel

/// The text of an API token: `vch_`, 256 random bits, and a checksum, in base62.
///
/// The prefix lets scanners find tokens that someone published by mistake; the checksum lets them, and us, tell a token from
/// what only looks like one, without asking the database.
struct TokenText: Hashable, Sendable, CustomStringConvertible {
    /// What its holder keeps. Shown once.
    let text: String

    static let prefix = "vch_"
    /// 62⁴³ is the first power of 62 above 2²⁵⁶.
    private static let secretLength = 43
    /// 62⁶ is above 2³².
    private static let checksumLength = 6

    init(randomness: Randomness) {
        let body = Self.prefix + Base62.text(randomness.bytes(32), length: Self.secretLength)
        text = body + Self.checksum(of: body)
    }

    /// A token as someone presented it.
    ///
    /// - Returns: `nil` if it has not the form of a token or its checksum is wrong.
    init?(presented text: String) {
        let expected = Self.prefix.utf8.count + Self.secretLength + Self.checksumLength
        guard text.utf8.count == expected, text.hasPrefix(Self.prefix),
            text.utf8.dropFirst(Self.prefix.utf8.count).allSatisfy(Base62.alphabet.contains),
            Self.checksum(of: String(text.dropLast(Self.checksumLength))) == text.suffix(Self.checksumLength)
        else { return nil }
        self.text = text
    }

    /// What is stored. The token has 256 random bits, so a plain hash cannot be searched back.
    var hash: [UInt8] { Array(SHA256.hash(data: Array(text.utf8))) }

    /// Never the secret.
    var description: String { "(secret)" }

    private static func checksum(of body: String) -> String {
        let sum = CRC32.checksum(Array(body.utf8))
        return Base62.text((0..<4).reversed().map { UInt8(truncatingIfNeeded: sum >> UInt32(8 * $0)) }, length: 6)
    }
}

/// Whole numbers in digits and letters, of a fixed length.
enum Base62 {
    static let alphabet = Array("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz".utf8)

    /// The number that `bytes` are, most significant first, with zeros before it up to `length`.
    static func text(_ bytes: [UInt8], length: Int) -> String {
        var number = bytes
        var digits: [UInt8] = []
        for _ in 0..<length {
            var remainder = 0
            for place in number.indices {
                let value = remainder << 8 | Int(number[place])
                number[place] = UInt8(value / 62)
                remainder = value % 62
            }
            digits.append(alphabet[remainder])
        }
        return String(decoding: digits.reversed(), as: UTF8.self)
    }
}

/// The cyclic redundancy check of ISO/IEC 8802-3 (reflected, polynomial 0xEDB88320), as in ZIP and PNG.
enum CRC32 {
    static func checksum(_ bytes: [UInt8]) -> UInt32 {
        var sum: UInt32 = 0xFFFF_FFFF
        for byte in bytes {
            sum ^= UInt32(byte)
            for _ in 0..<8 { sum = sum >> 1 ^ (sum & 1 == 1 ? 0xEDB8_8320 : 0) }
        }
        return ~sum
    }
}

import Crypto
import Kernel

/// A code on paper with which a person signs in who has lost every other means; good for one time.
struct RecoveryCode: Hashable, Sendable, CustomStringConvertible {
    /// 80 random bits (NIST SP 800-63B-4 demands 64 at least).
    private let bits: [UInt8]

    private static let length = 10

    init(randomness: Randomness) {
        bits = randomness.bytes(Self.length)
    }

    /// A code as someone typed it: in any case, with any spaces and hyphens, with the letters O, I and L for the digits they
    /// look like.
    ///
    /// - Returns: `nil` if it has not the form of a code.
    init?(typed text: String) {
        // Whatever is longer than any way to type one is not looked at.
        guard text.utf8.count <= 128 else { return nil }
        var bytes: [UInt8] = []
        var (word, held, count): (UInt32, UInt32, Int) = (0, 0, 0)
        for character in text.uppercased().unicodeScalars {
            let digit: Unicode.Scalar
            switch character {
            case " ", "-", "\u{A0}", "\u{2010}"..."\u{2015}", "\t", "\n", "\r": continue
            case "O": digit = "0"
            case "I", "L": digit = "1"
            default: digit = character
            }
            guard let value = Base32.legible.firstIndex(where: { UInt32($0) == digit.value }) else { return nil }
            word = word << 5 | UInt32(value)
            held += 5
            count += 1
            if held >= 8 {
                held -= 8
                bytes.append(UInt8(truncatingIfNeeded: word >> held))
            }
        }
        guard count == 16 else { return nil }
        bits = bytes
    }

    /// As it is printed: `ABCD-EFGH-JKMN-PQRS`. Shown once.
    var text: String { Base32.grouped(Base32.text(bits, in: Base32.legible), by: "-") }

    /// What is stored. Of 80 random bits a plain hash cannot be searched back.
    var hash: [UInt8] { Array(SHA256.hash(data: Array("vouchsafe recovery code\n".utf8) + bits)) }

    /// Never the secret.
    var description: String { "(secret)" }
}

/// The recovery codes that a person has left, as the server keeps them.
struct RecoveryCodes: Hashable, Codable, Sendable {
    /// How many are made at a time.
    static let count = 10

    private let hashes: [[UInt8]]

    /// How many are left.
    var left: Int { hashes.count }

    /// Makes a new set, which replaces the one before.
    ///
    /// - Returns: The codes to show once, and what to keep.
    static func make(randomness: Randomness) -> (codes: [RecoveryCode], kept: RecoveryCodes) {
        let codes = (0..<count).map { _ in RecoveryCode(randomness: randomness) }
        return (codes, RecoveryCodes(hashes: codes.map(\.hash)))
    }

    /// What is left after `code` was used; it must be stored before the person is let in.
    ///
    /// - Returns: `nil` if it is none of these, or was used already.
    func using(_ code: RecoveryCode) -> RecoveryCodes? {
        let hash = code.hash
        var rest: [[UInt8]] = []
        // All are compared, so that the time does not tell which.
        for other in hashes where !constantTimeEquals(other, hash) { rest.append(other) }
        return rest.count == hashes.count ? nil : RecoveryCodes(hashes: rest)
    }
}

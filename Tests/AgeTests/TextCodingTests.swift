import TestSupport
import Testing

@testable import Age

struct Bech32Tests {
    /// The valid and invalid strings of BIP 173 that hold whole bytes or a fault in the form.
    @Test(arguments: [
        "A12UEL5L", "a12uel5l", "abcdef1qpzry9x8gf2tvdw0s3jn54khce6mua7lmqqqxw",
        "an83characterlonghumanreadablepartthatcontainsthenumber1andtheexcludedcharactersbio1tt5tgs",
    ])
    func thePublishedStringsAreRead(text: String) throws {
        let content = try Bech32.decode(text)
        #expect(content.isUpperCase == (text == "A12UEL5L"))
        #expect(Bech32.encode(prefix: content.prefix, content.bytes) == text.lowercased())
    }

    @Test(arguments: [
        ("\u{20}1nwldj5", Bech32.Flaw.character), ("\u{7F}1axkwrx", .character), ("pzry9x0s0muk", .separator),
        ("1pzry9x0s0muk", .separator), ("x1b4n0q5v", .character), ("li1dgmt3", .short), ("A1G7SGD8", .checksum),
        ("10a06t8", .separator), ("1qzzfhee", .separator), ("A12uEL5L", .mixedCase), ("a12uel5m", .checksum),
        ("1111111", .short),
    ])
    func thePublishedFaultsAreNamed(text: String, flaw: Bech32.Flaw) {
        #expect(throws: flaw) { try Bech32.decode(text) }
    }

    @Test func bytesOfAnyLengthComeBack() throws {
        for length in Array(0...70) + [1216, 5000] {
            let bytes = Samples.bytes(length, seed: UInt64(length))
            let content = try Bech32.decode(Bech32.encode(prefix: "age1pq", bytes))
            #expect(content.bytes == bytes && content.prefix == "age1pq")
        }
    }

    @Test func bitsLeftOverMustBeZeroAndFewerThanFive() {
        // One word of five bits holds no byte; the checksums were made for these words.
        #expect(throws: Bech32.Flaw.padding) { try Bech32.decode(Self.words([0])) }
        #expect(throws: Bech32.Flaw.padding) { try Bech32.decode(Self.words([0, 1])) }
    }

    /// A text with a right checksum over words that no bytes give: found by trying, because the encoder never makes one.
    private static func words(_ words: [Int]) -> String {
        let alphabet = Array("qpzry9x8gf2tvdw0s3jn54khce6mua7l")
        let data = String(words.map { alphabet[$0] })
        var sum = 1
        func add(_ word: Int) {
            let top = sum >> 25
            sum = (sum & 0x1FF_FFFF) << 5 ^ word
            for (bit, generator) in [0x3B6A_57B2, 0x2650_8E6D, 0x1EA1_19FA, 0x3D42_33DD, 0x2A14_62B3].enumerated() {
                if top >> bit & 1 == 1 { sum ^= generator }
            }
        }
        for word in [3, 0, 1] + words + [0, 0, 0, 0, 0, 0] { add(word) }
        sum ^= 1
        return "a1" + data + String((0..<6).map { alphabet[sum >> (5 * (5 - $0)) & 31] })
    }
}

struct Base64Tests {
    /// RFC 4648 §10.
    @Test(arguments: [
        ("", ""), ("f", "Zg"), ("fo", "Zm8"), ("foo", "Zm9v"), ("foob", "Zm9vYg"), ("fooba", "Zm9vYmE"),
        ("foobar", "Zm9vYmFy"),
    ])
    func thePublishedTextsAreGivenAndRead(plain: String, text: String) {
        #expect(String(decoding: Base64.text(Array(plain.utf8)), as: UTF8.self) == text)
        #expect(Base64.bytes(text.utf8) == Array(plain.utf8))
    }

    @Test(arguments: ["Z", "Zh", "Zm9", "Zg==", "Zm8=", "Zm9v=", "Zm9vY", "Z g", "Zm-_", "Zm9v\n", "é"])
    func anythingElseIsRefused(text: String) {
        #expect(Base64.bytes(text.utf8) == nil)
    }

    /// All texts of two and three characters: whatever is read is written the same again.
    @Test func everySpellingIsTheOnlyOne() {
        let characters = Array("ABCDPQgwxyz019+/=-\n".utf8)
        var read = 0
        for first in characters {
            for second in characters {
                for text in [[first, second]] + characters.map({ [first, second, $0] }) {
                    guard let bytes = Base64.bytes(text) else { continue }
                    read += 1
                    #expect(Base64.text(bytes) == text)
                }
            }
        }
        #expect(read > 0)
    }

    @Test(arguments: [false, true])
    func bytesOfEveryLengthComeBack(isPadded: Bool) {
        for length in 0...100 {
            let bytes = Samples.bytes(length, seed: UInt64(length))
            let size = Base64.length(of: length, isPadded: isPadded)
            var text = [UInt8](repeating: 0, count: size)
            text.withUnsafeMutableBufferPointer { text in
                bytes.withUnsafeBufferPointer { Base64.encode($0, isPadded: isPadded, to: text) }
            }
            #expect(!text.contains(0))
            var back = [UInt8](repeating: 0, count: length + 3)
            let count = back.withUnsafeMutableBufferPointer { back in
                text.withUnsafeBufferPointer { Base64.decode($0, isPadded: isPadded, to: back) }
            }
            #expect(count == length && Array(back.prefix(length)) == bytes)
        }
    }
}

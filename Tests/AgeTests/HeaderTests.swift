import Kernel
import TestSupport
import Testing

@testable import Age

struct HeaderTests {
    private static let mac = "--- " + String(repeating: "A", count: 43) + "\n"
    private static let line = String(repeating: "A", count: 64) + "\n"

    private func read(_ text: String) throws(Problem) -> Header? {
        var reader = HeaderReader()
        let bytes = Array(text.utf8)
        let count = try bytes.withUnsafeBufferPointer { (bytes) throws(Problem) in try reader.read(bytes) }
        #expect(reader.header == nil || count == bytes.count)
        return reader.header
    }

    @Test(arguments: [
        ("-> a\n\n", ["a"], 0), ("-> a b c\nAAAA\n", ["a", "b", "c"], 3), ("-> !~ +\n\(line)\n", ["!~", "+"], 48),
        ("-> a\n\(line)\(line)AA\n", ["a"], 97),
    ])
    func whatIsWellFormedIsRead(stanza: String, words: [String], size: Int) throws {
        let text = "age-encryption.org/v1\n\(stanza)\(Self.mac)"
        let header = try #require(try read(text))
        #expect(header.stanzas.map { [$0.type] + $0.arguments } == [words])
        #expect(header.stanzas.first?.body.count == size)
        #expect(String(decoding: header.encoded, as: UTF8.self) == text)
    }

    @Test(arguments: [
        ("age-encryption.org/v2\n", "age.version"), ("age-encryption.org/v1 \n", "age.header"),
        ("age-encryption.org/v1\r\n", "age.header"), ("age-encryption.com/v1\n", "age.format"), ("abc", "age.format"),
        (String(repeating: "a", count: 200), "age.format"), ("age-encryption.org/v1\n\(mac)", "age.header"),
        ("age-encryption.org/v1\n\n", "age.header"), ("age-encryption.org/v1\n->\n\n", "age.header"),
        ("age-encryption.org/v1\n-> \n\n", "age.header"), ("age-encryption.org/v1\n-> a \n\n", "age.header"),
        ("age-encryption.org/v1\n->  a\n\n", "age.header"), ("age-encryption.org/v1\n-> é\n\n", "age.header"),
        ("age-encryption.org/v1\n-> a\n\(line)\(mac)", "age.header"),
        ("age-encryption.org/v1\n-> a\n\(mac)", "age.header"),
        ("age-encryption.org/v1\n-> a\nAB\n", "age.header"), ("age-encryption.org/v1\n-> a\nAA==\n", "age.header"),
        ("age-encryption.org/v1\n-> a\nA\(line)\n", "age.header"),
        ("age-encryption.org/v1\n-> a\n\nAA\n", "age.header"),
        ("age-encryption.org/v1\n-> a\n\n---\n", "age.header"),
        ("age-encryption.org/v1\n-> a\n\n--- AAAA\n", "age.header"),
        ("age-encryption.org/v1\n-> a\n\n---  \(mac.dropFirst(4))", "age.header"),
        ("age-encryption.org/v1\n-> a\n\n\(mac.dropLast()) \n", "age.header"),
        ("age-encryption.org/v1\n-> a\n\n\(mac.dropLast(2))B\n", "age.header"),
        ("age-encryption.org/v1\n-> scrypt a b\n\n-> a\n\n\(mac)", "age.header"),
        ("age-encryption.org/v1\n-> scrypt a b\n\n-> scrypt a b\n\n\(mac)", "age.header"),
    ])
    func whatIsMalformedIsRefused(text: String, expected: String) {
        #expect(code { _ = try read(text) } == expected)
    }

    @Test func aHeaderWithoutEndIsNotReadForever() throws {
        var reader = HeaderReader()
        var none = 0
        let start = Array("age-encryption.org/v1\n-> a".utf8)
        _ = try start.withUnsafeBufferPointer { (bytes) throws(Problem) in try reader.read(bytes) }
        let endless = [UInt8](repeating: UInt8(ascii: "a"), count: 1000)
        let found = code {
            while none < 1000 {
                _ = try endless.withUnsafeBufferPointer { (bytes) throws(Problem) in try reader.read(bytes) }
                none += 1
            }
        }
        #expect(found == "age.header" && none == 262)
    }

    @Test func unknownRecipientsAreLeftAlone() throws {
        let randomness = seededRandomness(6)
        let identity = try Samples.identity(.x25519)
        let fileKey = FileKey(randomness: randomness)
        let strange = Stanza(type: "example.com/enigma", arguments: ["~", "!"], body: Samples.bytes(96))
        let stanza = try identity.recipient.wrap(fileKey, randomness: randomness)
        let header = try Header(stanzas: [strange, stanza, strange], fileKey: fileKey)
        let read = try #require(try read(String(decoding: header.encoded, as: UTF8.self)))
        #expect(read.stanzas == [strange, stanza, strange])
        #expect(fileKey.isValid(read.mac, over: read.covered))
        #expect(try identity.unwrap(read) != nil)
    }

    @Test func aChangedHeaderIsNoticedByItsCode() throws {
        let randomness = seededRandomness(6)
        let identity = try Samples.identity(.x25519)
        let fileKey = FileKey(randomness: randomness)
        let stanza = try identity.recipient.wrap(fileKey, randomness: randomness)
        let header = try Header(stanzas: [stanza], fileKey: fileKey)
        let grown = Header(
            stanzas: header.stanzas,
            covered: Array("age-encryption.org/v1\n-> a\n\n".utf8) + header.covered.dropFirst(22),
            mac: header.mac)
        #expect(open(grown.encoded, with: AgeDecryptor(with: [identity])).problem?.code == "age.mac")
    }

    /// Points that share the secret 0 with every key (cr.yp.to/ecdh.html, "validate").
    @Test(arguments: [
        "0000000000000000000000000000000000000000000000000000000000000000",
        "0100000000000000000000000000000000000000000000000000000000000000",
        "e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800",
        "5f9c95bca3508c24b1d0b1559c83ef5b04445cc4581c8e86d8224eddd09f1157",
        "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
        "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
        "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
    ])
    func sharesOfLowOrderAreRefused(point: String) throws {
        let share = try #require([UInt8](hex: point))
        let stanza = Stanza(
            type: "X25519", arguments: [String(decoding: Base64.text(share), as: UTF8.self)], body: Samples.bytes(32))
        let header = Header(stanzas: [stanza], covered: [], mac: [])
        #expect(code { _ = try Samples.identity(.x25519).unwrap(header) } == "age.header")
        #expect(code { _ = try AgeRecipient(.x25519, publicKey: share) } == "age.recipient")
    }
}

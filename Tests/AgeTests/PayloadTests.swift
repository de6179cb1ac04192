import Crypto
import Kernel
import TestSupport
import Testing

@testable import Age

/// Payloads that no encryptor makes, chunk by chunk.
struct PayloadTests {
    private let identity: AgeIdentity
    private let fileKey: FileKey
    private let front: [UInt8]
    private let key: SymmetricKey
    private let full: [UInt8]

    init() throws {
        let randomness = seededRandomness(5)
        identity = try Samples.identity(.x25519)
        fileKey = FileKey(randomness: randomness)
        let nonce = randomness.bytes(16)
        let stanza = try identity.recipient.wrap(fileKey, randomness: randomness)
        front = try Header(stanzas: [stanza], fileKey: fileKey).encoded + nonce
        key = fileKey.payloadKey(nonce: nonce)
        full = Samples.bytes(Payload.chunkSize)
    }

    private func chunk(_ plaintext: [UInt8], _ index: UInt8, isLast: Bool = false) throws -> [UInt8] {
        let nonce = try ChaChaPoly.Nonce(data: [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, index, isLast ? 1 : 0])
        return [UInt8](try ChaChaPoly.seal(plaintext, using: key, nonce: nonce).combined.dropFirst(12))
    }

    private func check(_ payload: [UInt8], gives plaintext: [UInt8], _ code: String?) {
        for cut in [Cut.whole, .pieces(of: 65_552), .pieces(of: 65_553), .seeded(6)] {
            let opened = open(front + payload, with: AgeDecryptor(with: [identity]), cut: cut)
            #expect(opened.problem?.code == code, "\(cut)")
            let isSame = opened.plaintext == plaintext
            #expect(isSame, "\(cut)")
        }
    }

    @Test func theLastChunkMayBeFullOrShortAndEmptyOnlyAlone() throws {
        try check(chunk([], 0, isLast: true), gives: [], nil)
        try check(chunk([9], 0, isLast: true), gives: [9], nil)
        try check(chunk(full, 0, isLast: true), gives: full, nil)
        try check(chunk(full, 0) + chunk([9], 1, isLast: true), gives: full + [9], nil)
        try check(chunk(full, 0) + chunk(full, 1, isLast: true), gives: full + full, nil)
        try check(chunk(full, 0) + chunk([], 1, isLast: true), gives: full, "age.payload")
    }

    @Test func aPayloadThatEndsTooEarlyIsCutOff() throws {
        check([], gives: [], "age.truncated")
        try check(Array(chunk([], 0, isLast: true).dropLast()), gives: [], "age.truncated")
        try check(chunk(full, 0), gives: full, "age.truncated")
        try check(chunk(full, 0) + chunk(full, 1), gives: full + full, "age.truncated")
        try check(chunk(full, 0) + [1, 2, 3], gives: full, "age.truncated")
        try check(chunk([9], 0), gives: [], "age.payload")
        try check(Array((chunk(full, 0) + chunk([9, 9], 1, isLast: true)).dropLast()), gives: full, "age.payload")
    }

    @Test func nothingMayFollowTheLastChunk() throws {
        try check(chunk(full, 0, isLast: true) + [0], gives: full, "age.trailing")
        try check(chunk(full, 0, isLast: true) + chunk([9], 1, isLast: true), gives: full, "age.trailing")
        try check(chunk([9], 0, isLast: true) + [0], gives: [], "age.payload")
    }

    @Test func chunksCannotBeMovedRepeatedOrLeftOut() throws {
        let (first, second, last) = try (chunk(full, 0), chunk(full.reversed(), 1), chunk([9], 2, isLast: true))
        check(first + second + last, gives: full + full.reversed() + [9], nil)
        check(second + first + last, gives: [], "age.payload")
        check(first + last, gives: full, "age.payload")
        check(first + first + second + last, gives: full, "age.payload")
        try check(chunk([9], 0) + last, gives: [], "age.payload")
    }

    @Test(arguments: [1, 15, 65_553, 65_568, 131_105, 131_120, 0])
    func someLengthsAreThoseOfNoCompleteFile(sealed: UInt64) {
        #expect(Payload.plaintextSize(ofSealed: sealed) == nil)
    }

    @Test(arguments: [(16, 0), (17, 1), (65_552, 65_536), (65_569, 65_537), (131_104, 131_072)])
    func theLengthOfACompleteFileTellsThatOfItsPlaintext(sealed: UInt64, plaintext: UInt64) {
        #expect(Payload.plaintextSize(ofSealed: sealed) == plaintext)
    }

    @Test func theFramingSeesLengthsAndNoContent() throws {
        let whole = try front + chunk(full, 0) + chunk([9], 1, isLast: true)
        #expect(try outlined(whole).plaintextSize == 65_537)
        #expect(code { _ = try outlined(front) } == "age.truncated")
        #expect(code { _ = try outlined(front.dropLast()) } == "age.header")
        #expect(code { _ = try outlined(whole.dropLast()) } == "age.truncated")
        #expect(code { _ = try outlined(Array(front.prefix(50))) } == "age.header")
        // What it cannot see, as its documentation says.
        #expect(try outlined(whole.dropLast(17)).plaintextSize == 65_536)
        #expect(try outlined(whole.dropLast(1000)).plaintextSize == 65_536 - 983)
        var changed = whole
        changed[changed.count - 1] ^= 1
        #expect(try outlined(changed).plaintextSize == 65_537)
    }
}

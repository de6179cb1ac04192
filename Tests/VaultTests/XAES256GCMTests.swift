import Kernel
import Testing

@testable import Vault

/// Vectors: c2sp.org/XAES-256-GCM.
struct XAES256GCMTests {
    @Test(arguments: [
        (UInt8(1), "", "ce546ef63c9cc60765923609b33a9a1974e96e52daf2fcf7075e2271"),
        (3, "c2sp.org/XAES-256-GCM", "986ec1832593df5443a179437fd083bf3fdb41abd740a21f71eb769d"),
    ])
    func thePublishedMessagesSealAndOpen(keyByte: UInt8, additional: String, ciphertext: String) throws {
        let key = try XAES256GCM(key: Array(repeating: keyByte, count: 32))
        let nonce = Array("ABCDEFGHIJKLMNOPQRSTUVWX".utf8)[...]
        let sealed = try key.seal(Array("XAES-256-GCM".utf8), nonce: nonce, additionalData: Array(additional.utf8))
        #expect(sealed.hex == ciphertext)
        #expect(
            key.open(sealed[...], nonce: nonce, additionalData: Array(additional.utf8)) == Array("XAES-256-GCM".utf8))
    }

    @Test func tenThousandRandomMessagesGiveThePublishedDigest() throws {
        var random = Shake128()
        var digest = Shake128()
        for round in 0..<10_000 {
            let key = try XAES256GCM(key: random.read(32))
            let nonce = random.read(24)
            let plaintext = random.read(Int(random.read(1)[0]))
            let additional = random.read(Int(random.read(1)[0]))
            let sealed = try key.seal(plaintext, nonce: nonce[...], additionalData: additional)
            if round % 50 == 0 {
                #expect(key.open(sealed[...], nonce: nonce[...], additionalData: additional) == plaintext)
            }
            digest.absorb(sealed)
        }
        #expect(digest.read(32).hex == "e6b9edf2df6cec60c8cbd864e2211b597fb69a529160cd040d56c0c210081939")
    }

    @Test func theRandomStreamOfTheVectorsIsTheSpecifiedOne() {
        var random = Shake128()
        #expect(random.read(16).hex == "7f9c2ba4e88f827d616045507605853e")
    }

    @Test func whatIsChangedDoesNotOpen() throws {
        let key = try XAES256GCM(key: Array(1...32))
        let nonce = [UInt8](101...124)
        let sealed = try key.seal([1, 2, 3], nonce: nonce[...], additionalData: [9])
        for index in sealed.indices {
            var changed = sealed
            changed[index] ^= 1
            #expect(key.open(changed[...], nonce: nonce[...], additionalData: [9]) == nil)
            #expect(key.open(sealed[..<index], nonce: nonce[...], additionalData: [9]) == nil)
        }
        for index in nonce.indices {
            var changed = nonce
            changed[index] ^= 0x80
            #expect(key.open(sealed[...], nonce: changed[...], additionalData: [9]) == nil)
        }
        #expect(key.open(sealed[...], nonce: nonce[...], additionalData: []) == nil)
        #expect(key.open(sealed[...], nonce: nonce.dropLast(), additionalData: [9]) == nil)
        #expect(try XAES256GCM(key: Array(2...33)).open(sealed[...], nonce: nonce[...], additionalData: [9]) == nil)
    }

    @Test(arguments: [0, 16, 24, 31, 33]) func keysOfOtherLengthsAreRefused(length: Int) {
        #expect { try XAES256GCM(key: Array(repeating: 1, count: length)) } throws: { code($0) == "vault.key-size" }
    }

    @Test func noncesOfOtherLengthsAreRefused() throws {
        let key = try XAES256GCM(key: Array(1...32))
        #expect { try key.seal([], nonce: Array(1...12)[...], additionalData: []) } throws: {
            code($0) == "vault.nonce-size"
        }
    }
}

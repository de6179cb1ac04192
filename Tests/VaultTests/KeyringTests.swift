import Kernel
import Testing

@testable import Vault

struct KeyringTests {
    private let randomness = seeded(1)
    private let scope = Identifier<KeyScope>(high: 1, low: 2)
    private let ring: Keyring
    private let index: DataKey
    private let place: SealedPlace
    private let secret = Array("a canary that must not be seen".utf8)

    init() throws {
        index = try DataKey.forIndexes(randomness: randomness)
        ring = Keyring(scope: scope, current: try DataKey(at: now, randomness: randomness), index: index)
        place = SealedPlace(
            scope: scope, table: "person", column: "body", row: Array(1...16), context: Array("person x 1".utf8))
    }

    @Test(arguments: [0, 1, 15, 16, 17, 300, 70_000])
    func whatIsSealedOpensAndIsNotReadable(length: Int) throws {
        let plaintext = (0..<length).map { UInt8(truncatingIfNeeded: $0) }
        let sealed = try ring.seal(plaintext, as: place, randomness: randomness)
        #expect(sealed.count == length + 57)
        #expect(Keyring.keyID(of: sealed) == ring.currentKeyID)
        #expect(try ring.open(sealed, as: place) == plaintext)
        let again = try ring.seal(plaintext, as: place, randomness: randomness)
        #expect(again != sealed)
    }

    @Test func aSealedValueOpensAtItsOwnPlaceOnly() throws {
        let sealed = try ring.seal(secret, as: place, randomness: randomness)
        let others = [
            SealedPlace(scope: scope, table: "people", column: "body", row: place.row, context: place.context),
            SealedPlace(scope: scope, table: "person", column: "bod", row: place.row, context: place.context),
            SealedPlace(scope: scope, table: "person", column: "body", row: Array(2...17), context: place.context),
            SealedPlace(scope: scope, table: "person", column: "body", row: place.row, context: place.context + [0]),
            SealedPlace(scope: scope, table: "person", column: "body", row: place.row + place.context, context: []),
            SealedPlace(scope: scope, table: "personbody", column: "", row: place.row, context: place.context),
            SealedPlace(
                scope: Identifier(high: 1, low: 3), table: "person", column: "body", row: place.row,
                context: place.context),
        ]
        for other in others {
            #expect { try ring.open(sealed, as: other) } throws: { code($0) == "vault.tampered" }
        }
        #expect { try ring.seal(secret, as: others[6], randomness: randomness) } throws: { code($0) == "vault.scope" }
    }

    @Test func everyFlippedBitIsRefusedAndTheRowIsNamed() throws {
        let sealed = try ring.seal(secret, as: place, randomness: randomness)
        for index in sealed.indices {
            for bit in 0..<8 {
                var changed = sealed
                changed[index] ^= 1 << UInt8(bit)
                do {
                    _ = try ring.open(changed, as: place)
                    Issue.record("bit \(bit) of byte \(index) was flipped and it opened")
                } catch {
                    let expected = index == 0 ? "vault.truncated" : index < 17 ? "vault.unknown-key" : "vault.tampered"
                    if error.code != expected || !error.message.contains("person 01020304-0506")
                        || error.message.contains("canary")
                    {
                        Issue.record("\(error)")
                    }
                }
            }
        }
    }

    @Test func whatIsCutOffIsRefused() throws {
        let sealed = try ring.seal(secret, as: place, randomness: randomness)
        for length in 0..<57 {
            #expect { try ring.open(Array(sealed[..<length]), as: place) } throws: { code($0) == "vault.truncated" }
        }
        #expect { try ring.open(sealed.dropLast(), as: place) } throws: { code($0) == "vault.tampered" }
        #expect { try ring.open(sealed + [0], as: place) } throws: { code($0) == "vault.tampered" }
    }

    @Test func anOlderKeyStillOpensAndTheCurrentOneSeals() throws {
        let older = try DataKey(at: now, randomness: randomness)
        let current = try DataKey(at: now + .days(1), randomness: randomness)
        let before = try Keyring(scope: scope, current: older, index: index).seal(
            secret, as: place, randomness: randomness)
        let rotated = Keyring(scope: scope, current: current, older: [older], index: index)
        #expect(try rotated.open(before, as: place) == secret)
        let after = try rotated.seal(secret, as: place, randomness: randomness)
        #expect(Keyring.keyID(of: after) == current.id)
        #expect { try Keyring(scope: scope, current: current, index: index).open(before, as: place) } throws: {
            code($0) == "vault.unknown-key"
        }
    }

    @Test func equalValuesHaveEqualBlindIndexesWithinOneColumnOnly() throws {
        let value = Array("someone@example.org".utf8)
        let hash = ring.blindIndex(of: value, table: "person", column: "email")
        #expect(hash.count == 16)
        #expect(ring.blindIndex(of: value, table: "person", column: "email") == hash)
        #expect(ring.blindIndex(of: value, table: "person", column: "outside") != hash)
        #expect(ring.blindIndex(of: value, table: "supplier", column: "email") != hash)
        #expect(ring.blindIndex(of: value + [0], table: "person", column: "email") != hash)
        let other = Keyring(
            scope: scope, current: try DataKey(at: now, randomness: randomness),
            index: try DataKey.forIndexes(randomness: randomness))
        #expect(other.blindIndex(of: value, table: "person", column: "email") != hash)
    }

    @Test func aSubjectKeyOpensItsContentAndIsKeptSealed() throws {
        let subject = Identifier<Subject>(high: 5, low: 6)
        let key = try SubjectKey(for: subject, randomness: randomness)
        let content = try key.seal(secret, as: place, randomness: randomness)
        let wrapped = try key.wrapped(by: ring, randomness: randomness)
        let read = try SubjectKey(for: subject, unwrapping: wrapped, by: ring)
        #expect(try read.open(content, as: place) == secret)
        #expect { try SubjectKey(for: Identifier(high: 5, low: 7), unwrapping: wrapped, by: ring) } throws: {
            code($0) == "vault.tampered"
        }
        let elsewhere = SealedPlace(scope: scope, table: "host", column: "body", row: [])
        #expect { try read.open(content, as: elsewhere) } throws: { code($0) == "vault.tampered" }
        #expect { try read.open([1, 2], as: place) } throws: { code($0) == "vault.truncated" }
    }

    @Test func keysShowNothingOfThemselves() throws {
        let bytes = Array(repeating: UInt8(0xAB), count: 32)
        let values: [Any] = [
            try DataKey(id: Identifier(high: 1, low: 1), bytes: bytes), try KeyEncryptionKey(bytes: bytes), ring,
            try XAES256GCM(key: bytes), try SubjectKey(for: Identifier(high: 1, low: 1), randomness: randomness),
            PassphraseKey(passphrase: bytes, salt: bytes),
        ]
        for value in values {
            var dumped = ""
            dump(value, to: &dumped)
            for text in ["\(value)", String(reflecting: value), dumped] {
                #expect(text.contains("redacted") && !text.contains("171") && !text.contains("abab"), "\(text)")
            }
        }
    }
}

import Crypto
import Foundation
import Kernel

/// The key that wraps all other keys. Whoever has it and the database can read everything.
public struct KeyEncryptionKey: Sendable, Redacted {
    /// A fingerprint of the key, which may be shown: eight bytes of a hash over it.
    public let fingerprint: [UInt8]
    private let seal: XAES256GCM

    /// A key out of 32 secret bytes.
    ///
    /// - Throws: A `Problem` (invalid, `vault.key-size`) for any other length.
    public init(bytes: [UInt8]) throws(Problem) {
        let secret = SymmetricKey(data: bytes)
        seal = try XAES256GCM(secret)
        let name = HKDF<SHA256>.deriveKey(
            inputKeyMaterial: secret, info: Array("vouchsafe/key-fingerprint@v1".utf8), outputByteCount: 8)
        fingerprint = name.withUnsafeBytes { [UInt8]($0) }
    }

    /// Version 1, the fingerprint, the nonce, the sealed key and the tag.
    func wrap(_ secret: [UInt8], as purpose: [UInt8], randomness: Randomness) throws(Problem) -> [UInt8] {
        let front = [1] + fingerprint + randomness.bytes(XAES256GCM.nonceSize)
        return try seal.seal(secret, nonce: front[9...], additionalData: purpose + front[..<9], after: front)
    }

    func unwrap(_ wrapped: [UInt8], as purpose: [UInt8], called name: String) throws(Problem) -> [UInt8] {
        guard wrapped.count > 9 + XAES256GCM.nonceSize + XAES256GCM.tagSize, wrapped[0] == 1 else {
            throw Problem(.refused, code: "vault.truncated", "The stored \(name) is cut off or not in a known form.")
        }
        guard wrapped[1..<9].elementsEqual(fingerprint) else {
            throw Problem(
                .refused, code: "vault.wrong-key",
                "The stored \(name) is under the key-encryption key \(wrapped[1..<9].hex), but the one given is \(fingerprint.hex).",
                hint: "Put its file back, or name where it comes from with --key. Nothing has been changed.")
        }
        let nonceEnd = 9 + XAES256GCM.nonceSize
        guard
            let secret = seal.open(
                wrapped[nonceEnd...], nonce: wrapped[9..<nonceEnd], additionalData: purpose + wrapped[..<9])
        else {
            throw Problem(
                .refused, code: "vault.tampered",
                "The stored \(name) was changed, or stands in another place than it was made for.",
                hint: "Restore it from a backup. Nothing has been changed.")
        }
        return secret
    }
}

/// Where the key-encryption key comes from.
public protocol KeyProvider: Sendable {
    /// The key.
    ///
    /// - Throws: A `Problem` that says what is missing or wrong, and how to put it right.
    func key() throws(Problem) -> KeyEncryptionKey
}

import Crypto
import CryptoExtras
import Foundation
import Kernel

/// An encryption key for XAES-256-GCM (c2sp.org/XAES-256-GCM): AES-256-GCM with nonces so long that they may be random.
///
/// The input key's CMAC subkey is computed once, at making; after that a message costs two AES blocks more than plain GCM.
public struct XAES256GCM: Sendable {
    private let key: SymmetricKey
    /// The CMAC subkey K1 (NIST SP 800-38B §6.1).
    private let mask: (UInt64, UInt64)

    /// The length of keys in bytes.
    public static let keySize = 32
    /// The length of nonces in bytes.
    public static let nonceSize = 24
    /// The length of tags in bytes.
    public static let tagSize = 16

    /// A key out of 32 secret bytes.
    ///
    /// - Throws: A `Problem` (invalid, `vault.key-size`) for any other length.
    public init(key: [UInt8]) throws(Problem) {
        try self.init(SymmetricKey(data: key))
    }

    init(_ key: SymmetricKey) throws(Problem) {
        var block = Block(0, 0)
        do { try block.encrypt(with: key) } catch { throw Self.wrongKeySize }
        guard key.bitCount == 256 else { throw Self.wrongKeySize }
        self.key = key
        // Doubling in GF(2¹²⁸), without a branch on the secret bit.
        let carry = 0 &- (block.high >> 63)
        mask = (block.high << 1 | block.low >> 63, block.low << 1 ^ (carry & 0x87))
    }

    /// Seals `plaintext`.
    ///
    /// - Parameters:
    ///   - nonce: 24 bytes, random, never used again with this key.
    ///   - additionalData: What is not secret but must be the same at opening.
    ///   - prefix: What to put in front of the result, so that an envelope needs no second copy.
    /// - Returns: The prefix, the ciphertext and the tag.
    /// - Throws: A `Problem` (invalid) for a nonce of another length.
    public func seal(
        _ plaintext: [UInt8], nonce: ArraySlice<UInt8>, additionalData: [UInt8], after prefix: [UInt8] = []
    ) throws(Problem) -> [UInt8] {
        let (subkey, rest) = try derive(nonce)
        guard let box = try? AES.GCM.seal(plaintext, using: subkey, nonce: rest, authenticating: additionalData) else {
            throw Problem(.unavailable, code: "vault.seal", "The data could not be encrypted.")
        }
        var sealed: [UInt8] = []
        sealed.reserveCapacity(prefix.count + plaintext.count + Self.tagSize)
        sealed.append(contentsOf: prefix)
        box.ciphertext.withUnsafeBytes { sealed.append(contentsOf: $0) }
        box.tag.withUnsafeBytes { sealed.append(contentsOf: $0) }
        return sealed
    }

    /// Opens what ``seal(_:nonce:additionalData:after:)`` gave, without its prefix.
    ///
    /// - Returns: The plaintext; `nil` if key, nonce, additional data or ciphertext are not those of the sealing.
    public func open(_ sealed: ArraySlice<UInt8>, nonce: ArraySlice<UInt8>, additionalData: [UInt8]) -> [UInt8]? {
        guard sealed.count >= Self.tagSize, let (subkey, rest) = try? derive(nonce),
            let box = try? AES.GCM.SealedBox(
                nonce: rest, ciphertext: sealed.dropLast(Self.tagSize), tag: sealed.suffix(Self.tagSize)),
            let plaintext = try? AES.GCM.open(box, using: subkey, authenticating: additionalData)
        else { return nil }
        return [UInt8](plaintext)
    }

    /// The key and nonce for AES-256-GCM: NIST SP 800-108r1 in counter mode with CMAC, one block each.
    private func derive(_ nonce: ArraySlice<UInt8>) throws(Problem) -> (SymmetricKey, AES.GCM.Nonce) {
        guard nonce.count == Self.nonceSize, let rest = try? AES.GCM.Nonce(data: nonce.dropFirst(12)) else {
            throw Problem(.invalid, code: "vault.nonce-size", "A nonce must have \(Self.nonceSize) bytes.")
        }
        let words = nonce.withUnsafeBytes { buffer in
            (
                UInt64(buffer.loadUnaligned(as: UInt32.self).bigEndian),
                buffer.loadUnaligned(fromByteOffset: 4, as: UInt64.self).bigEndian
            )
        }
        let label: UInt64 = 0x5800 << 32
        var first = Block((1 << 48 | label | words.0) ^ mask.0, words.1 ^ mask.1)
        var second = Block((2 << 48 | label | words.0) ^ mask.0, words.1 ^ mask.1)
        do {
            try first.encrypt(with: key)
            try second.encrypt(with: key)
        } catch { throw Self.wrongKeySize }
        let bytes = (first.high.bigEndian, first.low.bigEndian, second.high.bigEndian, second.low.bigEndian)
        return (withUnsafeBytes(of: bytes) { SymmetricKey(data: $0) }, rest)
    }

    private static let wrongKeySize = Problem(
        .invalid, code: "vault.key-size", "An encryption key must have \(keySize) bytes.")
}

/// One AES block as two words, most significant first.
private struct Block {
    var high, low: UInt64

    init(_ high: UInt64, _ low: UInt64) {
        self.high = high
        self.low = low
    }

    mutating func encrypt(with key: SymmetricKey) throws {
        var words = (high.bigEndian, low.bigEndian)
        try withUnsafeMutableBytes(of: &words) { buffer in
            var bytes = buffer.bindMemory(to: UInt8.self)
            try AES.permute(&bytes, key: key)
        }
        high = words.0.bigEndian
        low = words.1.bigEndian
    }
}

import Crypto
import Foundation
import Kernel

/// A key under which one scope's data is sealed. It is stored only wrapped by the key-encryption key.
public struct DataKey: Sendable, Identifiable, Redacted {
    /// Names the key in every envelope that it sealed.
    public let id: Identifier<DataKey>
    private let secret: SymmetricKey

    /// A key with known bytes, 32 of them.
    ///
    /// - Throws: A `Problem` (invalid, `vault.key-size`).
    public init(id: Identifier<DataKey>, bytes: [UInt8]) throws(Problem) {
        guard bytes.count == 32 else {
            throw Problem(.invalid, code: "vault.key-size", "A data key must have 32 bytes.")
        }
        self.id = id
        secret = SymmetricKey(data: bytes)
    }

    /// A new key.
    public init(at now: Instant, randomness: Randomness) throws(Problem) {
        try self.init(id: Identifier(at: now, randomness: randomness), bytes: randomness.bytes(32))
    }

    /// A new key for blind indexes, of which a scope has one for ever: what they hash to is part of rows that the ledger covers.
    ///
    /// Its name, which is bound into its wrapping, tells it from the keys that seal: it has no time of making.
    public static func forIndexes(randomness: Randomness) throws(Problem) -> DataKey {
        try DataKey(
            id: Identifier(at: Instant(milliseconds: 0), randomness: randomness), bytes: randomness.bytes(32))
    }

    /// Whether it is the one key for blind indexes.
    public var isForIndexes: Bool { id.high >> 16 == 0 }

    /// The key, sealed under `key` for `scope`, as it is stored.
    ///
    /// - Throws: A `Problem` if the machine cannot encrypt.
    public func wrapped(
        by key: KeyEncryptionKey, for scope: Identifier<KeyScope>, randomness: Randomness
    ) throws(Problem) -> [UInt8] {
        try key.wrap(secret.withUnsafeBytes { [UInt8]($0) }, as: Self.purpose(scope, id), randomness: randomness)
    }

    /// Opens a stored key.
    ///
    /// - Throws: A `Problem` (refused): `vault.wrong-key` if another key-encryption key wrapped it, `vault.tampered` if it was
    ///   changed or stands in another place than it was wrapped for.
    public init(
        id: Identifier<DataKey>, unwrapping wrapped: [UInt8], by key: KeyEncryptionKey, for scope: Identifier<KeyScope>
    ) throws(Problem) {
        try self.init(id: id, bytes: key.unwrap(wrapped, as: Self.purpose(scope, id), called: "data key \(id)"))
    }

    /// The key itself, for a backup that is sealed for its recipients before any byte of it leaves the process. Nothing else
    /// may ask for it.
    public var bytesForSealedBackup: [UInt8] { secret.withUnsafeBytes { [UInt8]($0) } }

    /// A key for one purpose, by HKDF-SHA256 (RFC 5869).
    func derived(for parts: [String]) -> SymmetricKey {
        var info: [UInt8] = []
        for part in parts { info.appendPart(part.utf8) }
        return HKDF<SHA256>.deriveKey(inputKeyMaterial: secret, info: info, outputByteCount: 32)
    }

    private static func purpose(_ scope: Identifier<KeyScope>, _ id: Identifier<DataKey>) -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.appendPart("vouchsafe/data-key@v1".utf8)
        bytes.appendIdentifier(scope)
        bytes.appendIdentifier(id)
        return bytes
    }
}

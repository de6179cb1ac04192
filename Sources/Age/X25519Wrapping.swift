import Crypto
import Foundation
import Kernel

/// The file key wrapped for an X25519 key (c2sp.org/age, "The X25519 recipient type").
enum X25519Wrapping {
    static let type = "X25519"
    static let keySize = 32

    /// Wraps `fileKey` for the 32 bytes of `recipient` with a new ephemeral key.
    static func wrap(_ fileKey: FileKey, for recipient: [UInt8], randomness: Randomness) throws(Problem) -> Stanza {
        guard let ephemeral = try? Curve25519.KeyAgreement.PrivateKey(rawRepresentation: randomness.bytes(keySize)),
            let wrapKey = wrapKey(ephemeral, with: recipient, salt: ephemeral.publicKey.rawRepresentation + recipient)
        else { throw AgeProblem.sealing }
        let share = String(decoding: Base64.text([UInt8](ephemeral.publicKey.rawRepresentation)), as: UTF8.self)
        return try Stanza(type: type, arguments: [share], body: fileKey.wrapped(by: wrapKey))
    }

    /// The file key in `stanza`; `nil` if it was wrapped for another key.
    ///
    /// - Throws: A `Problem` (refused, `age.header`) if the stanza is none of its type.
    static func unwrap(_ stanza: Stanza, with key: Curve25519.KeyAgreement.PrivateKey) throws(Problem) -> FileKey? {
        guard stanza.arguments.count == 1, let share = Base64.bytes(stanza.arguments[0].utf8), share.count == keySize
        else { throw AgeProblem.header("An X25519 recipient has no ephemeral share of 32 bytes.") }
        guard stanza.body.count == FileKey.wrappedSize else {
            throw AgeProblem.header("An X25519 recipient does not hold a file key of 16 bytes.")
        }
        guard let wrapKey = wrapKey(key, with: share, salt: Data(share) + key.publicKey.rawRepresentation) else {
            throw AgeProblem.header("An X25519 recipient has a share of low order.")
        }
        return FileKey(unwrapping: stanza.body, by: wrapKey)
    }

    /// Whether `publicKey` is one that a secret can be shared with: the points of low order are not.
    static func isUsable(_ publicKey: [UInt8]) -> Bool {
        let any = try? Curve25519.KeyAgreement.PrivateKey(rawRepresentation: [UInt8](repeating: 1, count: keySize))
        return any.flatMap { wrapKey($0, with: publicKey, salt: Data()) } != nil
    }

    private static func wrapKey(
        _ key: Curve25519.KeyAgreement.PrivateKey, with publicKey: [UInt8], salt: Data
    ) -> SymmetricKey? {
        guard let publicKey = try? Curve25519.KeyAgreement.PublicKey(rawRepresentation: publicKey),
            let secret = try? key.sharedSecretFromKeyAgreement(with: publicKey)
        else { return nil }
        // swift-crypto does not say when the secret is all zeros, which then everyone knows (RFC 7748 §6.1).
        let bits = secret.withUnsafeBytes { $0.reduce(UInt8(0)) { $0 | $1 } }
        guard bits != 0 else { return nil }
        return secret.hkdfDerivedSymmetricKey(
            using: SHA256.self, salt: salt, sharedInfo: Array("age-encryption.org/v1/X25519".utf8), outputByteCount: 32)
    }
}

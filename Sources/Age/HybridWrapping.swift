import Crypto
import Foundation
import Kernel

/// The file key wrapped for a key that also a quantum computer cannot find: HPKE (RFC 9180) in base mode over X-Wing,
/// which is ML-KEM-768 with X25519 (c2sp.org/age, "The MLKEM768-X25519 hybrid post-quantum recipient type").
enum HybridWrapping {
    typealias PublicKey = XWingMLKEM768X25519.PublicKey
    typealias PrivateKey = XWingMLKEM768X25519.PrivateKey

    static let type = "mlkem768x25519"
    /// The length of public keys in bytes: 1184 of ML-KEM and 32 of X25519.
    static let keySize = 1216
    /// The length of the encapsulated key in bytes.
    static let shareSize = 1120

    /// Wraps `fileKey` for `recipient`. The library draws the encapsulation's randomness itself.
    static func wrap(_ fileKey: FileKey, for recipient: [UInt8]) throws(Problem) -> Stanza {
        guard let key = try? PublicKey(rawRepresentation: recipient),
            var sender = try? HPKE.Sender(recipientKey: key, ciphersuite: suite, info: info),
            let body = try? fileKey.withBytes({ try sender.seal($0) })
        else { throw AgeProblem.sealing }
        let share = String(decoding: Base64.text([UInt8](sender.encapsulatedKey)), as: UTF8.self)
        return Stanza(type: type, arguments: [share], body: [UInt8](body))
    }

    /// The file key in `stanza`; `nil` if it was wrapped for another key.
    ///
    /// - Throws: A `Problem` (refused, `age.header`) if the stanza is none of its type.
    static func unwrap(_ stanza: Stanza, with key: PrivateKey) throws(Problem) -> FileKey? {
        guard stanza.arguments.count == 1, let share = Base64.bytes(stanza.arguments[0].utf8), share.count == shareSize
        else { throw AgeProblem.header("An mlkem768x25519 recipient has no encapsulated key of 1120 bytes.") }
        guard stanza.body.count == FileKey.wrappedSize else {
            throw AgeProblem.header("An mlkem768x25519 recipient does not hold a file key of 16 bytes.")
        }
        guard
            var recipient = try? HPKE.Recipient(
                privateKey: key, ciphersuite: suite, info: info, encapsulatedKey: Data(share))
        else { throw AgeProblem.header("An mlkem768x25519 recipient has a share of low order.") }
        return (try? recipient.open(stanza.body)).flatMap { FileKey(bytes: $0) }
    }

    /// Whether `publicKey` is one that a secret can be encapsulated for.
    static func isUsable(_ publicKey: [UInt8]) -> Bool {
        (try? PublicKey(rawRepresentation: publicKey).encapsulate()) != nil
    }

    private static let suite = HPKE.Ciphersuite(kem: .XWingMLKEM768X25519, kdf: .HKDF_SHA256, aead: .chaChaPoly)
    private static let info = Data("age-encryption.org/mlkem768x25519".utf8)
}

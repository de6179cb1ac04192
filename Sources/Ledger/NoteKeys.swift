import Crypto
import Foundation
import Kernel

/// The public half of a key that signs notes: Ed25519, c2sp.org/signed-note type 0x01.
public struct NoteVerifier: Hashable, Sendable {
    /// The key's name, which for a ledger is also its origin.
    public let name: String
    /// The first four bytes of SHA-256(name ‖ LF ‖ 0x01 ‖ key).
    public let keyID: UInt32
    /// The 32 bytes of the public key.
    public let publicKey: [UInt8]

    /// The verifier with the given name and key.
    ///
    /// - Throws: A `Problem` (invalid, `note.key`) for a name with a space or a plus sign, or a key that is not 32 bytes.
    public init(name: String, publicKey: [UInt8]) throws(Problem) {
        guard SignedNote.isKeyName(name) else {
            throw Problem(
                .invalid, code: "note.key", "A key's name must not be empty nor contain spaces or plus signs.")
        }
        guard (try? Curve25519.Signing.PublicKey(rawRepresentation: publicKey)) != nil else {
            throw Problem(.invalid, code: "note.key", "The public key of \(name) is not an Ed25519 key.")
        }
        self.name = name
        self.publicKey = publicKey
        let digest = SHA256.hash(data: Array(name.utf8) + [0x0A, Self.ed25519] + publicKey)
        keyID = digest.prefix(4).reduce(UInt32(0)) { $0 << 8 | UInt32($1) }
    }

    /// Reads the form in which verifier keys are handed out: `name+hex(key id)+base64(type ‖ key)`.
    ///
    /// - Throws: A `Problem` (invalid, `note.key`) that says what is wrong with it.
    public init(parsing text: String) throws(Problem) {
        let parts = text.split(separator: "+", maxSplits: 2, omittingEmptySubsequences: false).map(String.init)
        guard parts.count == 3 else {
            throw Problem(
                .invalid, code: "note.key", "A verifier key has three parts, joined by plus signs.",
                hint: "Copy the whole line that `vouchsafe ledger key` prints.")
        }
        guard let bytes = [UInt8](canonicalBase64: parts[2]), bytes.count == 33, bytes[0] == Self.ed25519 else {
            throw Problem(
                .invalid, code: "note.key", "The last part of a verifier key must be the base64 of an Ed25519 key.")
        }
        try self.init(name: parts[0], publicKey: Array(bytes[1...]))
        guard keyIDText == parts[1] else {
            throw Problem(
                .invalid, code: "note.key",
                "The key id \(parts[1]) does not belong to this name and key; it would be \(keyIDText).")
        }
    }

    /// The form in which the key is handed out.
    public var text: String { "\(name)+\(keyIDText)+\(([Self.ed25519] + publicKey).base64)" }

    private var keyIDText: String { (0..<4).map { UInt8(truncatingIfNeeded: keyID >> UInt32(24 - 8 * $0)) }.hex }

    /// Whether `signature` claims to be of this key. Compared by bytes: equal strings can have several spellings in Unicode.
    func isNamed(in signature: SignedNote.Signature) -> Bool {
        keyID == signature.keyID && name.utf8.elementsEqual(signature.name.utf8)
    }

    func isValid(_ signature: [UInt8], over text: [UInt8]) -> Bool {
        guard signature.count == 64, let key = try? Curve25519.Signing.PublicKey(rawRepresentation: publicKey) else {
            return false
        }
        return key.isValidSignature(signature, for: text)
    }

    static let ed25519: UInt8 = 0x01
}

/// The private half: signs notes. Printing it shows only the name.
public struct NoteSigner: Sendable, CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    /// The public half, to be handed out.
    public let verifier: NoteVerifier
    private let key: Curve25519.Signing.PrivateKey

    /// The signer whose private key is the 32 bytes `seed` (RFC 8032 §5.1.5).
    ///
    /// - Throws: A `Problem` (invalid, `note.key`) for an unfit name or seed.
    public init(name: String, seed: [UInt8]) throws(Problem) {
        guard let key = try? Curve25519.Signing.PrivateKey(rawRepresentation: seed) else {
            throw Problem(.invalid, code: "note.key", "A signing key is 32 bytes.")
        }
        self.key = key
        verifier = try NoteVerifier(name: name, publicKey: [UInt8](key.publicKey.rawRepresentation))
    }

    /// A new signer.
    public init(name: String, randomness: Randomness) throws(Problem) {
        try self.init(name: name, seed: randomness.bytes(32))
    }

    /// The private key's 32 bytes, to be stored sealed.
    public var seed: [UInt8] { [UInt8](key.rawRepresentation) }

    /// Signs `text`, which must end with a line feed and contain no other control character.
    ///
    /// - Throws: A `Problem` if the text cannot stand in a note.
    public func sign(_ text: [UInt8]) throws(Problem) -> SignedNote {
        guard let signature = try? key.signature(for: text) else {
            throw Problem(.unavailable, code: "note.signing", "The note could not be signed.")
        }
        let note = SignedNote(
            text: text,
            signatures: [.init(name: verifier.name, keyID: verifier.keyID, value: [UInt8](signature))])
        // What cannot be read back must never be signed.
        guard try SignedNote(parsing: note.encoded) == note else {
            throw SignedNote.malformed("Its text cannot be told from its signatures.")
        }
        return note
    }

    /// The key's name and nothing of its secret.
    public var description: String { "NoteSigner(\(verifier.name))" }
    /// The key's name and nothing of its secret.
    public var debugDescription: String { description }
    /// The key's name and nothing of its secret.
    public var customMirror: Mirror { Mirror(self, children: ["name": verifier.name]) }
}

import Crypto
import Foundation
import Kernel

/// The public half of a witness's key: timestamped Ed25519 cosignatures, c2sp.org/tlog-cosignature, type 0x04.
///
/// A cosignature states: at that time this was the largest consistent tree of the log that the witness had seen.
public struct CosignatureVerifier: Hashable, Sendable {
    /// The plain key, which lends the checks of name and key; its own key id and type are another's.
    private let key: NoteVerifier
    /// The first four bytes of SHA-256(name ‖ LF ‖ 0x04 ‖ key).
    public let keyID: UInt32

    /// The witness's name.
    public var name: String { key.name }
    /// The 32 bytes of the public key.
    public var publicKey: [UInt8] { key.publicKey }

    /// The verifier with the given name and key.
    ///
    /// - Throws: A `Problem` (invalid, `note.key`) for a name with a space or a plus sign, or a key that is not 32
    ///   bytes.
    public init(name: String, publicKey: [UInt8]) throws(Problem) {
        key = try NoteVerifier(name: name, publicKey: publicKey)
        let digest = SHA256.hash(data: Array(name.utf8) + [0x0A, Self.timestampedEd25519] + publicKey)
        keyID = digest.prefix(4).reduce(UInt32(0)) { $0 << 8 | UInt32($1) }
    }

    /// Reads the form in which witnesses hand their keys out: `name+hex(key id)+base64(0x04 ‖ key)`.
    ///
    /// - Throws: A `Problem` (invalid, `note.key`) that says what is wrong with it.
    public init(parsing text: String) throws(Problem) {
        let parts = text.split(separator: "+", maxSplits: 2, omittingEmptySubsequences: false).map(String.init)
        guard parts.count == 3 else {
            throw Self.unfit("A witness's key has three parts, joined by plus signs.")
        }
        guard let bytes = [UInt8](canonicalBase64: parts[2]), bytes.count == 33, bytes[0] == Self.timestampedEd25519
        else {
            throw Self.unfit("The last part of a witness's key must be the base64 of an Ed25519 cosignature key.")
        }
        try self.init(name: parts[0], publicKey: Array(bytes[1...]))
        guard keyIDText == parts[1] else {
            throw Self.unfit(
                "The key id \(parts[1]) does not belong to this name and key; it would be \(keyIDText).")
        }
    }

    /// The form in which the key is handed out.
    public var text: String { "\(name)+\(keyIDText)+\(([Self.timestampedEd25519] + publicKey).base64)" }

    private var keyIDText: String { (0..<4).map { UInt8(truncatingIfNeeded: keyID >> UInt32(24 - 8 * $0)) }.hex }

    /// Whether `signature` claims to be of this key. Compared by bytes, as ``NoteVerifier`` does.
    func isNamed(in signature: SignedNote.Signature) -> Bool {
        keyID == signature.keyID && name.utf8.elementsEqual(signature.name.utf8)
    }

    /// The time of a cosignature over the checkpoint `text`, or `nil` if it does not hold.
    func time(of signature: [UInt8], over text: [UInt8]) -> Instant? {
        guard signature.count == 8 + 64 else { return nil }
        let seconds = signature[..<8].reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
        guard seconds <= Self.latestTime,
            key.isValid(Array(signature[8...]), over: Self.message(text, time: seconds))
        else { return nil }
        return Instant(milliseconds: Int64(seconds) * 1000)
    }

    static func message(_ text: [UInt8], time seconds: UInt64) -> [UInt8] {
        Array("cosignature/v1\ntime \(seconds)\n".utf8) + text
    }

    /// The end of the year 9999: what a cosignature can say and an ``Instant`` can hold.
    static let latestTime = UInt64(Instant.distantFuture.milliseconds / 1000)
    private static let timestampedEd25519: UInt8 = 0x04

    private static func unfit(_ message: String) -> Problem {
        Problem(
            .invalid, code: "note.key", message,
            hint: "Copy the whole line that the witness's operator publishes; a ledger's own key is of another type.")
    }
}

/// The private half: cosigns checkpoints. Printing it shows only the name.
///
/// The key must serve nothing else: a cosignature does not say whose name it was made under.
public struct Cosigner: Sendable, CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    /// The public half, to be handed out.
    public let verifier: CosignatureVerifier
    private let key: Curve25519.Signing.PrivateKey

    /// The cosigner whose private key is the 32 bytes `seed` (RFC 8032 §5.1.5).
    ///
    /// - Throws: A `Problem` (invalid, `note.key`) for an unfit name or seed.
    public init(name: String, seed: [UInt8]) throws(Problem) {
        guard let key = try? Curve25519.Signing.PrivateKey(rawRepresentation: seed) else {
            throw Problem(.invalid, code: "note.key", "A signing key is 32 bytes.")
        }
        self.key = key
        verifier = try CosignatureVerifier(name: name, publicKey: [UInt8](key.publicKey.rawRepresentation))
    }

    /// A new cosigner.
    public init(name: String, randomness: Randomness) throws(Problem) {
        try self.init(name: name, seed: randomness.bytes(32))
    }

    /// The private key's 32 bytes, to be stored sealed.
    public var seed: [UInt8] { [UInt8](key.rawRepresentation) }

    /// Cosigns the checkpoint `text`, as it stands above a note's signatures.
    ///
    /// Only ``WitnessJudgement`` says whether that may be done, and only after the new state is stored.
    ///
    /// - Parameter now: The present moment, from 1970 to 9999; cut to the second.
    /// - Throws: A `Problem` (unavailable, `note.signing`) if the time is out of range or the key fails.
    public func cosign(_ text: [UInt8], at now: Instant) throws(Problem) -> SignedNote.Signature {
        let seconds = UInt64(clamping: now.milliseconds / 1000)
        guard now.milliseconds >= 0, seconds <= CosignatureVerifier.latestTime,
            let signature = try? key.signature(for: CosignatureVerifier.message(text, time: seconds))
        else { throw Problem(.unavailable, code: "note.signing", "The checkpoint could not be cosigned.") }
        let time = (0..<8).map { UInt8(truncatingIfNeeded: seconds >> UInt64(56 - 8 * $0)) }
        return SignedNote.Signature(name: verifier.name, keyID: verifier.keyID, value: time + [UInt8](signature))
    }

    /// The key's name and nothing of its secret.
    public var description: String { "Cosigner(\(verifier.name))" }
    /// The key's name and nothing of its secret.
    public var debugDescription: String { description }
    /// The key's name and nothing of its secret.
    public var customMirror: Mirror { Mirror(self, children: ["name": verifier.name]) }
}

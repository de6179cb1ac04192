import Crypto
import CryptoExtras
import Kernel

/// A passphrase that an age file is sealed with and opened by. Printing it shows nothing of it.
///
/// A file that is sealed with a passphrase has no other recipient (c2sp.org/age, "The scrypt recipient type").
public struct AgePassphrase: Sendable, CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    /// The base-two logarithm of scrypt's cost N when sealing; opening takes 2¹⁰⁺ⁿ bytes of memory, 256 MiB at 18.
    public let workFactor: Int
    /// The highest work factor of a file that is opened, so that no file takes memory and time without end.
    public let highestWorkFactor: Int
    private let bytes: [UInt8]

    static let stanzaType = "scrypt"

    /// A passphrase.
    ///
    /// - Parameters:
    ///   - passphrase: The bytes of its text in UTF-8; not empty.
    ///   - workFactor: For sealing, 1…`highestWorkFactor`; lower only in tests.
    ///   - highestWorkFactor: For opening, 1…30; 22 takes 4 GiB of memory.
    /// - Throws: A `Problem` (invalid, `age.passphrase`) for an empty passphrase or factors out of range.
    public init(_ passphrase: [UInt8], workFactor: Int = 18, highestWorkFactor: Int = 22) throws(Problem) {
        guard !passphrase.isEmpty else {
            throw Problem(.invalid, code: "age.passphrase", "A passphrase must not be empty.")
        }
        guard (1...30).contains(highestWorkFactor), (1...highestWorkFactor).contains(workFactor) else {
            throw Problem(
                .invalid, code: "age.passphrase",
                "The work factor must be from 1 to the highest that is opened, and that at most 30.")
        }
        bytes = passphrase
        self.workFactor = workFactor
        self.highestWorkFactor = highestWorkFactor
    }

    func wrap(_ fileKey: FileKey, randomness: Randomness) throws(Problem) -> Stanza {
        let salt = randomness.bytes(Self.saltSize)
        let wrapKey = try wrapKey(salt: salt, workFactor: workFactor)
        let saltText = String(decoding: Base64.text(salt), as: UTF8.self)
        return try Stanza(
            type: Self.stanzaType, arguments: [saltText, "\(workFactor)"], body: fileKey.wrapped(by: wrapKey))
    }

    /// The file key in `stanza`; `nil` if it was sealed with another passphrase.
    ///
    /// - Throws: A `Problem` (refused): `age.header` if the stanza is none of its type, `age.work-factor` if it costs too much.
    func unwrap(_ stanza: Stanza) throws(Problem) -> FileKey? {
        guard stanza.arguments.count == 2, let salt = Base64.bytes(stanza.arguments[0].utf8),
            salt.count == Self.saltSize
        else { throw AgeProblem.header("A passphrase recipient has no salt of 16 bytes and work factor.") }
        let digits = stanza.arguments[1]
        guard digits.utf8.allSatisfy({ (0x30...0x39).contains($0) }), digits.utf8.first != UInt8(ascii: "0") else {
            throw AgeProblem.header("The work factor is not a decimal number.")
        }
        guard stanza.body.count == FileKey.wrappedSize else {
            throw AgeProblem.header("A passphrase recipient does not hold a file key of 16 bytes.")
        }
        guard let factor = Int(digits), factor <= highestWorkFactor else {
            throw Problem(
                .refused, code: "age.work-factor",
                "The age file demands more work than is allowed: a factor above \(highestWorkFactor).",
                hint: "Open it with another program if you trust who made it.")
        }
        return try FileKey(unwrapping: stanza.body, by: wrapKey(salt: salt, workFactor: factor))
    }

    private func wrapKey(salt: [UInt8], workFactor: Int) throws(Problem) -> SymmetricKey {
        guard
            let key = try? KDF.Scrypt.deriveKey(
                from: bytes, salt: Array("age-encryption.org/v1/scrypt".utf8) + salt, outputByteCount: 32,
                rounds: 1 << workFactor, blockSize: 8, parallelism: 1)
        else {
            throw Problem(
                .unavailable, code: "age.passphrase-memory", "There was not enough memory to use the passphrase.",
                hint: "A work factor of \(workFactor) takes \(max(1, (1 << workFactor) >> 10)) MiB.")
        }
        return key
    }

    private static let saltSize = 16

    /// The type's name and nothing of the passphrase.
    public var description: String { "AgePassphrase(redacted)" }
    /// The type's name and nothing of the passphrase.
    public var debugDescription: String { description }
    /// The type's name and nothing of the passphrase.
    public var customMirror: Mirror { Mirror(self, children: [:]) }
}

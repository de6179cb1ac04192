import Crypto
import Kernel

/// A secret key that opens age files. Printing it shows only its recipient.
public struct AgeIdentity: Sendable, CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    /// The public half, which may be handed out.
    public let recipient: AgeRecipient
    private let key: Key

    private enum Key: Sendable {
        case x25519(Curve25519.KeyAgreement.PrivateKey)
        case hybrid(HybridWrapping.PrivateKey)
    }

    /// A new identity.
    ///
    /// - Throws: A `Problem` (invalid, `age.identity`) if `randomness` does not give 32 bytes.
    public init(_ kind: AgeKeyKind, randomness: Randomness) throws(Problem) {
        try self.init(kind, secret: randomness.bytes(Self.secretSize))
    }

    /// Reads the form in which identities are kept: `AGE-SECRET-KEY-1…` or `AGE-SECRET-KEY-PQ-1…`, in upper case.
    ///
    /// - Throws: A `Problem` (invalid, `age.identity`) that says what is wrong with it and shows nothing of it.
    public init(parsing text: String) throws(Problem) {
        guard !text.hasPrefix("age1") else {
            throw Self.malformed("This is a recipient, not an identity.")
        }
        let content: Bech32.Content
        do { content = try Bech32.decode(text) } catch { throw Self.malformed("It \(error.rawValue)") }
        guard let kind = AgeKeyKind.allCases.first(where: { $0.identityPrefix == content.prefix }) else {
            throw Self.malformed("It does not begin with AGE-SECRET-KEY-1 or AGE-SECRET-KEY-PQ-1.")
        }
        guard content.isUpperCase else { throw Self.malformed("It must be in upper case.") }
        try self.init(kind, secret: content.bytes)
    }

    private init(_ kind: AgeKeyKind, secret: [UInt8]) throws(Problem) {
        guard secret.count == Self.secretSize else {
            throw Self.malformed("It holds \(secret.count) bytes and not \(Self.secretSize).")
        }
        let publicKey: [UInt8]
        switch kind {
        case .x25519:
            guard let key = try? Curve25519.KeyAgreement.PrivateKey(rawRepresentation: secret) else {
                throw Self.malformed("It is no X25519 key.")
            }
            self.key = .x25519(key)
            publicKey = [UInt8](key.publicKey.rawRepresentation)
        case .hybrid:
            guard let key = try? HybridWrapping.PrivateKey(seedRepresentation: secret, publicKey: nil) else {
                throw Self.malformed("It is no hybrid key.")
            }
            self.key = .hybrid(key)
            publicKey = [UInt8](key.publicKey.rawRepresentation)
        }
        recipient = try AgeRecipient(kind, publicKey: publicKey)
    }

    /// Reads a file of identities: one a line, with empty lines and comments that begin with `#`.
    ///
    /// - Throws: A `Problem` (invalid, `age.identity`) with the line; also if there is none.
    public static func list(_ text: String) throws(Problem) -> [AgeIdentity] {
        let identities = try KeyLines.read(text) { (line) throws(Problem) in try AgeIdentity(parsing: line) }
        guard !identities.isEmpty else { throw malformed("There is none in the file.") }
        return identities
    }

    /// The secret form in which the identity is kept. Whoever sees it can open the files.
    public var text: String {
        let secret =
            switch key {
            case .x25519(let key): [UInt8](key.rawRepresentation)
            case .hybrid(let key): [UInt8](key.seedRepresentation)
            }
        return Bech32.encode(prefix: recipient.kind.identityPrefix, secret).uppercased()
    }

    /// The file key, if a stanza of `header` was wrapped for this identity.
    ///
    /// - Throws: A `Problem` (refused, `age.header`) if a stanza of its kind is malformed.
    func unwrap(_ header: Header) throws(Problem) -> FileKey? {
        for stanza in header.stanzas where stanza.type == recipient.kind.stanzaType {
            let fileKey =
                switch key {
                case .x25519(let key): try X25519Wrapping.unwrap(stanza, with: key)
                case .hybrid(let key): try HybridWrapping.unwrap(stanza, with: key)
                }
            if let fileKey { return fileKey }
        }
        return nil
    }

    private static let secretSize = 32

    private static func malformed(_ reason: String) -> Problem {
        Problem(
            .invalid, code: "age.identity", "The age identity cannot be read. \(reason)",
            hint: "Give the line that begins with AGE-SECRET-KEY-, as it was made.")
    }

    /// The recipient and nothing of the secret.
    public var description: String { "AgeIdentity(\(recipient.text))" }
    /// The recipient and nothing of the secret.
    public var debugDescription: String { description }
    /// The recipient and nothing of the secret.
    public var customMirror: Mirror { Mirror(self, children: ["recipient": recipient.text]) }
}

import Kernel

/// The kinds of key that age files are sealed for.
public enum AgeKeyKind: String, Hashable, Sendable, CaseIterable {
    /// X25519: `age1…` and `AGE-SECRET-KEY-1…`. A future quantum computer could open the file.
    case x25519
    /// ML-KEM-768 with X25519: `age1pq1…` and `AGE-SECRET-KEY-PQ-1…`. Safe also against quantum computers.
    case hybrid

    var recipientPrefix: String { self == .x25519 ? "age" : "age1pq" }
    var identityPrefix: String { self == .x25519 ? "age-secret-key-" : "age-secret-key-pq-" }
    var publicKeySize: Int { self == .x25519 ? X25519Wrapping.keySize : HybridWrapping.keySize }
    var stanzaType: String { self == .x25519 ? X25519Wrapping.type : HybridWrapping.type }
}

/// A public key that age files are sealed for: whoever has the ``AgeIdentity`` to it can open them.
public struct AgeRecipient: Hashable, Sendable {
    /// Which kind of key it is.
    public let kind: AgeKeyKind
    /// The public key: 32 bytes, or 1216 of the hybrid kind.
    public let publicKey: [UInt8]

    /// Reads the form in which recipients are handed out: `age1…` or `age1pq1…`, in lower case.
    ///
    /// - Throws: A `Problem` (invalid, `age.recipient`) that says what is wrong with it.
    public init(parsing text: String) throws(Problem) {
        guard !text.lowercased().hasPrefix(AgeKeyKind.x25519.identityPrefix) else {
            throw Self.malformed(
                "This is a secret identity, not a recipient.",
                hint: "Give the recipient, which begins with age1. The identity is known here now: consider a new one.")
        }
        guard text.utf8.count <= Self.lengthLimit, text.lowercased().hasPrefix("age1") else {
            throw Self.malformed("It does not begin with age1.", hint: "Only age1… and age1pq1… are known here.")
        }
        let content: Bech32.Content
        do { content = try Bech32.decode(text) } catch { throw Self.malformed("It \(error.rawValue)") }
        guard !content.isUpperCase else { throw Self.malformed("It must be in lower case.") }
        guard let kind = AgeKeyKind.allCases.first(where: { $0.recipientPrefix == content.prefix }) else {
            throw Self.malformed(
                "It is of a kind that is not known here: \(content.prefix).",
                hint: "Only age1… and age1pq1… are known here.")
        }
        try self.init(kind, publicKey: content.bytes)
    }

    /// The recipient with the given public key.
    ///
    /// - Throws: A `Problem` (invalid, `age.recipient`) if nothing can be sealed for it.
    init(_ kind: AgeKeyKind, publicKey: [UInt8]) throws(Problem) {
        guard publicKey.count == kind.publicKeySize else {
            throw Self.malformed("It holds \(publicKey.count) bytes and not \(kind.publicKeySize).")
        }
        let isUsable =
            switch kind {
            case .x25519: X25519Wrapping.isUsable(publicKey)
            case .hybrid: HybridWrapping.isUsable(publicKey)
            }
        guard isUsable else { throw Self.malformed("It is no public key that anything can be sealed for.") }
        self.kind = kind
        self.publicKey = publicKey
    }

    /// Reads a list of recipients: one a line, with empty lines and comments that begin with `#`.
    ///
    /// - Throws: A `Problem` (invalid, `age.recipient`) with the line; also if there is none.
    public static func list(_ text: String) throws(Problem) -> [AgeRecipient] {
        let recipients = try KeyLines.read(text) { (line) throws(Problem) in try AgeRecipient(parsing: line) }
        guard !recipients.isEmpty else { throw malformed("There is none in the list.") }
        return recipients
    }

    /// The form in which the recipient is handed out.
    public var text: String { Bech32.encode(prefix: kind.recipientPrefix, publicKey) }

    func wrap(_ fileKey: FileKey, randomness: Randomness) throws(Problem) -> Stanza {
        switch kind {
        case .x25519: try X25519Wrapping.wrap(fileKey, for: publicKey, randomness: randomness)
        case .hybrid: try HybridWrapping.wrap(fileKey, for: publicKey)
        }
    }

    private static let lengthLimit = 4096

    private static func malformed(_ reason: String, hint: String? = nil) -> Problem {
        Problem(
            .invalid, code: "age.recipient", "The age recipient cannot be read. \(reason)",
            hint: hint ?? "Copy the whole line that the recipient gave.")
    }
}

extension AgeRecipient: CustomStringConvertible {
    /// The form in which the recipient is handed out.
    public var description: String { text }
}

import Kernel

/// A key for the personal content of one person or thing, so that destroying one row erases that content wherever it stands in
/// the database, and in every copy that is made afterwards. A copy from before holds the key too, wrapped by the data key.
public struct SubjectKey: Sendable, Redacted {
    /// Whose content it seals.
    public let subject: Identifier<Subject>
    private let seal: XAES256GCM
    private let bytes: [UInt8]

    /// A new key.
    public init(for subject: Identifier<Subject>, randomness: Randomness) throws(Problem) {
        try self.init(subject, bytes: randomness.bytes(32))
    }

    private init(_ subject: Identifier<Subject>, bytes: [UInt8]) throws(Problem) {
        self.subject = subject
        self.bytes = bytes
        seal = try XAES256GCM(key: bytes)
    }

    /// The key, sealed by `keyring`, as it is stored.
    ///
    /// - Throws: What ``Keyring/seal(_:as:randomness:)`` throws.
    public func wrapped(by keyring: Keyring, randomness: Randomness) throws(Problem) -> [UInt8] {
        try keyring.seal(bytes, as: Self.place(subject, keyring.scope), randomness: randomness)
    }

    /// Opens a stored key.
    ///
    /// - Throws: What ``Keyring/open(_:as:)`` throws.
    public init(for subject: Identifier<Subject>, unwrapping wrapped: [UInt8], by keyring: Keyring) throws(Problem) {
        try self.init(subject, bytes: keyring.open(wrapped, as: Self.place(subject, keyring.scope)))
    }

    private static func place(_ subject: Identifier<Subject>, _ scope: Identifier<KeyScope>) -> SealedPlace {
        SealedPlace(scope: scope, table: "subject_key", column: "key", row: subject.bytes)
    }

    /// Seals content for its place: version 1 ‖ nonce (24 bytes) ‖ ciphertext ‖ tag.
    public func seal(_ plaintext: [UInt8], as place: SealedPlace, randomness: Randomness) throws(Problem) -> [UInt8] {
        let front = [1] + randomness.bytes(XAES256GCM.nonceSize)
        return try seal.seal(plaintext, nonce: front[1...], additionalData: bound(to: place), after: front)
    }

    /// Opens content that belongs at `place`.
    ///
    /// - Throws: A `Problem` (refused): `vault.truncated` or `vault.tampered`.
    public func open(_ sealed: [UInt8], as place: SealedPlace) throws(Problem) -> [UInt8] {
        let frontSize = 1 + XAES256GCM.nonceSize
        guard sealed.count >= frontSize + XAES256GCM.tagSize, sealed[0] == 1 else {
            throw Problem(.refused, code: "vault.truncated", "Personal content in \(place.table) is cut off.")
        }
        guard
            let opened = seal.open(sealed[frontSize...], nonce: sealed[1..<frontSize], additionalData: bound(to: place))
        else {
            throw Problem(
                .refused, code: "vault.tampered",
                "Personal content in \(place.table) was changed, or belongs elsewhere.")
        }
        return opened
    }

    private func bound(to place: SealedPlace) -> [UInt8] {
        place.additionalData(version: 1, key: subject.retyped())
    }
}

/// A passkey as the server keeps it.
public struct Passkey: Hashable, Codable, Sendable {
    /// What the authenticator calls it, 1…1023 bytes; unique on the whole server.
    public let credentialID: [UInt8]
    /// The public key as the authenticator wrote it (COSE).
    public let publicKey: [UInt8]
    /// How it signs.
    public let algorithm: PasskeyAlgorithm
    /// How often it had signed when it was last used; 0 if it does not count.
    public let counter: UInt32
    /// Whether it may be copied to other devices of the person; never changes.
    public let isBackupEligible: Bool
    /// Whether it was copied when it was last used.
    public let isBackedUp: Bool
    /// By which ways the browser reaches it; a hint for the next question.
    public let transports: [String]

    /// A passkey out of what was stored.
    public init(
        credentialID: [UInt8], publicKey: [UInt8], algorithm: PasskeyAlgorithm, counter: UInt32,
        isBackupEligible: Bool, isBackedUp: Bool, transports: [String]
    ) {
        self.credentialID = credentialID
        self.publicKey = publicKey
        self.algorithm = algorithm
        self.counter = counter
        self.isBackupEligible = isBackupEligible
        self.isBackedUp = isBackedUp
        self.transports = transports
    }

    /// The same passkey after it was used.
    func used(counter: UInt32, isBackedUp: Bool) -> Passkey {
        Passkey(
            credentialID: credentialID, publicKey: publicKey, algorithm: algorithm, counter: counter,
            isBackupEligible: isBackupEligible, isBackedUp: isBackedUp, transports: transports)
    }
}

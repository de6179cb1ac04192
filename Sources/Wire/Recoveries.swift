import Kernel

/// That somebody is being helped back into their account. Its link is never told again.
public struct RecoveryEntry: Hashable, Sendable, Codable {
    /// Why, in the words of whoever started it.
    public let reason: String
    /// Who started it, by name.
    public let startedBy: String
    /// Whether that was the reader.
    public let isByReader: Bool
    /// When.
    public let startedAt: Instant
    /// The first moment at which its link no longer works.
    public let expiresAt: Instant
    /// Whether a second person must confirm it, because the second factors are lost too.
    public let awaitsConfirmation: Bool
    /// Whether there is somebody here who could.
    public let canBeConfirmed: Bool
    /// Who did, by name.
    public let confirmedBy: String?

    /// An entry out of its parts.
    public init(
        reason: String, startedBy: String, isByReader: Bool, startedAt: Instant, expiresAt: Instant,
        awaitsConfirmation: Bool, canBeConfirmed: Bool, confirmedBy: String?
    ) {
        self.reason = reason
        self.startedBy = startedBy
        self.isByReader = isByReader
        self.startedAt = startedAt
        self.expiresAt = expiresAt
        self.awaitsConfirmation = awaitsConfirmation
        self.canBeConfirmed = canBeConfirmed
        self.confirmedBy = confirmedBy
    }
}

/// A recovery as it is told once, to whoever started it.
public struct RecoveryMade: Hashable, Sendable, Codable {
    /// Whose account it is, by name.
    public let name: String
    /// The path of the link to hand over: `/recover/…`. Whoever has it may set the password.
    public let path: String
    /// The first moment at which it no longer works.
    public let expiresAt: Instant

    /// An answer out of its parts.
    public init(name: String, path: String, expiresAt: Instant) {
        self.name = name
        self.path = path
        self.expiresAt = expiresAt
    }
}

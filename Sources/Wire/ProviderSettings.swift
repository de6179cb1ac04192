import Kernel

/// An organisation's identity provider as its owner sees it.
public struct ProviderSettings: Codable, Hashable, Sendable {
    /// What people call it.
    public let name: String
    /// By what it signs.
    public let issuer: String
    /// What it calls this server.
    public let clientID: String
    /// Whether a secret is set; never which.
    public let hasSecret: Bool
    /// Whether its word for two factors counts.
    public let trustsSecondFactor: Bool
    /// When it was set.
    public let setAt: Instant
    /// Where the organisation's people sign in.
    public let signInAddress: String

    /// Settings out of their parts.
    public init(
        name: String, issuer: String, clientID: String, hasSecret: Bool, trustsSecondFactor: Bool, setAt: Instant,
        signInAddress: String
    ) {
        self.name = name
        self.issuer = issuer
        self.clientID = clientID
        self.hasSecret = hasSecret
        self.trustsSecondFactor = trustsSecondFactor
        self.setAt = setAt
        self.signInAddress = signInAddress
    }
}

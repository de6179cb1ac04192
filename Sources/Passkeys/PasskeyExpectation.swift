import Crypto

/// What an answer must fit to: kept by the server from the question it asked, never taken from the answer.
public struct PasskeyExpectation: Hashable, Sendable {
    /// The random bytes of the question. Each is good for one answer; the caller forgets it with the first.
    public let challenge: [UInt8]
    /// The origins on which it may have been answered, each exactly as browsers write it, such as `https://example.org`.
    public let origins: Set<String>
    /// The relying party's id: the host name of the origins or a parent of it.
    public let relyingParty: String
    /// Whether the authenticator must have checked who used it.
    public let demandsUserVerification: Bool

    /// An expectation out of its parts.
    public init(challenge: [UInt8], origins: Set<String>, relyingParty: String, demandsUserVerification: Bool) {
        self.challenge = challenge
        self.origins = origins
        self.relyingParty = relyingParty
        self.demandsUserVerification = demandsUserVerification
    }

    var relyingPartyHash: [UInt8] { Array(SHA256.hash(data: Array(relyingParty.utf8))) }
}

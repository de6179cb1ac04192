/// One connection's worth: the bytes to send, and what is needed to read the answer.
public struct Question: Hashable, Sendable {
    /// Tells the questions of one scan apart.
    public let id: Int
    /// What to send, as it goes over the wire.
    public let bytes: [UInt8]
    /// The version that is asked for; `nil` for SSL 2.
    public let version: ProtocolVersion?
    /// The message without its record, as it counts for the transcript.
    let message: [UInt8]
    let keys: KeyOffer?
    /// Whether it names protocols, so that a server may refuse it for those alone.
    let offersProtocols: Bool
}

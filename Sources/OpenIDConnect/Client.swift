/// This server as the provider knows it.
public struct Client: Hashable, Sendable {
    /// The id that the provider gave it.
    public let id: String
    /// The secret that the provider gave it; `nil` for a public client, which has PKCE alone.
    public let secret: String?
    /// Where the provider sends browsers back to.
    public let returnAddress: String

    /// A client out of its parts.
    public init(id: String, secret: String?, returnAddress: String) {
        self.id = id
        self.secret = secret
        self.returnAddress = returnAddress
    }
}

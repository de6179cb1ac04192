/// How much of one answer a probe reads: what a server sends beyond it costs nothing.
public struct HTTPLimits: Hashable, Sendable {
    /// The most bytes of the header section.
    public let headers: Int
    /// The most bytes of the body, its encoding undone.
    public let body: Int
    /// The most bytes that arrive on the connection, whatever they are.
    public let transfer: Int

    /// Limits in bytes.
    public init(headers: Int = 256 << 10, body: Int = 4 << 20, transfer: Int = 8 << 20) {
        self.headers = headers
        self.body = body
        self.transfer = transfer
    }
}

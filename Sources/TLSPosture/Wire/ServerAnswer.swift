/// What came back to one hello.
public enum ServerAnswer: Hashable, Sendable {
    /// The server agreed, and this is what it said before the client would have to speak again.
    case agreed(ServerFlight)
    /// The server would agree if the client came with a key for this group (RFC 8446 §4.1.4).
    case retry(suite: CipherSuite, group: NamedGroup)
    /// The server said why it does not go on.
    case alert(Alert)
    /// It speaks SSL 2 and takes these ciphers.
    case ssl2([String])
    /// It ended the connection, and what it said was nothing or too little.
    case closed
    /// It said too little in the time that it had.
    case silence
    /// What it said is no TLS.
    case nonsense

    /// Why the server does not go on, if it said so.
    package var alert: Alert? { if case .alert(let alert) = self { alert } else { nil } }
}

/// What a server says after it agreed, as far as it can be read.
public struct ServerFlight: Hashable, Sendable {
    /// The version and the suite that it chose.
    public var version: ProtocolVersion
    /// The suite that it chose.
    public var suite: CipherSuite
    /// Whether it compresses what the client sends (CRIME).
    public var compresses = false
    /// Whether it ties a renegotiation to the handshake before it (RFC 5746).
    public var hasSecureRenegotiation = false
    /// Whether it ties the secret to the whole handshake (RFC 7627).
    public var hasExtendedMasterSecret = false
    /// Whether it hands out tickets for sessions before TLS 1.3 (RFC 5077).
    public var hasSessionTicket = false
    /// The protocol that it wants to speak inside (RFC 7301).
    public var applicationProtocol: String?
    /// Its certificates as DER, its own first.
    public var certificates: [[UInt8]] = []
    /// The OCSP response that it brought along (RFC 6066 §8).
    public var stapled: [UInt8]?
    /// Certificate timestamps from the handshake (RFC 6962 §3.3).
    public var timestamps: [[UInt8]] = []
    /// The key that it made for this connection.
    public var key: EphemeralKey?
    /// How it signed in TLS 1.3.
    var signatureScheme: UInt16?
    /// Whether it wants to see the client's certificate.
    public var wantsClientCertificate = false
    /// Whether everything was read that can be.
    public var isWhole = false
}

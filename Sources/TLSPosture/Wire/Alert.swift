/// Why a server ended a handshake, or what it thought worth saying (RFC 8446 §6).
public struct Alert: Hashable, Sendable {
    /// 1 is a warning, 2 is the end.
    public let level: UInt8
    /// What it is about.
    public let code: UInt8

    /// An alert out of its two bytes.
    public init(level: UInt8, code: UInt8) {
        self.level = level
        self.code = code
    }

    /// The server speaks none of the protocols that were offered inside (RFC 7301).
    static let noApplicationProtocol: UInt8 = 120
    /// The server serves other names than the one that the client asks for (RFC 6066 §3).
    package static let unrecognizedName: UInt8 = 112

    /// Whether the server ended the handshake with it. TLS 1.3 ends it with every alert but one, whatever its level.
    var isEnd: Bool { level == 2 || (level != 1) }

    /// The name in IANA's registry, or the number.
    public var name: String {
        switch code {
        case 0: "close_notify"
        case 10: "unexpected_message"
        case 20: "bad_record_mac"
        case 22: "record_overflow"
        case 40: "handshake_failure"
        case 47: "illegal_parameter"
        case 50: "decode_error"
        case 70: "protocol_version"
        case 71: "insufficient_security"
        case 80: "internal_error"
        case 86: "inappropriate_fallback"
        case 109: "missing_extension"
        case 112: "unrecognized_name"
        case 115: "unknown_psk_identity"
        case 120: "no_application_protocol"
        default: "alert \(code)"
        }
    }
}

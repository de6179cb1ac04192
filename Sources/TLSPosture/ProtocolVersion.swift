/// The versions of SSL and TLS, by the number that stands in a record and in a hello (RFC 8446 §4.1.2 and before it).
public enum ProtocolVersion: UInt16, Sendable, Codable, CaseIterable {
    case ssl3 = 0x0300
    case tls10 = 0x0301
    case tls11 = 0x0302
    case tls12 = 0x0303
    case tls13 = 0x0304

    /// The name in reports: `ssl_3_0`, `tls_1_3`.
    public var key: String {
        switch self {
        case .ssl3: "ssl_3_0"
        case .tls10: "tls_1_0"
        case .tls11: "tls_1_1"
        case .tls12: "tls_1_2"
        case .tls13: "tls_1_3"
        }
    }
}

extension ProtocolVersion: Comparable {
    /// The earlier version is the lesser one.
    public static func < (left: ProtocolVersion, right: ProtocolVersion) -> Bool { left.rawValue < right.rawValue }
}

extension ProtocolVersion: CustomStringConvertible {
    /// As people write it: `SSL 3.0`, `TLS 1.3`.
    public var description: String {
        switch self {
        case .ssl3: "SSL 3.0"
        case .tls10: "TLS 1.0"
        case .tls11: "TLS 1.1"
        case .tls12: "TLS 1.2"
        case .tls13: "TLS 1.3"
        }
    }
}

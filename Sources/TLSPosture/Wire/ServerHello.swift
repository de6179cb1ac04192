/// What a server answers to a hello (RFC 5246 §7.4.1.3, RFC 8446 §4.1.3).
struct ServerHello: Hashable {
    let version: UInt16
    let suite: UInt16
    let compression: UInt8
    /// Whether it asks for another hello with a key for `group` (RFC 8446 §4.1.4).
    let isRetryRequest: Bool
    var group: NamedGroup?
    var publicKey: [UInt8] = []
    var hasRenegotiationInfo = false
    var hasExtendedMasterSecret = false
    var hasSessionTicket = false
    var applicationProtocol: String?
    var timestamps: [[UInt8]] = []

    /// What a retry request carries instead of random bytes: SHA-256 of "HelloRetryRequest".
    static let retryRandom: [UInt8] = [
        0xCF, 0x21, 0xAD, 0x74, 0xE5, 0x9A, 0x61, 0x11, 0xBE, 0x1D, 0x8C, 0x02, 0x1E, 0x65, 0xB8, 0x91,
        0xC2, 0xA2, 0x11, 0x16, 0x7A, 0xBB, 0x8C, 0x5E, 0x07, 0x9E, 0x09, 0xE2, 0xC8, 0xA8, 0x33, 0x9C,
    ]

    /// Reads a message's body; `nil` unless it is one.
    init?(_ body: [UInt8]) {
        var reader = ByteReader(body)
        guard let version = reader.short(), let random = reader.take(32), let session = reader.vector(lengthBytes: 1),
            session.remaining <= 32, let suite = reader.short(), let compression = reader.byte()
        else { return nil }
        self.suite = suite
        self.compression = compression
        isRetryRequest = random == Self.retryRandom
        var selected = version
        guard !reader.isAtEnd else {
            self.version = selected
            return
        }
        guard var list = reader.vector(lengthBytes: 2), reader.isAtEnd else { return nil }
        var extensions: [(UInt16, ByteReader)] = []
        while !list.isAtEnd {
            guard let kind = list.short(), var value = list.vector(lengthBytes: 2) else { return nil }
            if kind == HelloExtension.supportedVersions.rawValue {
                guard let version = value.short(), value.isAtEnd else { return nil }
                selected = version
            }
            extensions.append((kind, value))
        }
        self.version = selected
        for (kind, value) in extensions { read(kind, value) }
    }

    private mutating func read(_ kind: UInt16, _ value: ByteReader) {
        var value = value
        switch HelloExtension(rawValue: kind) {
        case .renegotiationInfo: hasRenegotiationInfo = true
        case .extendedMasterSecret: hasExtendedMasterSecret = true
        case .sessionTicket: hasSessionTicket = true
        case .applicationProtocols: applicationProtocol = Self.applicationProtocol(&value)
        case .certificateTimestamps: timestamps = Self.timestamps(&value)
        case .keyShare:
            group = value.short().map(NamedGroup.init)
            if let key = value.vector(lengthBytes: 2) {
                var key = key
                publicKey = key.rest()
            }
        default: break
        }
    }

    /// The one protocol that the server chose (RFC 7301 §3.1).
    static func applicationProtocol(_ value: inout ByteReader) -> String? {
        guard var names = value.vector(lengthBytes: 2), var name = names.vector(lengthBytes: 1) else { return nil }
        return String(validating: name.rest(), as: UTF8.self)
    }

    /// The certificate timestamps of a list (RFC 6962 §3.3), each as it is.
    static func timestamps(_ value: inout ByteReader) -> [[UInt8]] {
        guard var list = value.vector(lengthBytes: 2) else { return [] }
        var found: [[UInt8]] = []
        while !list.isAtEnd, var entry = list.vector(lengthBytes: 2) { found.append(entry.rest()) }
        return found
    }
}

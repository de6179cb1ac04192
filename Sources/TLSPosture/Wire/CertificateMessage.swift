/// The certificates of a handshake message (RFC 5246 §7.4.2, RFC 8446 §4.4.2), each as DER, the server's own first.
struct CertificateMessage: Hashable {
    var certificates: [[UInt8]] = []
    /// The OCSP response beside the server's own, as only TLS 1.3 puts it there.
    var stapled: [UInt8]?
    /// The timestamps beside the server's own, the same.
    var timestamps: [[UInt8]] = []

    /// The most certificates of one server that are read.
    private static let mostCertificates = 32

    /// Reads a message's body; `nil` unless it is one.
    init?(_ body: [UInt8], isTLS13: Bool) {
        var reader = ByteReader(body)
        if isTLS13 { guard reader.vector(lengthBytes: 1) != nil else { return nil } }
        guard var list = reader.vector(lengthBytes: 3) else { return nil }
        while !list.isAtEnd, certificates.count < Self.mostCertificates {
            guard var certificate = list.vector(lengthBytes: 3) else { return nil }
            certificates.append(certificate.rest())
            guard isTLS13 else { continue }
            guard var extensions = list.vector(lengthBytes: 2) else { return nil }
            while !extensions.isAtEnd {
                guard let kind = extensions.short(), var value = extensions.vector(lengthBytes: 2) else { return nil }
                guard certificates.count == 1 else { continue }
                switch HelloExtension(rawValue: kind) {
                case .statusRequest: stapled = Self.status(&value)
                case .certificateTimestamps: timestamps = ServerHello.timestamps(&value)
                default: break
                }
            }
        }
    }

    /// The OCSP response of a CertificateStatus (RFC 6066 §8).
    static func status(_ reader: inout ByteReader) -> [UInt8]? {
        guard reader.byte() == 1, var response = reader.vector(lengthBytes: 3), !response.isAtEnd else { return nil }
        return response.rest()
    }
}

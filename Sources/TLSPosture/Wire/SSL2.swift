import Kernel

/// The version before SSL 3, of which a probe only wants to know whether it is still there (draft-hickman-netscape-ssl-00).
public enum SSL2 {
    /// The ciphers of SSL 2 by their three bytes.
    static let ciphers: [(value: [UInt8], name: String)] = [
        ([0x01, 0x00, 0x80], "SSL_CK_RC4_128_WITH_MD5"),
        ([0x02, 0x00, 0x80], "SSL_CK_RC4_128_EXPORT40_WITH_MD5"),
        ([0x03, 0x00, 0x80], "SSL_CK_RC2_128_CBC_WITH_MD5"),
        ([0x04, 0x00, 0x80], "SSL_CK_RC2_128_CBC_EXPORT40_WITH_MD5"),
        ([0x05, 0x00, 0x80], "SSL_CK_IDEA_128_CBC_WITH_MD5"),
        ([0x06, 0x00, 0x40], "SSL_CK_DES_64_CBC_WITH_MD5"),
        ([0x07, 0x00, 0xC0], "SSL_CK_DES_192_EDE3_CBC_WITH_MD5"),
        ([0x08, 0x00, 0x80], "SSL_CK_RC4_64_WITH_MD5"),
    ]

    /// The record with a hello that offers them all.
    ///
    /// - Parameter challenge: 16 bytes that nobody can predict.
    static func hello(challenge: [UInt8]) -> [UInt8] {
        var body: [UInt8] = [1, 0, 2]
        body.append(short: UInt16(ciphers.count * 3))
        body.append(short: 0)
        body.append(short: UInt16(challenge.count))
        for cipher in ciphers { body += cipher.value }
        body += challenge
        return [0x80 | UInt8(body.count >> 8), UInt8(body.count & 0xFF)] + body
    }

    /// The names of the ciphers that a server takes, out of its answer so far.
    ///
    /// - Returns: `nil` while it is no whole SERVER-HELLO of SSL 2; none where it is one that takes none.
    static func accepted(in bytes: [UInt8]) -> [String]? {
        var reader = ByteReader(bytes)
        guard let first = reader.byte(), first & 0x80 != 0, let second = reader.byte() else { return nil }
        guard let body = reader.take(Int(first & 0x7F) << 8 | Int(second)) else { return nil }
        var message = ByteReader(body)
        guard message.byte() == 4, message.byte() != nil, message.byte() != nil, message.short() == 2,
            let certificate = message.short(), let list = message.short(), message.short() != nil,
            message.take(Int(certificate)) != nil, let values = message.take(Int(list))
        else { return nil }
        return stride(from: 0, to: values.count - values.count % 3, by: 3).map { start in
            let value = Array(values[start..<start + 3])
            return ciphers.first { $0.value == value }?.name ?? "SSL_CK_0x" + value.hex.uppercased()
        }
    }
}

/// How a server signs in the handshake, by its value in a hello (RFC 8446 §4.2.3; before it a hash and an algorithm).
enum SignatureScheme {
    /// Those with an elliptic or an Edwards key.
    static let elliptic: [UInt16] = [
        0x0403, 0x0503, 0x0603, 0x0807, 0x0808, 0x081A, 0x081B, 0x081C, 0x0303, 0x0203, 0x0708,
    ]
    /// Those with an RSA key.
    static let rsa: [UInt16] = [
        0x0804, 0x0805, 0x0806, 0x0809, 0x080A, 0x080B, 0x0401, 0x0501, 0x0601, 0x0301, 0x0201, 0x0101,
    ]
    /// DSA, and the GOST algorithms (RFC 9189).
    static let others: [UInt16] = [0x0402, 0x0502, 0x0602, 0x0302, 0x0202, 0x0840, 0x0841]

    /// Everything that a server might want to sign with.
    static let all = elliptic + rsa + others
}

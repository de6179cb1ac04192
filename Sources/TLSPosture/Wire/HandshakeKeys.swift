import Crypto
import Foundation

/// Opens the records with which a server of TLS 1.3 goes on after its hello (RFC 8446 §5.2, §7.1, §7.3).
struct HandshakeKeys {
    private enum Cipher { case aes, chaCha }

    private let key: SymmetricKey
    private let mask: [UInt8]
    private let cipher: Cipher
    private var sequence: UInt64 = 0

    /// The suites whose records can be opened.
    static let suites: [UInt16] = [0x1301, 0x1302, 0x1303]

    /// The server's keys for its side of the handshake.
    ///
    /// - Parameters:
    ///   - suite: One of ``suites``.
    ///   - secret: What both sides know.
    ///   - transcript: Both hellos, with their headers and without records.
    init?(suite: UInt16, secret: [UInt8], transcript: [UInt8]) {
        switch suite {
        case 0x1301: self.init(SHA256.self, .aes, keyBytes: 16, secret, transcript)
        case 0x1302: self.init(SHA384.self, .aes, keyBytes: 32, secret, transcript)
        case 0x1303: self.init(SHA256.self, .chaCha, keyBytes: 32, secret, transcript)
        default: return nil
        }
    }

    private init<Hash: HashFunction>(
        _: Hash.Type, _ cipher: Cipher, keyBytes: Int, _ secret: [UInt8], _ transcript: [UInt8]
    ) {
        let zeros = [UInt8](repeating: 0, count: Hash.Digest.byteCount)
        let early = HKDF<Hash>.extract(inputKeyMaterial: SymmetricKey(data: zeros), salt: zeros)
        let derived = Self.expand(Hash.self, Array(early), "derived", Array(Hash.hash(data: [UInt8]())), zeros.count)
        let handshake = HKDF<Hash>.extract(inputKeyMaterial: SymmetricKey(data: secret), salt: derived)
        let traffic = Self.expand(
            Hash.self, Array(handshake), "s hs traffic", Array(Hash.hash(data: transcript)), zeros.count)
        key = SymmetricKey(data: Self.expand(Hash.self, traffic, "key", [], keyBytes))
        mask = Self.expand(Hash.self, traffic, "iv", [], 12)
        self.cipher = cipher
    }

    /// HKDF-Expand-Label.
    private static func expand<Hash: HashFunction>(
        _: Hash.Type, _ secret: [UInt8], _ label: String, _ context: [UInt8], _ count: Int
    ) -> [UInt8] {
        var info: [UInt8] = []
        info.append(short: UInt16(count))
        info.appendVector(lengthBytes: 1) { $0 += Array("tls13 \(label)".utf8) }
        info.appendVector(lengthBytes: 1) { $0 += context }
        return HKDF<Hash>.expand(
            pseudoRandomKey: SymmetricKey(data: secret), info: info, outputByteCount: count
        ).withUnsafeBytes(Array.init)
    }

    /// What a record holds and of which kind it is; `nil` for one that does not open.
    mutating func open(_ record: RecordBuffer.Record) -> (kind: UInt8, content: [UInt8])? {
        guard record.body.count >= 17 else { return nil }
        var nonce = mask
        for index in 0..<8 { nonce[4 + index] ^= UInt8(truncatingIfNeeded: sequence >> (8 * UInt64(7 - index))) }
        sequence += 1
        let sealed = record.body.dropLast(16)
        let tag = record.body.suffix(16)
        // A record that was changed or sealed under another key is an answer like any other, and says nothing.
        let opened: Data? =
            switch cipher {
            case .aes:
                try? AES.GCM.open(
                    AES.GCM.SealedBox(nonce: AES.GCM.Nonce(data: nonce), ciphertext: sealed, tag: tag), using: key,
                    authenticating: record.header)
            case .chaCha:
                try? ChaChaPoly.open(
                    ChaChaPoly.SealedBox(nonce: ChaChaPoly.Nonce(data: nonce), ciphertext: sealed, tag: tag),
                    using: key,
                    authenticating: record.header)
            }
        // Behind the content stands its kind, and then zeros to hide its length.
        guard let opened, let last = opened.lastIndex(where: { $0 != 0 }) else { return nil }
        return (opened[last], Array(opened[..<last]))
    }
}

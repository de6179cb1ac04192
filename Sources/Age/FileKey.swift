import Crypto
import Kernel

/// The key of one age file, which its header wraps once for each recipient.
struct FileKey: Sendable {
    private let key: SymmetricKey

    /// The length of the key in bytes.
    static let size = 16
    /// The length of the wrapped key: the key and a tag.
    static let wrappedSize = 32

    /// A new key, to be used for one file only.
    init(randomness: Randomness) {
        key = SymmetricKey(data: randomness.bytes(Self.size))
    }

    /// The key in `body`; `nil` if `wrapKey` is not the one that it was wrapped with.
    ///
    /// The length of `body` must have been checked before: a longer one could be made to open under many keys.
    init?(unwrapping body: [UInt8], by wrapKey: SymmetricKey) {
        guard body.count == Self.wrappedSize,
            let box = try? ChaChaPoly.SealedBox(combined: [UInt8](repeating: 0, count: 12) + body),
            let bytes = try? ChaChaPoly.open(box, using: wrapKey)
        else { return nil }
        key = SymmetricKey(data: bytes)
    }

    /// The key in `bytes`; `nil` unless there are 16.
    init?(bytes: some Collection<UInt8>) {
        guard bytes.count == Self.size else { return nil }
        key = SymmetricKey(data: Array(bytes))
    }

    /// The key sealed by a wrap key, which is used for nothing else: hence the constant nonce.
    func wrapped(by wrapKey: SymmetricKey) throws(Problem) -> [UInt8] {
        guard let nonce = try? ChaChaPoly.Nonce(data: [UInt8](repeating: 0, count: 12)),
            let box = try? key.withUnsafeBytes({ try ChaChaPoly.seal($0, using: wrapKey, nonce: nonce) })
        else { throw AgeProblem.sealing }
        return [UInt8](box.combined.dropFirst(12))
    }

    /// Gives the bytes of the key to `body`, for the kinds of recipient that seal them in their own way.
    func withBytes<Result>(_ body: (UnsafeRawBufferPointer) throws -> Result) rethrows -> Result {
        try key.withUnsafeBytes(body)
    }

    /// The code over the covered part of a header.
    func mac(over covered: [UInt8]) -> [UInt8] {
        Array(HMAC<SHA256>.authenticationCode(for: covered, using: macKey))
    }

    /// Tells in constant time whether `mac` is the code over `covered`.
    func isValid(_ mac: [UInt8], over covered: [UInt8]) -> Bool {
        HMAC<SHA256>.isValidAuthenticationCode(mac, authenticating: covered, using: macKey)
    }

    /// The key of the payload that begins with `nonce`.
    func payloadKey(nonce: [UInt8]) -> SymmetricKey {
        HKDF<SHA256>.deriveKey(
            inputKeyMaterial: key, salt: nonce, info: Array("payload".utf8), outputByteCount: 32)
    }

    private var macKey: SymmetricKey {
        HKDF<SHA256>.deriveKey(inputKeyMaterial: key, info: Array("header".utf8), outputByteCount: 32)
    }
}

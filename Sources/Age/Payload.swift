import Crypto

/// The measures of an age payload: a nonce, then chunks that are sealed one by one (c2sp.org/age, "Payload").
enum Payload {
    /// The length of the nonce at its beginning.
    static let nonceSize = 16
    /// The plaintext in every chunk but the last, which may hold less.
    static let chunkSize = 64 * 1024
    static let tagSize = 16
    static let sealedChunkSize = chunkSize + tagSize

    /// How much plaintext `sealed` bytes of chunks hold; `nil` if no whole number of chunks is so long.
    static func plaintextSize(ofSealed sealed: UInt64) -> UInt64? {
        let (full, rest) = sealed.quotientAndRemainder(dividingBy: UInt64(sealedChunkSize))
        if rest == 0 { return full == 0 ? nil : full * UInt64(chunkSize) }
        // The last chunk may be empty only if it is the first.
        guard rest > tagSize || (rest == tagSize && full == 0) else { return nil }
        return full * UInt64(chunkSize) + rest - UInt64(tagSize)
    }
}

/// The nonces of the chunks: eleven bytes that count, and one that marks the last chunk, so that none can be moved or left out.
struct ChunkNonce: Sendable {
    /// How many chunks came before.
    private(set) var index: UInt64 = 0

    static let size = 12

    mutating func advance() { index += 1 }

    func write(isLast: Bool, into bytes: inout [UInt8]) {
        for place in 0..<3 { bytes[place] = 0 }
        for place in 0..<8 { bytes[3 + place] = UInt8(truncatingIfNeeded: index >> UInt64(56 - 8 * place)) }
        bytes[11] = isLast ? 1 : 0
    }

    func value(isLast: Bool) -> ChaChaPoly.Nonce? {
        var bytes = [UInt8](repeating: 0, count: Self.size)
        write(isLast: isLast, into: &bytes)
        return try? ChaChaPoly.Nonce(data: bytes)
    }
}

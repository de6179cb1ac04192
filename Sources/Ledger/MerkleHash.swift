import Crypto

/// One SHA-256 value in a Merkle tree: a leaf, an inner node or a root (RFC 6962 §2.1).
///
/// A plain value of four words, so that a million of them lie in one array without a million allocations.
public struct MerkleHash: Hashable, Sendable {
    /// The 32 bytes as they lie in memory, in four words of the machine's own byte order.
    let words: (UInt64, UInt64, UInt64, UInt64)

    /// The hash whose value is `bytes`.
    ///
    /// - Returns: `nil` unless there are exactly 32.
    public init?(bytes: [UInt8]) {
        guard bytes.count == 32 else { return nil }
        self = bytes.withUnsafeBytes { MerkleHash(copying: $0) }
    }

    /// The hash of a leaf with the content `data`: SHA-256(0x00 ‖ data).
    public init(leaf data: [UInt8]) {
        var hasher = SHA256()
        withUnsafeBytes(of: UInt8(0)) { hasher.update(bufferPointer: $0) }
        data.withUnsafeBytes { hasher.update(bufferPointer: $0) }
        self = hasher.finalize().withUnsafeBytes { MerkleHash(copying: $0) }
    }

    /// The hash of the node above `left` and `right`: SHA-256(0x01 ‖ left ‖ right).
    public init(left: MerkleHash, right: MerkleHash) {
        self = withUnsafeTemporaryAllocation(byteCount: 65, alignment: 8) { buffer in
            buffer[0] = 1
            buffer.storeBytes(of: left.words, toByteOffset: 1, as: (UInt64, UInt64, UInt64, UInt64).self)
            buffer.storeBytes(of: right.words, toByteOffset: 33, as: (UInt64, UInt64, UInt64, UInt64).self)
            return MerkleHash(digesting: UnsafeRawBufferPointer(buffer))
        }
    }

    /// The plain SHA-256 of `bytes`, without a prefix: for what is not itself a node.
    init(digesting bytes: UnsafeRawBufferPointer) {
        var hasher = SHA256()
        hasher.update(bufferPointer: bytes)
        self = hasher.finalize().withUnsafeBytes { MerkleHash(copying: $0) }
    }

    init(copying bytes: UnsafeRawBufferPointer) {
        words = bytes.loadUnaligned(as: (UInt64, UInt64, UInt64, UInt64).self)
    }

    /// The root of the tree without leaves: SHA-256 of nothing.
    public static let emptyRoot = MerkleHash(digesting: UnsafeRawBufferPointer(start: nil, count: 0))

    /// The 32 bytes.
    public var bytes: [UInt8] { withUnsafeBytes(of: words) { [UInt8]($0) } }

    /// Compared by what it holds.
    public static func == (one: MerkleHash, other: MerkleHash) -> Bool { one.words == other.words }

    /// By what equality compares.
    public func hash(into hasher: inout Hasher) {
        withUnsafeBytes(of: words) { hasher.combine(bytes: $0) }
    }
}

// MARK: - Text

extension MerkleHash: CustomStringConvertible, LosslessStringConvertible {
    /// The hash in base64, as checkpoints and proofs write it.
    public var description: String { bytes.base64 }

    /// Reads the canonical base64 of 32 bytes.
    public init?(_ text: String) {
        guard text.utf8.count == 44, let bytes = [UInt8](canonicalBase64: text) else { return nil }
        self.init(bytes: bytes)
    }
}

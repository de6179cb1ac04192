import Kernel

/// The right edge of a Merkle tree: all that is needed to append a leaf and to know the root.
///
/// It holds one hash for each one-bit of the size, the largest perfect subtree first, and is stored beside the log's head.
public struct MerkleFrontier: Hashable, Sendable {
    /// How many leaves the tree has.
    public private(set) var size: UInt64
    /// The roots of the perfect subtrees from left to right, which is from large to small.
    private var edge: [MerkleHash]

    /// The tree without leaves.
    public init() {
        size = 0
        edge = []
    }

    /// A node that an append completed and that storage keeps, because one tile of 256 nodes ends below it.
    public struct CompletedNode: Hashable, Sendable {
        /// The height above the leaves: 8, 16, 24, …
        public let level: Int
        /// The position among the nodes of its level, from 0.
        public let index: UInt64
        /// The root of the perfect subtree below it.
        public let hash: MerkleHash
    }

    /// Appends one leaf.
    ///
    /// - Returns: The nodes of every eighth level that the leaf completed, lowest first; mostly none.
    @discardableResult
    public mutating func append(_ leaf: MerkleHash) -> [CompletedNode] {
        var completed: [CompletedNode] = []
        var hash = leaf
        var level = 0
        // The trailing one-bits of the size are the subtrees that this leaf completes, as carries in an addition.
        while size >> UInt64(level) & 1 == 1 {
            hash = MerkleHash(left: edge.removeLast(), right: hash)
            level += 1
            if level.isMultiple(of: 8) {
                completed.append(CompletedNode(level: level, index: size >> UInt64(level), hash: hash))
            }
        }
        edge.append(hash)
        size += 1
        return completed
    }

    /// The root of the whole tree (RFC 6962 §2.1).
    public var root: MerkleHash {
        guard var root = edge.last else { return .emptyRoot }
        for left in edge.dropLast().reversed() { root = MerkleHash(left: left, right: root) }
        return root
    }
}

// MARK: - Bytes

extension MerkleFrontier {
    /// The form that is stored: version 1, the size in eight bytes, most significant first, then the hashes.
    public var encoded: [UInt8] {
        var bytes: [UInt8] = [1]
        bytes.reserveCapacity(9 + 32 * edge.count)
        for shift in stride(from: 56, through: 0, by: -8) {
            bytes.append(UInt8(truncatingIfNeeded: size >> UInt64(shift)))
        }
        for hash in edge { bytes.append(contentsOf: hash.bytes) }
        return bytes
    }

    /// Reads the stored form.
    ///
    /// - Throws: A `Problem` (refused, `ledger.frontier`) unless the length fits the size exactly.
    public init(encoded bytes: [UInt8]) throws(Problem) {
        guard bytes.count >= 9, bytes[0] == 1 else {
            throw Problem(
                .refused, code: "ledger.frontier", "The stored right edge of the ledger is not in a known form.")
        }
        let size = bytes[1..<9].reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
        guard bytes.count == 9 + 32 * size.nonzeroBitCount else {
            throw Problem(
                .refused, code: "ledger.frontier",
                "The stored right edge of the ledger has \(bytes.count) bytes, which does not fit \(size) entries.")
        }
        self.size = size
        edge = bytes.withUnsafeBytes { buffer in
            (0..<size.nonzeroBitCount).map {
                MerkleHash(copying: UnsafeRawBufferPointer(rebasing: buffer[(9 + 32 * $0)..<(41 + 32 * $0)]))
            }
        }
    }
}

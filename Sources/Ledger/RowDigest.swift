import Crypto
import Kernel

/// A salted commitment to one stored row: SHA-256(salt ‖ SHA-256(header) ‖ SHA-256(body)).
///
/// With the salt destroyed nobody can find out by guessing what the row said, which is what lets it be erased while the
/// ledger stays whole.
public struct RowDigest: Hashable, Sendable {
    /// The 32 bytes of the digest, as a value of the same kind as a node, though it is none.
    public let value: MerkleHash

    /// The length of a salt in bytes.
    public static let saltSize = 32

    /// The commitment to a row.
    ///
    /// - Parameters:
    ///   - salt: 32 random bytes, kept with the row and destroyed with it.
    ///   - header: The readable part of the row.
    ///   - body: The plain bytes of the sealed part.
    public init(salt: [UInt8], header: RowHeader, body: [UInt8]) {
        self.init(salt: salt.span, header: header.bytes.span, body: body.span)
    }

    /// As ``init(salt:header:body:)``, over bytes that lie in a larger buffer.
    init(salt: Span<UInt8>, header: Span<UInt8>, body: Span<UInt8>) {
        let headerHash = header.withUnsafeBytes { MerkleHash(digesting: $0) }
        let bodyHash = body.withUnsafeBytes { MerkleHash(digesting: $0) }
        var hasher = SHA256()
        salt.withUnsafeBytes { hasher.update(bufferPointer: $0) }
        withUnsafeBytes(of: headerHash.words) { hasher.update(bufferPointer: $0) }
        withUnsafeBytes(of: bodyHash.words) { hasher.update(bufferPointer: $0) }
        value = hasher.finalize().withUnsafeBytes { MerkleHash(copying: $0) }
    }

    init(value: MerkleHash) {
        self.value = value
    }

    /// A digest that was stored.
    ///
    /// - Returns: `nil` unless there are 32 bytes.
    public init?(bytes: [UInt8]) {
        guard let value = MerkleHash(bytes: bytes) else { return nil }
        self.value = value
    }

    /// The 32 bytes, to be stored.
    public var bytes: [UInt8] { value.bytes }

    /// The hash of the leaf that carries this digest in its change's tree.
    var leafHash: MerkleHash { withUnsafeBytes(of: value.words) { MerkleHash(leafBytes: $0) } }
}

/// The Merkle tree over the rows of one change, whose root stands in the ledger entry, so that each row can be proved alone.
public struct ContentTree: Sendable {
    private let leaves: [MerkleHash]

    /// The tree over `digests` in the order of writing.
    public init(_ digests: [RowDigest]) {
        leaves = digests.map(\.leafHash)
    }

    /// The root; the empty root when nothing was written.
    public var root: MerkleHash {
        var frontier = MerkleFrontier()
        for leaf in leaves { frontier.append(leaf) }
        return frontier.root
    }

    /// The path from the row at `position` (from 0) to the root.
    ///
    /// - Throws: A `Problem` (invalid) if there is no such row.
    public func proof(of position: Int) throws -> [MerkleHash] {
        guard leaves.indices.contains(position) else {
            throw Problem(.invalid, code: "proof.position", "The change has no row \(position).")
        }
        // Levels above the leaves are folded on the spot: a change is small beside a ledger.
        var levels = [0: leaves]
        var row = leaves
        var level = 0
        while row.count >= 2 {
            row = stride(from: 0, to: row.count - 1, by: 2).map { MerkleHash(left: row[$0], right: row[$0 + 1]) }
            level += 1
            levels[level] = row
        }
        var reader = MerkleReader(size: UInt64(leaves.count)) { [levels] level, range in
            Array((levels[level] ?? [])[Int(range.lowerBound)..<Int(range.upperBound)])
        }
        return try reader.inclusionProof(of: UInt64(position))
    }
}

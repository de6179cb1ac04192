import Kernel

/// Makes proofs about a tree of a fixed size from the nodes that storage keeps: the leaves and every eighth level.
///
/// Storage is asked for runs of at most 256 neighbours (one tile), each at most once, so that a proof about a million
/// entries costs a handful of queries. A reader is short-lived; make one for each tree size.
public struct MerkleReader {
    /// Gives the stored nodes `range` of `level` (0 for leaves, then 8, 16, …), in order, all of them or an error.
    public typealias Source = (_ level: Int, _ range: Range<UInt64>) throws -> [MerkleHash]

    /// How many leaves the tree has for this reader; the log may have grown since.
    public let size: UInt64
    private let source: Source
    private var tiles: [Tile: [MerkleHash]] = [:]

    private struct Tile: Hashable {
        let level: Int
        let position: UInt64
    }

    /// A reader of the tree of the first `size` leaves.
    public init(size: UInt64, source: @escaping Source) {
        self.size = size
        self.source = source
    }

    /// The root of the tree.
    public mutating func root() throws -> MerkleHash { try root(of: 0..<size) }

    /// The path from the leaf at `index` to the root, the leaf's sibling first (RFC 6962 §2.1.1).
    ///
    /// - Throws: A `Problem` (invalid) if there is no such leaf; what the source throws.
    public mutating func inclusionProof(of index: UInt64) throws -> [MerkleHash] {
        guard index < size else {
            throw Problem(.invalid, code: "ledger.index", "Entry \(index) is not in a ledger of \(size) entries.")
        }
        var path: [MerkleHash] = []
        var range = 0..<size
        while range.upperBound - range.lowerBound > 1 {
            let middle = range.lowerBound + MerkleShape.split(range.upperBound - range.lowerBound)
            if index < middle {
                path.append(try root(of: middle..<range.upperBound))
                range = range.lowerBound..<middle
            } else {
                path.append(try root(of: range.lowerBound..<middle))
                range = middle..<range.upperBound
            }
        }
        return path.reversed()
    }

    /// The proof that the tree of `earlier` leaves is a beginning of this one (RFC 6962 §2.1.2).
    ///
    /// - Throws: A `Problem` (invalid) unless `earlier` is in 1…size; what the source throws.
    public mutating func consistencyProof(from earlier: UInt64) throws -> [MerkleHash] {
        guard earlier > 0, earlier <= size else {
            throw Problem(
                .invalid, code: "ledger.size", "No consistency can be shown from \(earlier) to \(size) entries.")
        }
        return try consistencyProof(ofSubtree: 0..<earlier)
    }

    /// The proof that the leaves `subtree` are a subtree of this tree (draft-ietf-plants-merkle-tree-certs §4.4.1).
    ///
    /// - Throws: A `Problem` (invalid) unless `subtree` is a valid, non-empty subtree within the tree; what the source throws.
    public mutating func consistencyProof(ofSubtree subtree: Range<UInt64>) throws -> [MerkleHash] {
        guard !subtree.isEmpty, subtree.upperBound <= size, MerkleShape.isSubtree(subtree) else {
            throw Problem(.invalid, code: "ledger.subtree", "\(subtree) is no subtree of a ledger of \(size) entries.")
        }
        var path: [MerkleHash] = []
        var range = 0..<size
        var rest = subtree
        // Once the walk has left a part of the subtree behind, the verifier no longer holds the hash that the walk ends on.
        var endIsKnown = true
        while range != rest {
            let middle = range.lowerBound + MerkleShape.split(range.upperBound - range.lowerBound)
            if rest.upperBound <= middle {
                path.append(try root(of: middle..<range.upperBound))
                range = range.lowerBound..<middle
            } else {
                path.append(try root(of: range.lowerBound..<middle))
                range = middle..<range.upperBound
                if rest.lowerBound < middle {
                    rest = middle..<rest.upperBound
                    endIsKnown = false
                }
            }
        }
        if !endIsKnown { path.append(try root(of: rest)) }
        return path.reversed()
    }

    // MARK: - Hashes of subtrees

    /// The root over the leaves `range`, which must be a subtree within the tree.
    private mutating func root(of range: Range<UInt64>) throws -> MerkleHash {
        let count = range.upperBound - range.lowerBound
        if count == 0 { return .emptyRoot }
        if let height = MerkleShape.heightOfPerfect(count) {
            return try node(level: height, index: range.lowerBound >> UInt64(height))
        }
        let middle = range.lowerBound + MerkleShape.split(count)
        let left = try root(of: range.lowerBound..<middle)
        return MerkleHash(left: left, right: try root(of: middle..<range.upperBound))
    }

    /// The root of one perfect subtree, folded from at most 128 nodes of the nearest stored level at or below it.
    private mutating func node(level: Int, index: UInt64) throws -> MerkleHash {
        let height = level % 8
        let first = index << UInt64(height)
        let tile = try tile(Tile(level: level - height, position: first >> 8))
        let offset = Int(first & 255)
        guard height > 0 else { return tile[offset] }
        var row = Array(tile[offset..<(offset + (1 << height))])
        while row.count > 1 {
            row = stride(from: 0, to: row.count, by: 2).map { MerkleHash(left: row[$0], right: row[$0 + 1]) }
        }
        return row[0]
    }

    private mutating func tile(_ tile: Tile) throws -> [MerkleHash] {
        if let hashes = tiles[tile] { return hashes }
        let first = tile.position << 8
        let range = first..<min(first + 256, size >> UInt64(tile.level))
        let hashes = try source(tile.level, range)
        guard hashes.count == range.count else {
            throw Problem(
                .refused, code: "ledger.incomplete",
                "The ledger has \(hashes.count) of the \(range.count) stored hashes at level \(tile.level) from \(first)."
            )
        }
        tiles[tile] = hashes
        return hashes
    }
}

/// The right edge that a follower kept, against which tiles can be held whose beginnings it no longer has.
struct FollowedEdge {
    let size: UInt64
    private let hashes: [MerkleHash]

    init(_ frontier: MerkleFrontier) {
        size = frontier.size
        hashes = Self.hashes(frontier)
    }

    /// Whether `nodes`, the beginning of the tile of `level` that was open at this size, are those that were followed.
    ///
    /// The edge holds the roots of the perfect subtrees of the size's one-bits. Those of eight bits stand for the nodes
    /// of one level in the open tile, so folding these nodes must give exactly that part of the edge.
    func agrees(_ nodes: ArraySlice<MerkleHash>, at level: Int) -> Bool {
        guard !nodes.isEmpty else { return true }
        var folded = MerkleFrontier()
        for node in nodes { folded.append(node) }
        let part = Self.hashes(folded)
        let first = (size >> UInt64(8 * level + 8)).nonzeroBitCount
        return first + part.count <= hashes.count && hashes[first..<(first + part.count)].elementsEqual(part)
    }

    private static func hashes(_ frontier: MerkleFrontier) -> [MerkleHash] {
        frontier.encoded.withUnsafeBytes { buffer in
            stride(from: 9, to: buffer.count, by: 32).map {
                MerkleHash(copying: UnsafeRawBufferPointer(rebasing: buffer[$0..<($0 + 32)]))
            }
        }
    }
}

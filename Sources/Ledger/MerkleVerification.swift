import Kernel

/// Checks of Merkle proofs, for someone who holds nothing but the proof and a root that is trusted.
///
/// Each returns if the proof holds and else throws a `Problem` (refused) that says why. Methods: RFC 9162 §2.1.3.2 and
/// §2.1.4.2; for subtrees draft-ietf-plants-merkle-tree-certs §4.3 and §4.4.3.
public enum MerkleVerification {
    /// Checks that the leaf with the hash `leaf` is at `index` of the tree with `size` leaves and the root `root`.
    ///
    /// - Parameter proof: The path from the leaf's sibling upwards.
    public static func verifyInclusion(
        leaf: MerkleHash, index: UInt64, size: UInt64, proof: [MerkleHash], root: MerkleHash
    ) throws(Problem) {
        guard index < size else {
            throw refusal("inclusion-index", "Entry \(index) is not in a tree of \(size) entries.")
        }
        var position = index
        var last = size - 1
        var hash = leaf
        for sibling in proof {
            guard last > 0 else { throw refusal("inclusion-length", "The inclusion proof is too long.") }
            if position & 1 == 1 || position == last {
                hash = MerkleHash(left: sibling, right: hash)
                // A node without a right neighbour is its own parent until it becomes a right child.
                while position & 1 == 0, position > 0 {
                    position >>= 1
                    last >>= 1
                }
            } else {
                hash = MerkleHash(left: hash, right: sibling)
            }
            position >>= 1
            last >>= 1
        }
        guard last == 0 else { throw refusal("inclusion-length", "The inclusion proof is too short.") }
        guard hash == root else {
            throw refusal("inclusion-root", "The inclusion proof leads to another root than the signed one.")
        }
    }

    /// Checks that `leaf` is at `index` of the log, within the leaves `subtree` whose root is `root`.
    public static func verifyInclusion(
        leaf: MerkleHash, index: UInt64, subtree: Range<UInt64>, proof: [MerkleHash], root: MerkleHash
    ) throws(Problem) {
        guard MerkleShape.isSubtree(subtree) else { throw refusal("subtree", "\(subtree) is no subtree.") }
        guard subtree.contains(index) else {
            throw refusal("inclusion-index", "Entry \(index) is not in the subtree \(subtree).")
        }
        try verifyInclusion(
            leaf: leaf, index: index - subtree.lowerBound, size: subtree.upperBound - subtree.lowerBound, proof: proof,
            root: root)
    }

    /// Checks that the tree of `size` leaves with the root `root` begins with the tree of `earlierSize` leaves with `earlierRoot`.
    ///
    /// Nothing follows from a tree without leaves, so `earlierSize` 0 is refused.
    public static func verifyConsistency(
        earlierSize: UInt64, earlierRoot: MerkleHash, size: UInt64, root: MerkleHash, proof: [MerkleHash]
    ) throws(Problem) {
        guard earlierSize > 0 else {
            throw refusal("consistency-empty", "Consistency with an empty tree says nothing.")
        }
        guard earlierSize <= size else {
            throw refusal(
                "consistency-size", "The later tree has \(size) entries, fewer than the earlier \(earlierSize).")
        }
        try verifyConsistency(subtree: 0..<earlierSize, subtreeRoot: earlierRoot, size: size, root: root, proof: proof)
    }

    /// Checks that the leaves `subtree`, whose root is `subtreeRoot`, are a subtree of the tree with `size` leaves and the root `root`.
    ///
    /// An empty subtree is part of every tree: its root must be the empty one and the proof empty; `root` is then not looked at.
    public static func verifyConsistency(
        subtree: Range<UInt64>, subtreeRoot: MerkleHash, size: UInt64, root: MerkleHash, proof: [MerkleHash]
    ) throws(Problem) {
        guard MerkleShape.isSubtree(subtree), subtree.upperBound <= size else {
            throw refusal("subtree", "\(subtree) is no subtree of a tree of \(size) entries.")
        }
        guard !subtree.isEmpty else {
            guard proof.isEmpty, subtreeRoot == .emptyRoot else {
                throw refusal("consistency-empty", "An empty subtree has the empty root and an empty proof.")
            }
            return
        }
        var walk = ConsistencyWalk(subtree: subtree, size: size)
        var path = proof[...]
        var start = subtreeRoot
        if !walk.startsAtSubtreeRoot {
            guard let first = path.popFirst() else {
                throw refusal("consistency-length", "The consistency proof is too short.")
            }
            start = first
        }
        var earlier = start
        var later = start
        for sibling in path {
            guard let step = walk.step() else {
                throw refusal("consistency-length", "The consistency proof is too long.")
            }
            switch step {
            case .leftOfBoth:
                earlier = MerkleHash(left: sibling, right: earlier)
                later = MerkleHash(left: sibling, right: later)
            case .leftOfTree: later = MerkleHash(left: sibling, right: later)
            case .right: later = MerkleHash(left: later, right: sibling)
            }
        }
        guard walk.isAtRoot else { throw refusal("consistency-length", "The consistency proof is too short.") }
        guard earlier == subtreeRoot else {
            throw refusal("consistency-earlier", "The consistency proof leads to another earlier root.")
        }
        guard later == root else {
            throw refusal("consistency-later", "The consistency proof leads to another later root.")
        }
    }

    private static func refusal(_ code: String, _ message: String) -> Problem {
        Problem(.refused, code: "ledger.\(code)", message)
    }
}

/// The way from the last node of a subtree up to the root of the tree, as the proof's hashes are laid along it.
private struct ConsistencyWalk {
    enum Step {
        /// The hash stands left of both the subtree's node and the tree's.
        case leftOfBoth
        /// It stands left of the tree's node; the subtree ended below.
        case leftOfTree
        /// It stands right of the tree's node.
        case right
    }

    /// The first and last leaf of the subtree and the last of the tree, as positions on the level reached.
    private var first, last, end: UInt64

    init(subtree: Range<UInt64>, size: UInt64) {
        first = subtree.lowerBound
        last = subtree.upperBound - 1
        end = size - 1
        if last == end {
            while first != last { climb() }
        } else {
            while first != last, last & 1 == 1 { climb() }
        }
    }

    var startsAtSubtreeRoot: Bool { first == last }

    var isAtRoot: Bool { end == 0 }

    mutating func step() -> Step? {
        guard end > 0 else { return nil }
        defer { climb() }
        guard last & 1 == 1 || last == end else { return .right }
        let step: Step = first < last ? .leftOfBoth : .leftOfTree
        while last & 1 == 0, last > 0 { climb() }
        return step
    }

    private mutating func climb() {
        first >>= 1
        last >>= 1
        end >>= 1
    }
}

import Kernel

/// One walk over the tiles that a ledger has grown by: appends the entries to the followed edge and compares every tile
/// that is served with what the entries amount to.
///
/// What does not hold is remembered and judged at the end, because only the signed root tells which side is wrong.
struct FollowWalk {
    /// What the ledger served that does not hold.
    struct Fault: Error {
        let problem: Problem
    }

    private let start: FollowedEdge
    private(set) var frontier: MerkleFrontier
    private(set) var source: TileSource

    /// The new nodes in the open tile of each level above the leaves, level 1 first: at most 255 each.
    private var rows: [[MerkleHash]] = []
    /// The first hash tile that is not what the entries amount to.
    private var otherTile: Tile?
    /// The first new entry that has another hash in the served tile, and the tree that such tiles amount to.
    private var otherEntry: UInt64?
    private var served: MerkleFrontier?
    private var earlierIsEdited = false

    init(from frontier: MerkleFrontier) {
        start = FollowedEdge(frontier)
        self.frontier = frontier
        source = TileSource()
    }

    /// Fetches and takes in everything up to `size` entries.
    nonisolated(nonsending) mutating func go(
        to size: UInt64, inspect: LedgerFollower.Inspect?, fetch: LedgerFollower.Fetch
    ) async throws {
        for tile in Tile.tiles(of: .entries, from: frontier.size, to: size) {
            try Task.checkCancellation()
            let bundle = try await source.bundle(tile, fetch)
            let leaves = bundle.leafHashes(first: tile.width)
            let known = Int(frontier.size - tile.positions.lowerBound)
            if !start.agrees(leaves[..<known], at: 0) { earlierIsEdited = true }
            if let inspect {
                for position in known..<tile.width {
                    try inspect(tile.positions.lowerBound + UInt64(position), bundle[position])
                }
            }
            if let place = Tile(.hashes(level: 0), index: tile.index, width: tile.width) {
                compare(try await source.hashes(place, fetch), with: leaves, known: known, in: place)
            }
            for leaf in leaves[known...] {
                for node in frontier.append(leaf) { try await take(node, fetch) }
            }
        }
        for level in 1..<(rows.count + 1) where !rows[level - 1].isEmpty {
            let last = (size >> UInt64(8 * level)) - 1
            try await compareRow(level, index: last >> 8, width: Int(last & 255) + 1, fetch)
        }
    }

    private mutating func compare(
        _ hashes: [MerkleHash], with leaves: [MerkleHash], known: Int, in tile: Tile
    ) {
        if hashes != leaves {
            otherTile = otherTile ?? tile
            if served == nil, let position = (known..<leaves.count).first(where: { hashes[$0] != leaves[$0] }) {
                otherEntry = tile.positions.lowerBound + UInt64(position)
                served = frontier
            }
        }
        guard var tree = served else { return }
        for hash in hashes[known...] { tree.append(hash) }
        served = tree
    }

    private nonisolated(nonsending) mutating func take(
        _ node: MerkleFrontier.CompletedNode, _ fetch: LedgerFollower.Fetch
    ) async throws {
        let level = node.level / 8
        if rows.count < level { rows.append([]) }
        rows[level - 1].append(node.hash)
        if node.index & 255 == 255 {
            try await compareRow(level, index: node.index >> 8, width: Tile.fullWidth, fetch)
        }
    }

    /// Compares a tile above the leaves: its end with the new nodes, its beginning with the edge that was followed.
    private nonisolated(nonsending) mutating func compareRow(
        _ level: Int, index: UInt64, width: Int, _ fetch: LedgerFollower.Fetch
    ) async throws {
        guard let tile = Tile(.hashes(level: level), index: index, width: width) else { return }
        let row = rows[level - 1]
        let hashes = try await source.hashes(tile, fetch)
        let known = width - row.count
        if !hashes[known...].elementsEqual(row) || !start.agrees(hashes[..<known], at: level) {
            otherTile = otherTile ?? tile
        }
        rows[level - 1].removeAll(keepingCapacity: true)
    }
}

// MARK: - Judging

extension FollowWalk {
    /// Says what is wrong with what was served, once all of it is known.
    func judge(_ checkpoint: Checkpoint) throws {
        guard frontier.root == checkpoint.root else { throw Fault(problem: edited(checkpoint)) }
        guard !earlierIsEdited else {
            throw Fault(
                problem: Problem(
                    .refused, code: "follow.edited",
                    "An entry before \(start.size), which was followed earlier, is now served with another content.",
                    hint: "The signed tree still holds the old one. Publish the checkpoint and the entries."))
        }
        if let otherTile {
            throw Fault(
                problem: Problem(
                    .refused, code: "follow.tile-mismatch",
                    "\(TilePath.tile(otherTile)) is not what the signed entries below it amount to.",
                    hint: "Proofs made from that tile do not hold. Ask others which tile they are served."))
        }
    }

    private func edited(_ checkpoint: Checkpoint) -> Problem {
        if let otherEntry, served?.root == checkpoint.root {
            return Problem(
                .refused, code: "follow.edited",
                "Entry \(otherEntry) is served with another content than the signed tree holds.",
                hint: "Publish the checkpoint and the entry, which the signed tree does not contain.")
        }
        return Problem(
            .refused, code: "follow.edited",
            "The entries that \(checkpoint.origin) serves do not lead from the \(start.size) that were followed to the "
                + "\(checkpoint.size) that it signed: its history was rewritten, or these are other entries.",
            hint: "Publish both checkpoints, and ask others and the witnesses which entries they hold.")
    }
}

import Kernel

// What was shown of this ledger elsewhere, held against what was followed.
extension LedgerFollower {
    /// Compares leaves of the operator's log with the history that was followed: each must be of this ledger's key, and
    /// its root the one at its size.
    ///
    /// Of the past only the right edge is kept, so the roots are recomputed from tiles, which are believed as far as
    /// they lead to the root that was followed.
    ///
    /// - Parameters:
    ///   - leaves: Those of this ledger; leaves of others are passed over.
    ///   - fetch: As for ``advance(to:inspect:fetch:)``.
    /// - Throws: A ``FollowRefusal``: `follow.operator-signature`, `follow.operator-history`, or of a tile. A `Problem`
    ///   (unavailable, `follow.behind`) if the ledger shows fewer entries than the operator's log vouches for.
    public nonisolated(nonsending) func compare(_ leaves: [OperatorLeaf], fetch: Fetch) async throws {
        guard let note else { return }
        var history = FollowedHistory(size: size, root: root)
        for leaf in leaves where leaf.checkpoint.origin.utf8.elementsEqual(verifier.name.utf8) {
            func refusal(_ problem: Problem) -> FollowRefusal {
                FollowRefusal(
                    problem: problem, followed: note.encoded, shown: note.encoded, leaves: [leaf.note.encoded])
            }
            let checkpoint = leaf.checkpoint
            guard (try? Checkpoint(opening: leaf.note, with: verifier)) != nil else {
                throw refusal(
                    Problem(
                        .refused, code: "follow.operator-signature",
                        "The operator's log shows \(checkpoint.size) entries of \(verifier.name), not signed by its key.",
                        hint: "Publish the leaf: no honest operator takes it in."))
            }
            guard checkpoint.size <= size else {
                throw Problem(
                    .unavailable, code: "follow.behind",
                    "The operator's log shows \(checkpoint.size) entries of \(verifier.name), but it shows \(size) here.",
                    hint: "Try once more; if it stays so, the ledger withholds entries that it signed.")
            }
            let own: MerkleHash
            do {
                own = try await history.root(at: checkpoint.size, fetch)
            } catch let fault as FollowWalk.Fault { throw refusal(fault.problem) }
            guard own == checkpoint.root else {
                throw refusal(
                    Problem(
                        .refused, code: "follow.operator-history",
                        "\(verifier.name) signed another history of \(checkpoint.size) entries for the operator's log "
                            + "than the one that it shows here.",
                        hint: "Publish both of its checkpoints and the entries: witnesses hold the other history."))
            }
        }
    }
}

/// The roots that a followed ledger had at earlier sizes, recomputed from tiles that anyone may have forged.
private struct FollowedHistory {
    let size: UInt64
    let root: MerkleHash
    private var source = TileSource()
    private var rows: [Place: [MerkleHash]] = [:]

    private struct Place: Hashable {
        let level: Int
        let first: UInt64
    }

    /// A row of hashes that is not at hand yet.
    private struct Missing: Error {
        let place: Place
    }

    /// Rows that are kept at once; leaves come in the order of their sizes, so those along two edges are enough.
    private static let limit = 64

    init(size: UInt64, root: MerkleHash) {
        self.size = size
        self.root = root
    }

    nonisolated(nonsending) mutating func root(
        at earlier: UInt64, _ fetch: LedgerFollower.Fetch
    ) async throws -> MerkleHash {
        guard earlier < size else { return root }
        guard earlier > 0 else { return .emptyRoot }
        while true {
            do {
                return try root(at: earlier)
            } catch let missing as Missing {
                guard
                    let tile = Tile(
                        .hashes(level: missing.place.level / 8), index: missing.place.first >> 8,
                        width: Int(min(256, (size >> UInt64(missing.place.level)) - missing.place.first)))
                else { throw missing }
                let hashes = try await source.hashes(tile, fetch)
                if rows.count >= Self.limit { rows = [:] }
                rows[missing.place] = hashes
            }
        }
    }

    private func root(at earlier: UInt64) throws -> MerkleHash {
        let found: MerkleReader.Source = { [rows] level, range in
            let place = Place(level: level, first: range.lowerBound)
            guard let row = rows[place] else { throw Missing(place: place) }
            return Array(row.prefix(range.count))
        }
        var before = MerkleReader(size: earlier, source: found)
        var now = MerkleReader(size: size, source: found)
        let earlierRoot = try before.root()
        let proof = try now.consistencyProof(from: earlier)
        do throws(Problem) {
            try MerkleVerification.verifyConsistency(
                earlierSize: earlier, earlierRoot: earlierRoot, size: size, root: root, proof: proof)
        } catch {
            throw FollowWalk.Fault(
                problem: Problem(
                    .refused, code: "follow.tile-mismatch",
                    "The tiles of hashes do not lead from \(earlier) entries to the \(size) that were followed.",
                    hint: "Proofs made from them do not hold. Ask others which tiles they are served."))
        }
        return earlierRoot
    }
}

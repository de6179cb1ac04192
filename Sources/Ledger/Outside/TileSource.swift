import Kernel

/// Fetches tiles for a walk, counts them, and says precisely what is wrong with one that does not fit.
struct TileSource {
    private(set) var tiles = 0
    private(set) var bytes = 0

    /// The bundle of entries at `tile`, at least as wide.
    nonisolated(nonsending) mutating func bundle(
        _ tile: Tile, _ fetch: LedgerFollower.Fetch
    ) async throws -> EntryBundle {
        let (bytes, width) = try await content(tile, fetch)
        do throws(Problem) {
            return try EntryBundle(decoding: bytes, width: width)
        } catch { throw Self.fault(tile, error) }
    }

    /// The hashes of `tile`, exactly as wide.
    nonisolated(nonsending) mutating func hashes(
        _ tile: Tile, _ fetch: LedgerFollower.Fetch
    ) async throws -> [MerkleHash] {
        let (bytes, width) = try await content(tile, fetch)
        do throws(Problem) {
            return Array(try HashTile(decoding: bytes, width: width).hashes.prefix(tile.width))
        } catch { throw Self.fault(tile, error) }
    }

    /// The bytes of a tile, and how wide they are: a log may take away a partial tile once the full one is there.
    private nonisolated(nonsending) mutating func content(
        _ tile: Tile, _ fetch: LedgerFollower.Fetch
    ) async throws -> ([UInt8], width: Int) {
        if let found = try await found(tile, fetch) { return (found, tile.width) }
        if !tile.isFull, let found = try await found(tile.full, fetch) { return (found, Tile.fullWidth) }
        throw FollowWalk.Fault(
            problem: Problem(
                .refused, code: "follow.missing",
                "The ledger has no \(TilePath.tile(tile)), which the size that it signed demands.",
                hint: "Try once more; if it stays missing, the ledger withholds entries. Keep the checkpoint."))
    }

    private nonisolated(nonsending) mutating func found(
        _ tile: Tile, _ fetch: LedgerFollower.Fetch
    ) async throws -> [UInt8]? {
        do {
            let found = try await fetch(.tile(tile))
            tiles += 1
            bytes += found.count
            return found
        } catch let problem as Problem where problem.kind == .notFound {
            return nil
        }
    }

    private static func fault(_ tile: Tile, _ problem: Problem) -> FollowWalk.Fault {
        FollowWalk.Fault(
            problem: Problem(
                .refused, code: problem.code == "tile.oversized" ? "follow.oversized" : "follow.truncated",
                "\(TilePath.tile(tile)) is not as the size that the ledger signed demands. \(problem.message)",
                hint: "Try once more; if it stays so, the ledger withholds or pads entries. Keep the checkpoint."))
    }
}

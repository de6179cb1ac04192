import Kernel
import Ledger

// What outsiders may fetch of a ledger: its newest signed checkpoint and the tiles below it, and nothing else.
extension LedgerDesk {
    /// The newest signed checkpoint as it is stored; `nil` before the first. Signs nothing.
    public func signedCheckpoint() async throws -> SignedNote? {
        let note = try await database.driver.read(organisation: organisation) { [organisation] session in
            try LedgerRows(session: session, organisation: organisation).newestCheckpoint()?.note
        }
        return try note.map { try SignedNote(parsing: $0) }
    }

    /// The bytes of one tile, as c2sp.org/tlog-tiles has them served.
    ///
    /// Anyone may ask, so only what the newest signed checkpoint covers is given: an entry that is not signed yet could
    /// still be lost with the machine, and nobody could tell that from a rewriting.
    ///
    /// - Returns: At most 256 entries or hashes; `nil` if no signed checkpoint covers the tile.
    public func content(of tile: Tile) async throws -> [UInt8]? {
        try await database.driver.read(organisation: organisation) { [organisation] session in
            let rows = LedgerRows(session: session, organisation: organisation)
            guard let newest = try rows.newestCheckpoint(), tile.isHeld(byTreeOf: newest.size) else { return nil }
            switch tile.content {
            case .entries: return try EntryBundle.encode(try rows.leaves(tile.positions))
            case .hashes(let level): return try HashTile(try rows.hashes(8 * level, tile.positions)).encoded
            }
        }
    }
}

extension LedgerRows {
    /// The leaves of `range`, which must all be there.
    fileprivate func leaves(_ range: Range<UInt64>) throws -> [[UInt8]] {
        var leaves: [[UInt8]] = []
        try session.rows(
            "SELECT leaf FROM ledger_entry WHERE organisation = ? AND number >= ? AND number < ? ORDER BY number",
            [
                .blob(organisation.bytes), .integer(Int64(clamping: range.lowerBound)),
                .integer(Int64(clamping: range.upperBound)),
            ]
        ) { leaves.append($0.blob(0)) }
        guard leaves.count == range.count else { throw Self.incomplete(range) }
        return leaves
    }

    /// The stored hashes of `range` on a level of the tree, which must all be there.
    fileprivate func hashes(_ level: Int, _ range: Range<UInt64>) throws -> [MerkleHash] {
        let hashes = try storedHashes(level: level, range)
        guard hashes.count == range.count else { throw Self.incomplete(range) }
        return hashes
    }

    private static func incomplete(_ range: Range<UInt64>) -> Problem {
        Problem(
            .unavailable, code: "ledger.incomplete", "The ledger cannot be read here.",
            hint: "Its operator must run `vouchsafe ledger verify`.", cause: "entries or hashes \(range) are missing")
    }
}

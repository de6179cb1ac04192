import Kernel
import Ledger

/// One organisation's ledger as rows: the head, the entries, and every eighth level of the tree.
struct LedgerRows {
    let session: any SQLSession
    let organisation: Identifier<Organisation>

    /// The tree's right edge, which also tells its size.
    ///
    /// - Throws: `Problem` `ledger.head` or `ledger.frontier` if it is missing or damaged.
    func frontier() throws -> MerkleFrontier {
        let stored = try session.first(
            "SELECT frontier FROM ledger_head WHERE organisation = ?", [.blob(organisation.bytes)]
        ) { $0.blob(0) }
        guard let stored else {
            // Only a ledger without entries has no head yet; anything else would begin a second ledger over the first.
            let entry = try session.first(
                "SELECT number FROM ledger_entry WHERE organisation = ? LIMIT 1", [.blob(organisation.bytes)]
            ) { $0.integer(0) }
            guard entry == nil else { throw Self.damagedHead("is missing") }
            return MerkleFrontier()
        }
        let frontier = try MerkleFrontier(encoded: stored)
        guard frontier.size < Self.longest else { throw Self.damagedHead("claims \(frontier.size) entries") }
        return frontier
    }

    /// More entries than any ledger will have, and few enough for every sum over them.
    private static let longest: UInt64 = 1 << 48

    private static func damagedHead(_ what: String) -> Problem {
        Problem(
            .refused, code: "ledger.head", "The stored head of the ledger \(what).",
            hint: "Nothing more is written to it. Keep a copy of the database and restore the newest backup.")
    }

    /// Appends one entry after `frontier`.
    func append(_ entry: LedgerEntry, after frontier: MerkleFrontier) throws {
        var edge = frontier
        let leaf = entry.encoded
        let hash = MerkleHash(leaf: leaf)
        try session.execute(
            "INSERT INTO ledger_entry (organisation, number, leaf, leaf_hash) VALUES (?, ?, ?, ?)",
            [.blob(organisation.bytes), .integer(Int64(edge.size)), .blob(leaf), .blob(hash.bytes)])
        for node in edge.append(hash) {
            try session.execute(
                "INSERT INTO ledger_node (organisation, level, number, hash) VALUES (?, ?, ?, ?)",
                [
                    .blob(organisation.bytes), .integer(Int64(node.level)), .integer(Int64(node.index)),
                    .blob(node.hash.bytes),
                ])
        }
        try session.execute(
            """
            INSERT INTO ledger_head (organisation, frontier) VALUES (?, ?) \
            ON CONFLICT (organisation) DO UPDATE SET frontier = excluded.frontier
            """,
            [.blob(organisation.bytes), .blob(edge.encoded)])
    }

    /// A reader of the tree of the first `size` entries.
    func reader(size: UInt64) -> MerkleReader {
        MerkleReader(size: size) { level, range in
            var hashes: [MerkleHash] = []
            hashes.reserveCapacity(range.count)
            let (sql, arguments): (String, [SQLValue]) =
                level == 0
                ? (
                    "SELECT leaf_hash FROM ledger_entry WHERE organisation = ? AND number >= ? AND number < ? ORDER BY number",
                    []
                )
                : (
                    "SELECT hash FROM ledger_node WHERE organisation = ? AND level = ? AND number >= ? AND number < ? ORDER BY number",
                    [.integer(Int64(level))]
                )
            try session.rows(
                sql,
                [.blob(organisation.bytes)] + arguments
                    + [.integer(Int64(range.lowerBound)), .integer(Int64(range.upperBound))]
            ) { row in
                guard let hash = MerkleHash(bytes: row.blob(0)) else {
                    throw Problem(
                        .refused, code: "ledger.damaged-node",
                        "A stored hash at level \(level) of the ledger is damaged.")
                }
                hashes.append(hash)
            }
            return hashes
        }
    }

    /// The newest signed checkpoint, if there is one.
    func newestCheckpoint() throws -> (size: UInt64, note: [UInt8])? {
        try session.first(
            "SELECT size, note FROM checkpoint WHERE organisation = ? ORDER BY size DESC LIMIT 1",
            [.blob(organisation.bytes)]
        ) { (UInt64(clamping: $0.integer(0)), $0.blob(1)) }
    }

    /// Entry `number`'s leaf, or `nil`.
    func leaf(_ number: UInt64) throws -> [UInt8]? {
        try session.first(
            "SELECT leaf FROM ledger_entry WHERE organisation = ? AND number = ?",
            [.blob(organisation.bytes), .integer(Int64(clamping: number))]
        ) { $0.blob(0) }
    }
}

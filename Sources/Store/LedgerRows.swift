import Kernel
import Ledger
import Vault

/// One organisation's ledger as rows: the head, the entries, and every eighth level of the tree.
struct LedgerRows {
    let session: any SQLSession
    let organisation: Identifier<Organisation>

    /// The tree's right edge, which also tells its size.
    ///
    /// - Parameter locked: Whether nobody else may append until the transaction ends.
    /// - Throws: `Problem` `ledger.head` or `ledger.frontier` if it is missing or damaged.
    func frontier(locked: Bool = false) throws -> MerkleFrontier {
        let sql = locked ? lockingHead : Self.head
        let stored = try session.first(sql, [.blob(organisation.bytes)]) { $0.blob(0) }
        guard let stored else { throw Self.damagedHead("is missing") }
        let frontier = try MerkleFrontier(encoded: stored)
        guard frontier.size < Self.longest else { throw Self.damagedHead("claims \(frontier.size) entries") }
        return frontier
    }

    /// Begins a ledger without entries. The row is there before the first change, so that changes can stand in line for it.
    func begin() throws {
        try session.execute(
            "INSERT INTO ledger_head (organisation, frontier, signed_size, signed_count) VALUES (?, ?, 0, 0)",
            [.blob(organisation.bytes), .blob(MerkleFrontier().encoded)])
    }

    private static let head = "SELECT frontier FROM ledger_head WHERE organisation = ?"

    private var lockingHead: String { Self.head + session.rowLock }

    /// Lets nobody else append until the transaction ends, in whatever state the ledger is.
    func lock() throws { try session.rows(lockingHead, [.blob(organisation.bytes)]) { _ in } }

    /// Has the head read and locked together with whatever else is sent.
    func prefetchHead() throws { try session.prefetch(lockingHead, [.blob(organisation.bytes)]) }

    private static let currentKey = "SELECT id FROM data_key WHERE organisation = ? ORDER BY id DESC LIMIT 1"

    /// The name of the data key that new rows are sealed with; `nil` if there is none.
    func sealingKey() throws -> Identifier<DataKey>? {
        try session.first(Self.currentKey, [.blob(organisation.bytes)]) { Identifier(bytes: $0.blob(0)) } ?? nil
    }

    /// Has that name read together with whatever else is sent.
    func prefetchSealingKey() throws { try session.prefetch(Self.currentKey, [.blob(organisation.bytes)]) }

    /// More entries than any ledger will have, and few enough for every sum over them.
    private static let longest: UInt64 = 1 << 48

    private static func damagedHead(_ what: String) -> Problem {
        Problem(
            .refused, code: "ledger.head", "The stored head of the ledger \(what).",
            hint: "Nothing more is written to it. Keep a copy of the database and restore the newest backup.")
    }

    /// An entry with its place and hash.
    struct Appended {
        let number: Int64
        let leaf: [UInt8]
        let hash: MerkleHash
    }

    /// Writes appended entries, the inner hashes that they completed, and the end that they lead to.
    func write(_ entries: [Appended], nodes: [MerkleFrontier.CompletedNode], end: MerkleFrontier) throws {
        var rest = entries[...]
        while !rest.isEmpty {
            // Few sizes, so that few statements are prepared.
            let count = [64, 16, 4, 1].first { $0 <= rest.count } ?? 1
            let values = repeatElement("(?, ?, ?, ?)", count: count).joined(separator: ", ")
            try session.send(
                "INSERT INTO ledger_entry (organisation, number, leaf, leaf_hash) VALUES \(values)",
                rest.prefix(count).flatMap { entry -> [SQLValue] in
                    [.blob(organisation.bytes), .integer(entry.number), .blob(entry.leaf), .blob(entry.hash.bytes)]
                })
            rest = rest.dropFirst(count)
        }
        for node in nodes {
            try session.send(
                "INSERT INTO ledger_node (organisation, level, number, hash) VALUES (?, ?, ?, ?)",
                [
                    .blob(organisation.bytes), .integer(Int64(node.level)), .integer(Int64(node.index)),
                    .blob(node.hash.bytes),
                ])
        }
        try session.send(
            "UPDATE ledger_head SET frontier = ? WHERE organisation = ?",
            [.blob(end.encoded), .blob(organisation.bytes)])
    }

    /// A reader of the tree of the first `size` entries.
    func reader(size: UInt64) -> MerkleReader {
        MerkleReader(size: size) { level, range in try storedHashes(level: level, range) }
    }

    /// The hashes that are stored of `range` on a level, 0 or another multiple of 8; fewer if some are missing.
    func storedHashes(level: Int, _ range: Range<UInt64>) throws -> [MerkleHash] {
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

    /// Keeps a signed checkpoint, and in the head that there is one more.
    func keep(_ note: SignedNote, size: UInt64) throws {
        try session.execute(
            "INSERT INTO checkpoint (organisation, size, note) VALUES (?, ?, ?)",
            [.blob(organisation.bytes), .integer(Int64(clamping: size)), .blob(note.encoded)])
        try session.execute(
            "UPDATE ledger_head SET signed_size = ?, signed_count = signed_count + 1 WHERE organisation = ?",
            [.integer(Int64(clamping: size)), .blob(organisation.bytes)])
    }

    /// How long the ledger was when it was last signed, and how often it was.
    func signed() throws -> (size: Int64, count: Int64) {
        let stored = try session.first(
            "SELECT signed_size, signed_count FROM ledger_head WHERE organisation = ?", [.blob(organisation.bytes)]
        ) { (size: $0.integer(0), count: $0.integer(1)) }
        guard let stored else { throw Self.damagedHead("is missing") }
        return stored
    }

    /// The newest signed checkpoint, if there is one.
    func newestCheckpoint() throws -> (size: UInt64, note: [UInt8])? {
        try session.first(
            "SELECT size, note FROM checkpoint WHERE organisation = ? ORDER BY size DESC LIMIT 1",
            [.blob(organisation.bytes)]
        ) { (UInt64(clamping: $0.integer(0)), $0.blob(1)) }
    }

    /// The checkpoint that was signed for `size` entries, or `nil`.
    func checkpoint(at size: UInt64) throws -> [UInt8]? {
        try session.first(
            "SELECT note FROM checkpoint WHERE organisation = ? AND size = ?",
            [.blob(organisation.bytes), .integer(Int64(clamping: size))]
        ) { $0.blob(0) }
    }

    /// Entry `number`'s leaf, or `nil`.
    func leaf(_ number: UInt64) throws -> [UInt8]? {
        try session.first(
            "SELECT leaf FROM ledger_entry WHERE organisation = ? AND number = ?",
            [.blob(organisation.bytes), .integer(Int64(clamping: number))]
        ) { $0.blob(0) }
    }
}

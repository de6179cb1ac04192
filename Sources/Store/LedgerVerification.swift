import Kernel
import Ledger

/// What a walk through a whole ledger found.
public struct LedgerVerification: Sendable {
    /// How many entries, stored rows and signed checkpoints were checked.
    public let entries: UInt64
    public let rows: Int
    public let checkpoints: Int
    /// The root over all entries.
    public let root: MerkleHash
    /// What does not hold, by entry; empty if all of it holds.
    public let problems: [Problem]
}

extension LedgerDesk {
    /// Walks all of it: every entry into the tree, every signed checkpoint, and every stored row back to the entry that wrote it.
    ///
    /// Finds a changed, missing, added, moved or rolled-back row or entry. It cannot find a ledger that was rewritten from
    /// the start with the signing key: that takes a checkpoint held by someone else.
    public func verify() async throws -> LedgerVerification {
        let verifier = try await verifier()
        let seal = try await database.seal(of: organisation)
        return try await database.driver.read { [organisation, tables = database.recordTables] session in
            var walk = LedgerWalk(session: session, organisation: organisation, seal: seal)
            try walk.walkEntries(verifier: verifier)
            for table in tables { try walk.walkRows(of: table) }
            try walk.walkResidue()
            walk.matchRowsToEntries()
            return walk.result
        }
    }
}

/// The state of a walk. Problems are collected, so that one bad row does not hide another.
private struct LedgerWalk {
    private struct Expected {
        let rows: UInt64
        let content: MerkleHash
    }

    private struct Found {
        let entry: Int64
        let position: Int64
        let digest: RowDigest
        let table: Int
    }

    let session: any SQLSession
    let organisation: Identifier<Organisation>
    let seal: RowSeal

    private var expected: [Expected] = []
    private var found: [Found] = []
    private var tableNames: [String] = []
    private var frontier = MerkleFrontier()
    private var checkpoints = 0
    private var problems: [(entry: Int64, problem: Problem)] = []

    init(session: any SQLSession, organisation: Identifier<Organisation>, seal: RowSeal) {
        self.session = session
        self.organisation = organisation
        self.seal = seal
    }

    var result: LedgerVerification {
        LedgerVerification(
            entries: frontier.size, rows: found.count, checkpoints: checkpoints, root: frontier.root,
            problems: problems.sorted { $0.entry < $1.entry }.prefix(100).map(\.problem))
    }

    // MARK: - The tree

    mutating func walkEntries(verifier: NoteVerifier) throws {
        let rows = LedgerRows(session: session, organisation: organisation)
        let stored = try rows.frontier()
        var signed = try signedSizes()[...]
        var nodes: [MerkleFrontier.CompletedNode] = []
        var walk = self
        try session.rows(
            "SELECT number, leaf, leaf_hash FROM ledger_entry WHERE organisation = ? ORDER BY number",
            [.blob(organisation.bytes)]
        ) { row in
            let number = row.integer(0)
            let leaf = row.blob(1)
            if number != Int64(walk.frontier.size) {
                walk.report(number, "ledger.missing-entry", "Entry \(walk.frontier.size) is missing; the next one is \(number).")
            }
            let hash = MerkleHash(leaf: leaf)
            if hash.bytes != row.blob(2) {
                walk.report(number, "ledger.leaf-hash", "Entry \(number) is not what its stored hash says.")
            }
            do throws(Problem) {
                let entry = try LedgerEntry(parsing: leaf)
                walk.expected.append(Expected(rows: entry.rows, content: entry.content))
                if entry.organisation != walk.organisation.retyped() {
                    walk.report(number, "ledger.foreign-entry", "Entry \(number) belongs to another organisation's ledger.")
                }
            } catch {
                walk.expected.append(Expected(rows: 0, content: .emptyRoot))
                walk.report(number, error.code, "Entry \(number): \(error.message)")
            }
            nodes += walk.frontier.append(hash)
            while let next = signed.first, next.size <= walk.frontier.size {
                signed.removeFirst()
                walk.checkCheckpoint(next.note, size: next.size, verifier: verifier)
            }
        }
        for checkpoint in signed {
            walk.report(
                Int64(walk.frontier.size), "ledger.truncated",
                "A checkpoint for \(checkpoint.size) entries was signed, but only \(walk.frontier.size) are there.")
        }
        if walk.frontier != stored {
            walk.report(
                Int64(walk.frontier.size), "ledger.head",
                "The stored head (\(stored.size) entries) is not the one that the \(walk.frontier.size) entries lead to.")
        }
        try walk.checkNodes(nodes)
        self = walk
    }

    private func signedSizes() throws -> [(size: UInt64, note: [UInt8])] {
        var signed: [(UInt64, [UInt8])] = []
        try session.rows(
            "SELECT size, note FROM checkpoint WHERE organisation = ? ORDER BY size", [.blob(organisation.bytes)]
        ) { signed.append((UInt64(clamping: $0.integer(0)), $0.blob(1))) }
        return signed
    }

    private mutating func checkCheckpoint(_ note: [UInt8], size: UInt64, verifier: NoteVerifier) {
        checkpoints += 1
        do {
            let checkpoint = try Checkpoint(opening: try SignedNote(parsing: note), with: verifier)
            if checkpoint.size != size || checkpoint.root != frontier.root {
                report(
                    Int64(size) - 1, "ledger.checkpoint",
                    "The checkpoint signed for \(size) entries has another root: an entry before it was changed.")
            }
        } catch {
            report(Int64(size) - 1, "ledger.checkpoint", "The checkpoint for \(size) entries does not verify: \(error.message)")
        }
    }

    private mutating func checkNodes(_ nodes: [MerkleFrontier.CompletedNode]) throws {
        var stored: [String: [UInt8]] = [:]
        try session.rows(
            "SELECT level, number, hash FROM ledger_node WHERE organisation = ?", [.blob(organisation.bytes)]
        ) { stored["\($0.integer(0)).\($0.integer(1))"] = $0.blob(2) }
        for node in nodes where stored["\(node.level).\(node.index)"] != node.hash.bytes {
            report(
                Int64(node.index) << Int64(node.level), "ledger.node",
                "The stored hash \(node.index) at level \(node.level) is not the one that the entries lead to.")
        }
    }

    // MARK: - The rows

    mutating func walkRows(of table: RecordTable) throws {
        tableNames.append(table.name)
        var walk = self
        let sql = "SELECT \(SealedRow.columns(of: table)) FROM \(table.name) WHERE organisation = ?"
        try session.rows(sql, [.blob(organisation.bytes)]) { row in
            let row = SealedRow(row, table: table)
            let name = Identifier<Record>(bytes: row.id)?.description ?? row.id.hex
            do {
                let digest = try walk.seal.digest(of: row, in: table)
                if digest.bytes != row.digest {
                    walk.report(row.entry, "ledger.digest", "Row \(name) of \(table.name) is not what its digest says.")
                }
                walk.found.append(
                    Found(entry: row.entry, position: row.position, digest: digest, table: walk.tableNames.count - 1))
            } catch let problem as Problem {
                walk.report(
                    row.entry, problem.code,
                    "Row \(name) of \(table.name), written by entry \(row.entry), was changed: \(problem.message)")
                if let digest = RowDigest(bytes: row.digest) {
                    walk.found.append(
                        Found(entry: row.entry, position: row.position, digest: digest, table: walk.tableNames.count - 1))
                }
            }
        }
        self = walk
    }

    private enum Record {}

    mutating func walkResidue() throws {
        tableNames.append("ledger_residue")
        var walk = self
        try session.rows(
            "SELECT entry, position, digest FROM ledger_residue WHERE organisation = ?", [.blob(organisation.bytes)]
        ) { row in
            guard let digest = RowDigest(bytes: row.blob(2)) else {
                walk.report(row.integer(0), "ledger.residue", "What entry \(row.integer(0)) left of a row is damaged.")
                return
            }
            walk.found.append(
                Found(entry: row.integer(0), position: row.integer(1), digest: digest, table: walk.tableNames.count - 1))
        }
        self = walk
    }

    mutating func matchRowsToEntries() {
        found.sort { ($0.entry, $0.position) < ($1.entry, $1.position) }
        var next = 0
        for (number, entry) in expected.enumerated() {
            while next < found.count, found[next].entry < number { next += 1 }
            let first = next
            while next < found.count, found[next].entry == number { next += 1 }
            check(found[first..<next], against: entry, number: Int64(number))
        }
        for row in found[next...] {
            report(
                row.entry, "ledger.unledgered-row",
                "A row of \(tableNames[row.table]) claims entry \(row.entry), which is not in the ledger.")
        }
    }

    private mutating func check(_ rows: ArraySlice<Found>, against entry: Expected, number: Int64) {
        for (expectedPosition, row) in rows.enumerated() where row.position != Int64(expectedPosition) {
            report(
                number, "ledger.missing-row",
                "Row \(expectedPosition) of the \(entry.rows) that entry \(number) wrote is missing or doubled.")
            return
        }
        guard UInt64(rows.count) == entry.rows else {
            report(
                number, "ledger.missing-row", "Entry \(number) wrote \(entry.rows) rows, but \(rows.count) are there.")
            return
        }
        guard ContentTree(rows.map(\.digest)).root == entry.content else {
            report(number, "ledger.content", "A row that entry \(number) wrote is not the one it committed to.")
            return
        }
    }

    private mutating func report(_ entry: Int64, _ code: String, _ message: String) {
        problems.append((entry, Problem(.refused, code: code, message)))
    }
}

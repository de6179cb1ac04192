import Kernel
import Ledger

/// The state of a verification between two stretches. Each stretch is read from a snapshot of its own.
struct LedgerWalk: Sendable {
    private let organisation: Identifier<Organisation>
    private let tables: [RecordTable]
    private var frontier = MerkleFrontier()
    /// The number after the last entry that was read; the size of the tree, unless entries are missing.
    private var next: Int64 = 0
    private var nodes: [MerkleFrontier.CompletedNode] = []
    private var rows = 0
    private var checkpoints = 0
    /// The size of the last checkpoint that was looked at. More may be signed between two stretches, for what is walked already.
    private var newestSigned: Int64?
    private(set) var isComplete = false
    var findings = LedgerFindings()
    /// What only the operator's log has.
    var operatorLog = OperatorWalk()

    /// How many entries and rows are taken in at once.
    private static let stretch = 10_000

    init(organisation: Identifier<Organisation>, tables: [RecordTable]) {
        self.organisation = organisation
        self.tables = tables
    }

    var result: LedgerVerification {
        LedgerVerification(
            entries: frontier.size, rows: rows, checkpoints: checkpoints, root: frontier.root,
            problems: findings.problems)
    }

    /// Checks the next stretch of entries with their rows; after the last one, what stands around them.
    mutating func advance(in session: any SQLSession, seal: RowSeal, verifier: NoteVerifier) throws {
        let first = next
        let signed = try checkpoints(in: session)
        let entries = try walkEntries(in: session, signed: signed, verifier: verifier)
        var content = ContentWalk(organisation: organisation, seal: seal, findings: findings)
        for table in tables { try content.walk(table, entries: first..<next, in: session) }
        try content.walkResidue(entries: first..<next, in: session)
        content.match(entries)
        isComplete = entries.isEmpty
        if isComplete {
            try content.findUnledgered(in: tables, from: next, session)
        }
        findings = content.findings
        rows += content.count
        if organisation == .operatorLog { try operatorLog.comparePlaces(first..<next, in: session, &findings) }
        if isComplete {
            for checkpoint in signed where checkpoint.size > frontier.size {
                checkpoints += 1
                newestSigned = max(newestSigned ?? .min, Int64(clamping: checkpoint.size))
                findings.report(
                    Int64(frontier.size), "ledger.truncated",
                    "A checkpoint for \(checkpoint.size) entries was signed, but only \(frontier.size) are there.")
            }
            checkHead(in: session)
            try checkNodes(in: session)
            if organisation == .operatorLog {
                try operatorLog.checkCosignatures(in: session, by: verifier, &findings)
            } else {
                try findOperatorRows(in: session)
            }
            if organisation == .installation { try findStrays(in: session) }
        }
    }

    // MARK: - Entries

    private mutating func walkEntries(
        in session: any SQLSession, signed: [SignedSize], verifier: NoteVerifier
    ) throws -> [ContentWalk.Expected] {
        var walk = self
        var signed = signed[...]
        var entries: [ContentWalk.Expected] = []
        try session.rows(
            """
            SELECT number, leaf, leaf_hash FROM ledger_entry WHERE organisation = ? AND number >= ? \
            ORDER BY number LIMIT \(Self.stretch)
            """,
            [.blob(organisation.bytes), .integer(frontier.size == 0 ? .min : next)]
        ) { row in
            while let next = signed.first, next.size <= walk.frontier.size {
                signed.removeFirst()
                walk.check(next, verifier)
            }
            entries.append(walk.take(number: row.integer(0), leaf: row.blob(1), hash: row.blob(2)))
        }
        while let next = signed.first, next.size <= walk.frontier.size {
            signed.removeFirst()
            walk.check(next, verifier)
        }
        self = walk
        return entries
    }

    private mutating func take(number: Int64, leaf: [UInt8], hash stored: [UInt8]) -> ContentWalk.Expected {
        let index = Int64(frontier.size)
        if number != index {
            findings.report(index, "ledger.missing-entry", "Entry \(index) is missing; the next one is \(number).")
        }
        let hash = MerkleHash(leaf: leaf)
        if hash.bytes != stored {
            findings.report(index, "ledger.leaf-hash", "Entry \(number) is not what its stored hash says.")
        }
        nodes += frontier.append(hash)
        next = max(next, number == .max ? number : number + 1)
        guard organisation != .operatorLog else {
            operatorLog.take(leaf, number: number, &findings)
            return ContentWalk.Expected(number: number, rows: 0, content: .emptyRoot)
        }
        do throws(Problem) {
            let entry = try LedgerEntry(parsing: leaf)
            if entry.organisation != organisation.retyped() {
                findings.report(
                    index, "ledger.foreign-entry", "Entry \(number) belongs to another organisation's ledger.")
            }
            return ContentWalk.Expected(number: number, rows: entry.rows, content: entry.content)
        } catch {
            findings.report(index, error.code, "Entry \(number): \(error.message)")
            return ContentWalk.Expected(number: number, rows: nil, content: .emptyRoot)
        }
    }

    // MARK: - Checkpoints

    private struct SignedSize {
        let size: UInt64
        let note: [UInt8]
    }

    /// The stored checkpoints that were not reached yet. One for no entries at all is checked with the first stretch.
    private func checkpoints(in session: any SQLSession) throws -> [SignedSize] {
        var signed: [SignedSize] = []
        try session.rows(
            "SELECT size, note FROM checkpoint WHERE organisation = ? AND size > ? ORDER BY size",
            [.blob(organisation.bytes), .integer(newestSigned ?? .min)]
        ) { row in signed.append(SignedSize(size: UInt64(clamping: row.integer(0)), note: row.blob(1))) }
        return signed
    }

    private mutating func check(_ signed: SignedSize, _ verifier: NoteVerifier) {
        checkpoints += 1
        newestSigned = max(newestSigned ?? .min, Int64(clamping: signed.size))
        let last = Int64(clamping: signed.size) - 1
        do {
            let checkpoint = try Checkpoint(opening: try SignedNote(parsing: signed.note), with: verifier)
            if checkpoint.size != signed.size || checkpoint.root != frontier.root {
                findings.report(
                    last, "ledger.checkpoint",
                    "The checkpoint signed for \(signed.size) entries has another root: an entry before it was changed."
                )
            }
        } catch {
            findings.report(
                last, "ledger.checkpoint", "The checkpoint for \(signed.size) entries does not verify: \(error.message)"
            )
        }
    }

    // MARK: - The tree

    private mutating func checkHead(in session: any SQLSession) {
        let end = Int64(frontier.size)
        do {
            let rows = LedgerRows(session: session, organisation: organisation)
            let stored = try rows.frontier()
            if stored != frontier {
                findings.report(
                    end, "ledger.head",
                    "The stored head (\(stored.size) entries) is not the one that the \(frontier.size) entries lead to."
                )
            }
            let signed = try rows.signed()
            if signed.count != checkpoints || signed.size != newestSigned ?? 0 {
                findings.report(
                    signed.size, "ledger.missing-checkpoint",
                    """
                    \(signed.count) checkpoints were signed, the newest for \(signed.size) entries, but \(checkpoints) are there, \
                    the newest for \(newestSigned ?? 0).
                    """)
            }
        } catch {
            findings.report(end, "ledger.head", "The stored head of the ledger is missing or damaged.")
        }
    }

    /// Rows that only the operator's log may have.
    private mutating func findOperatorRows(in session: any SQLSession) throws {
        for table in ["operator_leaf", "cosignature"] {
            let stray = try session.first(
                "SELECT 1 FROM \(table) WHERE organisation = ? LIMIT 1", [.blob(organisation.bytes)]
            ) { $0.integer(0) }
            guard stray != nil else { continue }
            findings.report(nil, "ledger.stray-row", "A row of \(table) belongs to no log.")
        }
    }

    /// Rows of an organisation that has no keys, which no other organisation's walk would meet.
    private mutating func findStrays(in session: any SQLSession) throws {
        let ledger = [
            "signing_key", "ledger_head", "ledger_entry", "ledger_node", "ledger_residue", "checkpoint",
            "operator_leaf", "cosignature",
        ]
        for table in ledger + tables.map(\.name) {
            let stray = try session.first(
                "SELECT organisation FROM \(table) WHERE organisation NOT IN (SELECT organisation FROM data_key) LIMIT 1",
                []
            ) { $0.blob(0) }
            guard let stray else { continue }
            findings.report(
                nil, "ledger.stray-row",
                "A row of \(table) belongs to the organisation \(stray.hex), which is not here.")
        }
    }

    private mutating func checkNodes(in session: any SQLSession) throws {
        struct Place: Hashable {
            let level, number: Int64
        }
        var stored: [Place: [UInt8]] = [:]
        try session.rows(
            "SELECT level, number, hash FROM ledger_node WHERE organisation = ?", [.blob(organisation.bytes)]
        ) { stored[Place(level: $0.integer(0), number: $0.integer(1))] = $0.blob(2) }
        for node in nodes {
            let place = Place(level: Int64(node.level), number: Int64(node.index))
            guard stored.removeValue(forKey: place) != node.hash.bytes else { continue }
            findings.report(
                Int64(node.index) << Int64(node.level), "ledger.node",
                "The stored hash \(node.index) at level \(node.level) is not the one that the entries lead to.")
        }
        for place in stored.keys {
            findings.report(
                nil, "ledger.node", "The stored hash \(place.number) at level \(place.level) belongs to no entries.")
        }
    }
}

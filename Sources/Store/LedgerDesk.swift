import Kernel
import Ledger

/// One organisation's ledger from outside: its entries, signed checkpoints and proofs.
public struct LedgerDesk: Sendable {
    let database: Database
    /// Whose ledger it is.
    public let organisation: Identifier<Organisation>

    init(database: Database, organisation: Identifier<Organisation>) {
        self.database = database
        self.organisation = organisation
    }

    /// The key that verifies its checkpoints, to be handed out; its name is the ledger's own, its origin.
    public func verifier() async throws -> NoteVerifier { try await signer().verifier }

    /// How many entries there are.
    public func size() async throws -> UInt64 {
        try await database.driver.read(organisation: organisation) { [organisation] session in
            try LedgerRows(session: session, organisation: organisation).frontier().size
        }
    }

    /// The newest signed checkpoint, signing one first if entries came since.
    ///
    /// Never signs a smaller ledger than it signed before: the row for a size is written once, under the writer's lock.
    ///
    /// - Parameter lease: Where several servers share the database, the right to sign; whoever lost it meanwhile does not.
    @discardableResult
    public func publishCheckpoint(under lease: Lease? = nil) async throws -> SignedNote {
        let signer = try await signer()
        let newest = try await database.driver.read(organisation: organisation) { [organisation] session in
            let rows = LedgerRows(session: session, organisation: organisation)
            return (head: try rows.frontier().size, checkpoint: try rows.newestCheckpoint())
        }
        if let checkpoint = newest.checkpoint, checkpoint.size == newest.head {
            return try SignedNote(parsing: checkpoint.note)
        }
        return try await database.write(organisation: organisation, appends: true) { [organisation] write in
            let session = write.session
            let rows = LedgerRows(session: session, organisation: organisation)
            let frontier = try write.tail.end()
            if let lease, try !LeaseRows.isHeld(lease, by: organisation, in: session) {
                throw Problem(
                    .conflict, code: "ledger.not-signer", "Another server signs this ledger now.",
                    hint: "Nothing is lost: it signs what is there.")
            }
            // The tree is read back from its rows before it is signed, those of this transaction's own changes included.
            try write.tail.flush()
            if let newest = try rows.newestCheckpoint() {
                if newest.size == frontier.size { return try SignedNote(parsing: newest.note) }
                guard newest.size < frontier.size else {
                    throw Problem(
                        .refused, code: "ledger.shrunk",
                        "The ledger has \(frontier.size) entries, but a checkpoint for \(newest.size) was signed already.",
                        hint:
                            "The database was rolled back or tampered with. Nothing more is signed; restore the newest backup."
                    )
                }
            }
            try Self.confirm(frontier, follows: try rows.newestCheckpoint(), in: rows, verifier: signer.verifier)
            let note = try Checkpoint(origin: signer.verifier.name, size: frontier.size, root: frontier.root)
                .signed(by: signer)
            try rows.keep(note, size: frontier.size)
            return note
        }
    }

    /// Makes sure that what is about to be signed is what the stored tree says and continues what was signed before.
    ///
    /// A signature cannot be taken back, so a damaged head must never get one. Costs a few tiles of hashes, however long the ledger.
    private static func confirm(
        _ frontier: MerkleFrontier, follows earlier: (size: UInt64, note: [UInt8])?, in rows: LedgerRows,
        verifier: NoteVerifier
    ) throws {
        var tree = rows.reader(size: frontier.size)
        guard try tree.root() == frontier.root else { throw inconsistent("its head and its entries differ") }
        guard let earlier else { return }
        let checkpoint = try Checkpoint(opening: try SignedNote(parsing: earlier.note), with: verifier)
        var before = rows.reader(size: earlier.size)
        guard checkpoint.size == earlier.size, try before.root() == checkpoint.root else {
            throw inconsistent("an entry below the checkpoint for \(earlier.size) entries was changed")
        }
    }

    private static func inconsistent(_ what: String) -> Problem {
        Problem(
            .refused, code: "ledger.inconsistent", "The ledger is not signed: \(what).",
            hint: "Run `vouchsafe ledger verify`, keep a copy of the database, and restore the newest backup.")
    }

    /// Entries before `before`, newest first.
    ///
    /// - Parameter limit: How many at most, 1…1,000.
    public func entries(before: UInt64?, limit: Int) async throws -> [(index: UInt64, entry: LedgerEntry)] {
        try await database.driver.read(organisation: organisation) { [organisation] session in
            var entries: [(UInt64, LedgerEntry)] = []
            try session.rows(
                """
                SELECT number, leaf FROM ledger_entry WHERE organisation = ? AND number < ? \
                ORDER BY number DESC LIMIT \(min(max(1, limit), 1000))
                """,
                [.blob(organisation.bytes), .integer(before.map { Int64(clamping: $0) } ?? .max)]
            ) { row in entries.append((UInt64(clamping: row.integer(0)), try LedgerEntry(parsing: row.blob(1)))) }
            return entries
        }
    }

    /// Whether an entry tells that `action` was done to `subject`; the newest are looked at first.
    public func tells(_ action: String, of subject: String) async throws -> Bool {
        var before: UInt64?
        while true {
            let entries = try await entries(before: before, limit: 500)
            if entries.contains(where: { $0.entry.action == action && $0.entry.subject == subject }) { return true }
            guard let oldest = entries.last?.index, oldest > 0 else { return false }
            before = oldest
        }
    }

    /// The proof file for a stored statement, under a checkpoint that covers it.
    ///
    /// - Parameter statement: Reads the statement out of the record.
    public func proof<R: Record>(
        of id: Identifier<R.Kind>, in type: R.Type, statement: @escaping @Sendable (R) -> Statement
    ) async throws -> [UInt8] {
        let note = try await publishCheckpoint()
        let checkpoint = try Checkpoint(opening: note, with: try await verifier())
        return try await database.opening(organisation) { [database, organisation] keyring in
            try await database.driver.read(organisation: organisation) { session in
                let seal = database.seal(of: organisation, keyring: keyring, in: session)
                let sql =
                    "SELECT \(SealedRow.columns(of: R.table)) FROM \(R.table.name) WHERE organisation = ? AND id = ?"
                let row = try session.first(sql, [.blob(organisation.bytes), .blob(id.bytes)]) {
                    SealedRow($0, table: R.table)
                }
                guard let row else {
                    throw Problem(.notFound, code: "ledger.no-statement", "There is no such statement.")
                }
                let record = try seal.open(type, row).record
                let rows = LedgerRows(session: session, organisation: organisation)
                guard let index = UInt64(exactly: row.entry), let position = UInt64(exactly: row.position),
                    let leaf = try rows.leaf(index)
                else {
                    throw Problem(
                        .refused, code: "ledger.missing-entry", "Entry \(row.entry) of the ledger is missing.")
                }
                let content = try ContentRows(
                    session: session, organisation: organisation, tables: database.recordTables
                )
                .digests(of: row.entry)
                var reader = rows.reader(size: checkpoint.size)
                let receipt = InclusionReceipt(
                    index: index, path: try reader.inclusionProof(of: index), checkpoint: note)
                let proof = VerdictProof(
                    header: RowSeal.header(table: R.table, id: row.id, version: row.version, values: row.indexColumns),
                    salt: try seal.plaintext(of: row, in: R.table).salt, position: position,
                    path: try ContentTree(content).proof(of: Int(position)), statement: statement(record),
                    entry: try LedgerEntry(parsing: leaf), receipt: receipt)
                return try proof.encoded()
            }
        }
    }

    func signer() async throws -> NoteSigner { try await database.signer(of: organisation) }
}

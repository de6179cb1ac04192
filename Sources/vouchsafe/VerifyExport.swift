import Kernel
import Ledger

/// Checking an auditor's export.
extension Verify {
    /// What is told of an export that holds.
    struct ExportResult: Encodable {
        struct Action: Encodable {
            let action: String
            let count: Int
            let first, last: Instant
        }

        struct Table: Encodable {
            let table: String
            let rows: Int
        }

        let origin, export: String
        let madeAt: Instant
        let entries: UInt64
        let rows, digests: Int
        let first, last: Instant?
        let root, checkpoint, key: String
        let actions: [Action]
        let tables: [Table]
    }

    /// Verifies the rest of an export in pieces, however long it is.
    ///
    /// - Parameter beginning: What was read of it.
    func verifyExport(_ beginning: [UInt8], _ input: InputFile, _ verifier: NoteVerifier) throws -> VerifiedExport {
        guard at == nil, !requireKept else {
            throw Problem(
                .invalid, code: "verify.no-proof", "--at and --require-kept judge a proof, but this is an export.",
                hint: "Leave them out.", place: Problem.Place(file: file))
        }
        let progress = Progress("Verifying entries")
        defer { progress.end() }
        var verification = ExportVerifier(trusting: verifier)
        var piece = beginning
        do {
            while !piece.isEmpty {
                try verification.take(piece)
                progress.show(Int(verification.entries), of: Int(verification.signedEntries))
                piece = try input.read(upTo: 1 << 20)
            }
            return try verification.finish()
        } catch {
            throw error.located(in: file)
        }
    }

    func show(_ verified: VerifiedExport) {
        Output.line("The export is authentic and whole.")
        Output.line("  \(verified.checkpoint.origin), made at \(verified.header.madeAt)")
        if let first = verified.first, let last = verified.last {
            Output.line("  \(verified.entries) entries from \(first) to \(last), root \(verified.checkpoint.root)")
        }
        Output.line(
            "  \(verified.rows) rows; of \(verified.residues) more only the digest was left when it was made: replaced or erased"
        )
        Output.line()
        var actions = TextTable("ENTRIES", "FIRST", "LAST", "ACTION")
        for action in verified.actions {
            actions.add("\(action.count)", action.first.description, action.last.description, action.name)
        }
        for line in actions.lines { Output.line(line) }
        Output.line()
        var tables = TextTable("ROWS", "TABLE")
        for table in verified.tables { tables.add("\(table.rows)", table.name) }
        for line in tables.lines { Output.line(line) }
        if verified.uncounted > 0 { Output.line("\(verified.uncounted) more of other kinds") }
        Output.line()
        Output.line(
            """
            It is as the holder of the ledger's key made it. That the ledger was not rewritten before, only a checkpoint that \
            someone else holds can show.
            """)
    }
}

extension Verify.ExportResult {
    init(_ verified: VerifiedExport) {
        self.init(
            origin: verified.checkpoint.origin, export: verified.header.export.description,
            madeAt: verified.header.madeAt, entries: verified.entries, rows: verified.rows, digests: verified.residues,
            first: verified.first, last: verified.last, root: verified.checkpoint.root.description,
            checkpoint: String(decoding: verified.header.note.encoded, as: UTF8.self),
            key: verified.header.verifier.text,
            actions: verified.actions.map {
                Action(action: $0.name, count: $0.count, first: $0.first, last: $0.last)
            }, tables: verified.tables.map { Table(table: $0.name, rows: $0.rows) })
    }
}

import Kernel
import Ledger

/// Compares a stretch of ledger entries with the rows that they say they wrote.
struct ContentWalk {
    /// What an entry commits to; `rows` is `nil` where the entry itself cannot be read.
    struct Expected {
        let number: Int64
        let rows: UInt64?
        let content: MerkleHash
    }

    private struct Found {
        let entry: Int64
        let position: Int64
        let digest: RowDigest
    }

    private let organisation: Identifier<Organisation>
    private let seal: RowSeal
    private var found: [Found] = []
    var findings: LedgerFindings

    init(organisation: Identifier<Organisation>, seal: RowSeal, findings: LedgerFindings) {
        self.organisation = organisation
        self.seal = seal
        self.findings = findings
    }

    /// How many rows were looked at.
    var count: Int { found.count }

    /// Opens every row of `table` that claims one of `entries`, and makes its digest anew.
    mutating func walk(_ table: RecordTable, entries: Range<Int64>, in session: any SQLSession) throws {
        var walk = self
        let sql = """
            SELECT \(SealedRow.columns(of: table)) FROM \(table.name) \
            WHERE organisation = ? AND entry >= ? AND entry < ?
            """
        try session.rows(sql, bounds(entries)) { row in walk.take(SealedRow(row, table: table), of: table) }
        self = walk
    }

    private mutating func take(_ row: SealedRow, of table: RecordTable) {
        let name = Identifier<RecordTable>(bytes: row.id)?.description ?? row.id.hex
        do {
            let digest = try seal.digest(of: row, in: table)
            if digest.bytes != row.digest {
                findings.report(row.entry, "ledger.digest", "Row \(name) of \(table.name) is not what its digest says.")
            }
            found.append(Found(entry: row.entry, position: row.position, digest: digest))
        } catch {
            let problem = error as? Problem
            findings.report(
                row.entry, problem?.code ?? "store.failed",
                "Row \(name) of \(table.name), written by entry \(row.entry), was changed: \(problem?.message ?? "it cannot be read.")"
            )
            if let digest = RowDigest(bytes: row.digest) {
                found.append(Found(entry: row.entry, position: row.position, digest: digest))
            }
        }
    }

    /// Takes in what is left of replaced and erased rows.
    mutating func walkResidue(entries: Range<Int64>, in session: any SQLSession) throws {
        var walk = self
        try session.rows(
            """
            SELECT entry, position, digest FROM ledger_residue WHERE organisation = ? AND entry >= ? AND entry < ?
            """, bounds(entries)
        ) { row in
            guard let digest = RowDigest(bytes: row.blob(2)) else {
                walk.findings.report(
                    row.integer(0), "ledger.residue", "What entry \(row.integer(0)) left of a row is damaged.")
                return
            }
            walk.found.append(Found(entry: row.integer(0), position: row.integer(1), digest: digest))
        }
        self = walk
    }

    private func bounds(_ entries: Range<Int64>) -> [SQLValue] {
        [.blob(organisation.bytes), .integer(entries.lowerBound), .integer(entries.upperBound)]
    }

    // MARK: - Comparing

    /// Compares the rows with what each entry committed to.
    mutating func match(_ entries: [Expected]) {
        found.sort { ($0.entry, $0.position) < ($1.entry, $1.position) }
        var next = 0
        for entry in entries {
            while next < found.count, found[next].entry < entry.number {
                reportUnledgered(found[next].entry)
                next += 1
            }
            let first = next
            while next < found.count, found[next].entry == entry.number { next += 1 }
            check(found[first..<next], against: entry)
        }
        for row in found[next...] { reportUnledgered(row.entry) }
    }

    private mutating func reportUnledgered(_ entry: Int64, of table: String? = nil) {
        findings.report(
            entry, "ledger.unledgered-row",
            "A row\(table.map { " of \($0)" } ?? "") claims entry \(entry), which is not in the ledger.")
    }

    private mutating func check(_ rows: ArraySlice<Found>, against entry: Expected) {
        guard let expected = entry.rows else { return }
        for (position, row) in rows.enumerated() where row.position != Int64(position) {
            findings.report(
                entry.number, "ledger.missing-row",
                "Row \(position) of the \(expected) that entry \(entry.number) wrote is missing or doubled.")
            return
        }
        guard UInt64(rows.count) == expected else {
            findings.report(
                entry.number, "ledger.missing-row",
                "Entry \(entry.number) wrote \(expected) rows, but \(rows.count) are there.")
            return
        }
        if ContentTree(rows.map(\.digest)).root != entry.content {
            findings.report(
                entry.number, "ledger.content", "A row that entry \(entry.number) wrote is not the one it committed to."
            )
        }
    }

    /// Looks for rows that claim an entry outside the ledger.
    mutating func findUnledgered(in tables: [RecordTable], from end: Int64, _ session: any SQLSession) throws {
        var walk = self
        for table in tables.map(\.name) + ["ledger_residue"] {
            try session.rows(
                "SELECT entry FROM \(table) WHERE organisation = ? AND (entry < 0 OR entry >= ?) LIMIT 10",
                [.blob(organisation.bytes), .integer(end)]
            ) { row in walk.reportUnledgered(row.integer(0), of: table) }
        }
        self = walk
    }
}

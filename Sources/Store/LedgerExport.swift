import Kernel
import Ledger

extension LedgerDesk {
    /// Writes the whole record of the organisation with its ledger, in the form of docs/export-format.md: plaintext, for someone
    /// who may see everything and wants to check it offline.
    ///
    /// It is first recorded in the ledger for `principal`, then the ledger is signed, and what was signed is read in stretches,
    /// each from a snapshot of its own: a row that is replaced meanwhile leaves its digest in the same change, so every stretch is
    /// whole. Every piece is verified as an auditor would before the next one is read, so that no export is handed out as good
    /// that is not.
    ///
    /// - Parameters:
    ///   - principal: On whose behalf; whether they may is for the caller to see.
    ///   - progress: Told after every stretch: entries done, and how many there are to do.
    ///   - sink: Receives the bytes in order, in pieces of some mebibytes, between two reads. What it has received is an export
    ///     only when this returns.
    /// - Returns: What it contains, verified.
    /// - Throws: A `Problem` (forbidden) for anyone without a name; a `Problem` (refused) that names the first entry or row which is
    ///   damaged; whatever `sink` throws.
    public func export(
        as principal: Principal,
        progress: @Sendable (_ done: UInt64, _ total: UInt64) async throws -> Void = { _, _ in },
        to sink: @Sendable ([UInt8]) async throws -> Void
    ) async throws -> VerifiedExport {
        let id = Identifier<ExportFormat>(at: database.clock.now(), randomness: database.randomness)
        let madeAt = try await database.scope(organisation, as: principal)
            .change(ExportFormat.action, on: ExportFormat.subject(of: id)) { $0.now }
        let verifier = try await verifier()
        let note = try await publishCheckpoint()
        let size = try Checkpoint(opening: note, with: verifier).size
        let header = ExportHeader(
            organisation: organisation.retyped(), export: id, madeAt: madeAt, verifier: verifier, note: note)
        var verification = ExportVerifier(trusting: verifier)
        try verification.take(header.encoded)
        try await sink(header.encoded)
        var next: UInt64 = 0
        while next < size {
            try Task.checkCancellation()
            let stretch = try await stretch(from: next, below: size)
            try verification.take(stretch.bytes)
            try await sink(stretch.bytes)
            next = stretch.end
            try await progress(next, size)
        }
        let closing = try verification.closing().line(signedBy: try await signer())
        try verification.take(closing)
        try await sink(closing)
        return try verification.finish()
    }

    private func stretch(from first: UInt64, below size: UInt64) async throws -> (bytes: [UInt8], end: UInt64) {
        try await database.opening(organisation) { [database, organisation] keyring in
            try await database.driver.read(organisation: organisation) { session in
                let stretch = ExportStretch(
                    session: session, seal: database.seal(of: organisation, keyring: keyring, in: session),
                    tables: database.recordTables)
                let entries = Int64(first)..<(try stretch.end(from: Int64(first), below: Int64(size)))
                return (try stretch.lines(entries), UInt64(entries.upperBound))
            }
        }
    }
}

/// Some neighbouring entries with their rows, from one snapshot.
private struct ExportStretch {
    let session: any SQLSession
    let seal: RowSeal
    let tables: [RecordTable]

    /// The most entries, and the bytes of sealed bodies, that are taken at once. A single entry is always taken whole: its rows
    /// were in memory together when they were written.
    private static let mostEntries: Int64 = 2000
    private static let mostBytes: Int64 = 4 << 20

    /// Where the stretch from `first` on ends, so that it fits into memory.
    func end(from first: Int64, below size: Int64) throws -> Int64 {
        let last = min(size, first + Self.mostEntries)
        var bytes = [Int64](repeating: 0, count: Int(last - first))
        for table in tables {
            try session.integers(
                "SELECT entry, LENGTH(body) FROM \(table.name) WHERE organisation = ? AND entry >= ? AND entry < ?",
                bounds(first..<last), columns: 2
            ) { row in bytes[Int(row[0] - first)] += row[1] }
        }
        var sum: Int64 = 0
        for (index, count) in bytes.enumerated() {
            sum += count
            if sum > Self.mostBytes { return first + Int64(max(1, index)) }
        }
        return last
    }

    /// What stands in one line behind its entry.
    private enum Content {
        case row(RowHeader, salt: [UInt8], body: [UInt8])
        case digest(RowDigest)
    }

    private struct Found {
        let entry: Int64
        let position: Int64
        let content: Content
    }

    func lines(_ entries: Range<Int64>) throws -> [UInt8] {
        var found = try tables.flatMap { try rows(of: $0, entries) } + (try residue(entries))
        found.sort { ($0.entry, $0.position) < ($1.entry, $1.position) }
        var rest = found[...]
        var lines = ExportLines(from: UInt64(entries.lowerBound))
        var number = entries.lowerBound
        try session.rows(
            "SELECT number, leaf FROM ledger_entry WHERE organisation = ? AND number >= ? AND number < ? ORDER BY number",
            bounds(entries)
        ) { row in
            guard row.integer(0) == number else { throw missing(number) }
            let entry = try LedgerEntry(parsing: row.blob(1))
            lines.append(entry)
            var position: UInt64 = 0
            while let next = rest.first, next.entry == number {
                guard next.position == Int64(position) else { break }
                rest.removeFirst()
                position += 1
                switch next.content {
                case .row(let header, let salt, let body): try lines.append(header, salt: salt, body: body)
                case .digest(let digest): lines.append(digest)
                }
            }
            guard position == entry.rows, rest.first?.entry != number else {
                throw damaged("ledger.missing-row", "Row \(position) of entry \(number) is missing or doubled.")
            }
            number += 1
        }
        guard number == entries.upperBound else { throw missing(number) }
        return lines.bytes
    }

    private func rows(of table: RecordTable, _ entries: Range<Int64>) throws -> [Found] {
        var found: [Found] = []
        try session.rows(
            "SELECT \(SealedRow.columns(of: table)) FROM \(table.name) WHERE organisation = ? AND entry >= ? AND entry < ?",
            bounds(entries)
        ) { row in
            let row = SealedRow(row, table: table)
            found.append(Found(entry: row.entry, position: row.position, content: try content(of: row, in: table)))
        }
        return found
    }

    private func content(of row: SealedRow, in table: RecordTable) throws -> Content {
        do {
            let (salt, body) = try seal.plaintext(of: row, in: table)
            let header = RowSeal.header(table: table, id: row.id, version: row.version, values: row.indexColumns)
            return .row(header, salt: salt, body: body)
        } catch let problem as Problem where problem.code == "vault.erased" {
            // The person's key was destroyed and the row not yet removed: it is erased all the same, and its digest is left.
            guard let digest = RowDigest(bytes: row.digest) else {
                throw damaged("ledger.damaged-digest", "A row of \(table.name) has a damaged digest.")
            }
            return .digest(digest)
        }
    }

    private func residue(_ entries: Range<Int64>) throws -> [Found] {
        var found: [Found] = []
        try session.rows(
            "SELECT entry, position, digest FROM ledger_residue WHERE organisation = ? AND entry >= ? AND entry < ?",
            bounds(entries)
        ) { row in
            guard let digest = RowDigest(bytes: row.blob(2)) else {
                throw damaged("ledger.residue", "What entry \(row.integer(0)) left of a row is damaged.")
            }
            found.append(Found(entry: row.integer(0), position: row.integer(1), content: .digest(digest)))
        }
        return found
    }

    private func bounds(_ entries: Range<Int64>) -> [SQLValue] {
        [.blob(seal.organisation.bytes), .integer(entries.lowerBound), .integer(entries.upperBound)]
    }

    private func missing(_ number: Int64) -> Problem {
        damaged("ledger.missing-entry", "Entry \(number) is missing.")
    }

    private func damaged(_ code: String, _ message: String) -> Problem {
        Problem(
            .refused, code: code, "\(message) The record cannot be exported as it is.",
            hint: "Run `vouchsafe ledger verify` to see all that is damaged.")
    }
}

import Kernel
import Ledger
import Vault

/// A snapshot of one organisation's data for one principal. Lives inside one `read` or `change` and never leaves it.
public struct ReadView {
    let session: any SQLSession
    let seal: RowSeal
    /// Whose data this is.
    public let organisation: Identifier<Organisation>
    /// On whose behalf it is read.
    public let principal: Principal

    init(session: any SQLSession, seal: RowSeal, organisation: Identifier<Organisation>, principal: Principal) {
        self.session = session
        self.seal = seal
        self.organisation = organisation
        self.principal = principal
    }

    /// The record with this identifier, or `nil`.
    ///
    /// - Throws: `Problem` `vault.…` naming table and row if the stored bytes are not what was written.
    public func find<R: Record>(_ type: R.Type = R.self, _ id: Identifier<R.Kind>) throws -> Stored<R>? {
        try list(type, Query("id = ?", [.blob(id.bytes)], limit: 1)).first
    }

    /// The record with this identifier.
    ///
    /// - Throws: `Problem` of kind `notFound` if there is none in this organisation.
    public func require<R: Record>(_ type: R.Type = R.self, _ id: Identifier<R.Kind>) throws -> Stored<R> {
        guard let stored = try find(type, id) else {
            throw Problem(.notFound, code: "\(R.table.name).not-found", "There is no such \(R.table.name.spaced) here.")
        }
        return stored
    }

    /// The records that `query` selects, opened.
    public func list<R: Record>(_ type: R.Type = R.self, _ query: Query = .all) throws -> [Stored<R>] {
        try permitReading(R.table, query)
        var found: [Stored<R>] = []
        let sql =
            "SELECT \(SealedRow.columns(of: R.table)) FROM \(R.table.name) WHERE \(query.whereClause)\(query.tail)"
        try session.rows(sql, [.blob(organisation.bytes)] + query.arguments) { row in
            found.append(try seal.open(R.self, SealedRow(row, table: R.table)))
        }
        return found
    }

    /// How many records `query` selects; nothing is opened.
    public func count<R: Record>(_ type: R.Type = R.self, _ query: Query = .all) throws -> Int {
        try permitReading(R.table, query)
        let sql = "SELECT COUNT(*) FROM \(R.table.name) WHERE \(query.whereClause)"
        return try session.first(sql, [.blob(organisation.bytes)] + query.arguments) { Int($0.integer(0)) } ?? 0
    }

    /// Reads integer index columns of many records without opening any.
    ///
    /// - Parameters:
    ///   - columns: Index columns, or `entry` and `position`; integers only. `NULL` reads as `Int64.min`.
    ///   - each: Receives one row's integers; the span is reused.
    public func scan<R: Record>(
        _ type: R.Type = R.self, columns: [String], _ query: Query = .all, _ each: (Span<Int64>) throws -> Void
    ) throws {
        try permitReading(R.table, query, columns)
        let sql =
            "SELECT \(columns.joined(separator: ", ")) FROM \(R.table.name) WHERE \(query.whereClause)\(query.tail)"
        try session.integers(sql, [.blob(organisation.bytes)] + query.arguments, columns: columns.count, each)
    }

    /// Reads index columns of any type of many records without opening any.
    public func columns<R: Record>(
        of type: R.Type = R.self, _ columns: [String], _ query: Query = .all, _ each: (any SQLRow) throws -> Void
    ) throws {
        try permitReading(R.table, query, columns)
        let sql =
            "SELECT \(columns.joined(separator: ", ")) FROM \(R.table.name) WHERE \(query.whereClause)\(query.tail)"
        try session.rows(sql, [.blob(organisation.bytes)] + query.arguments, each)
    }

    /// How many entries the organisation's ledger has: it grows with every change, so what was computed at one size holds at it.
    public func ledgerSize() throws -> Int64 {
        // `frontier` refuses a size that would not fit.
        Int64(try LedgerRows(session: session, organisation: organisation).frontier().size)
    }

    /// The keyed hash by which an exact value of a sealed field can be found again: e-mail addresses and outside names only.
    public func blindIndex(_ table: RecordTable, _ column: String, of normalised: String) -> [UInt8] {
        seal.keyring.blindIndex(of: Array(normalised.utf8), table: table.name, column: column)
    }

    private func permitReading(_ table: RecordTable, _ query: Query, _ columns: [String] = []) throws {
        guard principal != .anyone || table.isPublic else {
            throw Problem(.forbidden, code: "store.not-public", "This is not public.")
        }
        try StatementRule.check(query, columns: columns, on: table)
    }
}

extension String {
    /// A table's name as words.
    var spaced: String { split(separator: "_").joined(separator: " ") }
}

import Kernel
import Ledger
import Vault

extension Database {
    /// Writes everything that is kept, of every organisation and as of one moment, as a dump; changes go on meanwhile.
    ///
    /// The dump holds the data keys in the open, so that it can be restored under another key-encryption key: it must never
    /// lie anywhere unsealed.
    ///
    /// - Parameters:
    ///   - program: The version of this program, for the header.
    ///   - sink: Receives the dump in pieces of some hundred kilobytes, on a thread that it may block.
    /// - Returns: What stands in the dump.
    /// - Throws: What the database or `sink` throws; what was written until then is no dump.
    public func dump(
        program: String, to sink: @escaping @Sendable ([UInt8]) throws -> Void
    ) async throws -> (header: DumpHeader, manifest: DumpManifest) {
        let tables = schema.keptTables
        let keys = CarriedKeys(holder: keyEncryption)
        let header = DumpHeader(
            format: Dump.name, program: program, database: product, madeAt: clock.now(),
            tables: tables.map { DumpHeader.Table($0) })
        let manifest = try await driver.snapshot { [schema] session in
            var writer = DumpWriter(to: sink)
            try writer.begin(header)
            var scopes: [DumpManifest.Scope] = []
            for state in try schema.ledgers(in: session) {
                try session.enter(state.scope)
                try writer.begin(state.scope)
                var rows: [String: Int] = [:]
                for (number, table) in tables.enumerated() {
                    rows[table.name] = try Self.write(
                        table, number, of: state.scope, in: session, keys: keys, to: &writer)
                }
                scopes.append(
                    DumpManifest.Scope(
                        organisation: state.scope, rows: rows, entries: state.entries, root: state.root))
            }
            let manifest = DumpManifest(scopes: scopes)
            try writer.finish(manifest)
            return manifest
        }
        return (header, manifest)
    }

    /// - Returns: How many rows there are.
    private static func write(
        _ table: KeptTable, _ number: Int, of scope: Identifier<Organisation>, in session: any SQLSession,
        keys: CarriedKeys, to writer: inout DumpWriter
    ) throws -> Int {
        var output = writer
        try output.begin(table: number)
        var count = 0
        var size = PageSize()
        var key: [SQLValue]?
        while true {
            var rows = 0
            var bytes = 0
            let page = table.page(of: scope, after: key, limit: size.rows)
            try session.rows(page.sql, page.arguments) { row in
                rows += 1
                try output.row(columns: table.columns.count) { column in
                    let value =
                        try keys.carriesKey(table, column) ? keys.unwrapped(row, of: scope) : row.value(column)
                    bytes += value.size
                    return value
                }
                if rows == size.rows { key = table.keyPositions.map { row.value($0) } }
            }
            count += rows
            guard rows == size.rows, !table.keyPositions.isEmpty else { break }
            size.adapt(rows: rows, bytes: bytes)
        }
        writer = output
        return count
    }
}

/// The data keys on their way out of one installation and into another, which wraps them with its own key.
struct CarriedKeys: Sendable {
    let holder: KeyEncryptionHolder

    /// Whether the value in `column` is a data key, which a dump holds unwrapped.
    func carriesKey(_ table: KeptTable, _ column: Int) -> Bool {
        table.name == SystemTables.dataKeys.name && table.columns[column].name == "wrapped"
    }

    /// The key in a stored row of the data keys.
    func unwrapped(_ row: any SQLRow, of scope: Identifier<Organisation>) throws -> SQLValue {
        guard let id = Identifier<DataKey>(bytes: row.blob(0)) else { throw Dump.damaged("a data key has no name") }
        let key = try holder.using { try DataKey(id: id, unwrapping: row.blob(1), by: $0, for: scope.retyped()) }
        return .blob(key.bytesForSealedBackup)
    }

    /// The row of a data key as it is stored here.
    func wrapped(
        _ values: [SQLValue], of scope: Identifier<Organisation>, randomness: Randomness
    ) throws -> [SQLValue] {
        guard values.count >= 2, case .blob(let name) = values[0], case .blob(let bytes) = values[1],
            let id = Identifier<DataKey>(bytes: name)
        else { throw Dump.damaged("a data key has no name") }
        let key = try DataKey(id: id, bytes: bytes)
        var stored = values
        stored[1] = .blob(try key.wrapped(by: holder.key, for: scope.retyped(), randomness: randomness))
        return stored
    }
}

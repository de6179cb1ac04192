import Kernel
import StoreSupport
import TestSupport

@testable import Store

/// Other organisations that are as easily mistaken for one's own as can be: every row of a scope once more under another
/// organisation, once with the same keys and once with keys that sort after all.
///
/// Nothing but the organisation tells them apart, so a statement that does not ask for it meets them.
enum Mirrors {
    /// The other organisation whose rows have the same keys. Shorter, and so before every real one in each order.
    private static func twin(of scope: Identifier<Organisation>) -> [UInt8] {
        scope == .operatorLog ? Array(scope.bytes.dropLast(2)) : Array(scope.bytes.dropLast())
    }

    /// The other organisation whose rows come after all others.
    private static func last(of scope: Identifier<Organisation>) -> [UInt8] { [0xFF] + scope.bytes.dropFirst() }

    static func plant(_ scopes: [Identifier<Organisation>], in folder: TemporaryFolder, schema: StoreSchema) throws {
        try TestDatabase.current.withRawDatabase(in: folder) { raw in
            for table in schema.allMigrations.flatMap(\.tables) where table.name != "transfer" {
                for scope in scopes {
                    let own = raw.literal(scope.bytes)
                    let names = table.columns.map(\.name)
                    let moved = table.columns.map { column in
                        if column.name == "entry" { return "entry + 1000000" }
                        guard column.name == table.primaryKey.last else { return column.name }
                        return switch column.storage {
                        case .blob: "\(raw.literal([0xFF])) || substr(\(column.name), 2)"
                        case .integer: "\(column.name) + 1000000"
                        case .text: "\(column.name) || '~'"
                        }
                    }
                    for (mirror, values) in [(twin(of: scope), names), (last(of: scope), moved)] {
                        // SQLite's || makes a text of what it joins.
                        let cast = zip(table.columns, values).map { column, value in
                            column.storage == .blob && value != column.name && TestDatabase.current == .sqlite
                                ? "CAST(\(value) AS BLOB)" : value
                        }
                        try raw.execute(
                            """
                            INSERT INTO \(table.name) (\((["organisation"] + names).joined(separator: ", "))) \
                            SELECT \(([raw.literal(mirror)] + cast).joined(separator: ", ")) FROM \(table.name) \
                            WHERE organisation = \(own)
                            """)
                    }
                    // Where one has no row, another organisation has one all the same.
                    let nothing = table.columns.map { column in
                        switch column.storage {
                        case .blob: raw.literal(Array(repeating: 0, count: 16))
                        case .integer: "0"
                        case .text: "''"
                        }
                    }
                    try raw.execute(
                        """
                        INSERT INTO \(table.name) (\((["organisation"] + names).joined(separator: ", "))) \
                        SELECT \(([raw.literal(last(of: scope))] + nothing).joined(separator: ", ")) \
                        WHERE NOT EXISTS (SELECT 1 FROM \(table.name) WHERE organisation = \(own))
                        """)
                }
            }
        }
    }

    /// Every row of every mirror, to see whether one was touched.
    static func rows(
        _ scopes: [Identifier<Organisation>], in folder: TemporaryFolder, schema: StoreSchema
    ) throws -> Set<[SQLValue]> {
        try TestDatabase.current.withRawDatabase(in: folder) { raw in
            var found: Set<[SQLValue]> = []
            let mirrors = scopes.flatMap { [twin(of: $0), last(of: $0)] }.map(raw.literal).joined(separator: ", ")
            for table in schema.allMigrations.flatMap(\.tables) {
                for row in try raw.rows("SELECT * FROM \(table.name) WHERE organisation IN (\(mirrors))") {
                    found.insert([.text(table.name)] + row)
                }
            }
            return found
        }
    }
}

import GRDB
import Kernel
import Store

/// Turns table definitions into SQLite's DDL and keeps the list of what was applied.
enum SQLiteSchema {
    static func migrate(_ connection: GRDB.Database, to migrations: [Migration]) throws {
        try connection.execute(sql: "CREATE TABLE IF NOT EXISTS migration (name TEXT PRIMARY KEY NOT NULL) STRICT")
        let applied = try Set(String.fetchAll(connection, sql: "SELECT name FROM migration"))
        let unknown = applied.subtracting(migrations.map(\.name))
        guard unknown.isEmpty else {
            throw Problem(
                .unavailable, code: "store.newer-schema",
                "The data was written by a newer Vouchsafe (it knows \(unknown.sorted().joined(separator: ", "))).",
                hint: "Use that version or a newer one; this one leaves the data untouched.")
        }
        for migration in migrations where !applied.contains(migration.name) {
            for table in migration.tables { try create(table, on: connection) }
            try connection.execute(sql: "INSERT INTO migration (name) VALUES (?)", arguments: [migration.name])
        }
    }

    private static func create(_ table: Store.TableDefinition, on connection: GRDB.Database) throws {
        let columns = table.columns.map { "\($0.name) \(type($0.storage))\($0.isOptional ? "" : " NOT NULL")" }
        let key = (["organisation"] + table.primaryKey).joined(separator: ", ")
        let body = (["organisation BLOB NOT NULL"] + columns + ["PRIMARY KEY (\(key))"]).joined(separator: ", ")
        try connection.execute(sql: "CREATE TABLE \(table.name) (\(body)) STRICT")
        for (number, index) in table.indexes.enumerated() {
            let indexed = (["organisation"] + index.columns).joined(separator: ", ")
            try connection.execute(
                sql: """
                    CREATE \(index.isUnique ? "UNIQUE " : "")INDEX \(table.name)_\(number + 1) ON \(table.name) (\(indexed))
                    """)
        }
    }

    private static func type(_ storage: Store.TableDefinition.Column.Storage) -> String {
        switch storage {
        case .integer: "INTEGER"
        case .text: "TEXT"
        case .blob: "BLOB"
        }
    }
}

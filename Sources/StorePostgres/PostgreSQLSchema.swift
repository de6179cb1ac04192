import Kernel
import Store

/// Turns table definitions into PostgreSQL's DDL, puts every table under row security, and keeps the list of what was applied.
enum PostgreSQLSchema {
    /// The name of the role that a connection acts as.
    static func role(of session: any SQLSession) throws -> String {
        var role = ""
        try session.rows("SELECT current_user", []) { role = $0.text(0) }
        return role
    }

    /// The migrations that were not applied yet.
    ///
    /// - Throws: `Problem` `store.newer-schema` if one was applied that this program does not know.
    static func due(_ migrations: [Migration], in session: any SQLSession) throws -> [Migration] {
        var exists = false
        try session.rows("SELECT to_regclass('migration') IS NOT NULL", []) { exists = $0.integer(0) != 0 }
        guard exists else { return migrations }
        var applied: Set<String> = []
        try session.rows("SELECT name FROM migration", []) { applied.insert($0.text(0)) }
        let unknown = applied.subtracting(migrations.map(\.name))
        guard unknown.isEmpty else {
            throw Problem(
                .unavailable, code: "store.newer-schema",
                "The data was written by a newer Vouchsafe (it knows \(unknown.sorted().joined(separator: ", "))).",
                hint: "Use that version or a newer one; this one leaves the data untouched.")
        }
        return migrations.filter { !applied.contains($0.name) }
    }

    /// Applies what is due, inside the caller's transaction, and lets `role` use the tables without owning them.
    static func migrate(_ session: any SQLSession, to migrations: [Migration], for role: String) throws {
        // Two servers that start at once must not both do it; the second waits for the first to finish.
        try session.execute("SET LOCAL lock_timeout = '10min'", [])
        try session.execute("SET LOCAL statement_timeout = '1h'", [])
        try session.rows("SELECT pg_advisory_xact_lock(hashtextextended('vouchsafe ' || current_schema(), 0))", []) {
            _ in
        }
        let quoted = "\"\(role.replacing("\"", with: "\"\""))\""
        try session.execute("CREATE TABLE IF NOT EXISTS migration (name TEXT COLLATE \"C\" PRIMARY KEY NOT NULL)", [])
        try session.execute("GRANT SELECT ON migration TO \(quoted)", [])
        for migration in try due(migrations, in: session) {
            for table in migration.tables { try create(table, on: session) }
            try session.execute("INSERT INTO migration (name) VALUES (?)", [.text(migration.name)])
        }
        for table in migrations.flatMap(\.tables) {
            try session.execute("GRANT SELECT, INSERT, UPDATE, DELETE ON \(table.name) TO \(quoted)", [])
        }
    }

    private static func create(_ table: TableDefinition, on session: any SQLSession) throws {
        let columns = table.columns.map { "\($0.name) \(type($0.storage))\($0.isOptional ? "" : " NOT NULL")" }
        let key = (["organisation"] + table.primaryKey).joined(separator: ", ")
        let body = (["organisation BYTEA NOT NULL"] + columns + ["PRIMARY KEY (\(key))"]).joined(separator: ", ")
        try session.execute("CREATE TABLE \(table.name) (\(body))", [])
        for (number, index) in table.indexes.enumerated() {
            let indexed = (["organisation"] + index.columns).joined(separator: ", ")
            try session.execute(
                """
                CREATE \(index.isUnique ? "UNIQUE " : "")INDEX \(table.name)_\(number + 1) ON \(table.name) (\(indexed))
                """, [])
        }
        for statement in RowSecurity.statements(for: table.name) { try session.execute(statement, []) }
    }

    private static func type(_ storage: TableDefinition.Column.Storage) -> String {
        switch storage {
        case .integer: "BIGINT"
        // Bytes decide the order, as in SQLite, and not the server's language.
        case .text: "TEXT COLLATE \"C\""
        case .blob: "BYTEA"
        }
    }
}

/// What PostgreSQL can say about its own soundness to a role that owns nothing.
enum PostgreSQLIntegrity {
    static func problems(_ session: any SQLSession) throws -> [String] {
        var found: [String] = []
        try session.rows(
            """
            SELECT indexrelid::regclass::text FROM pg_index JOIN pg_class ON pg_class.oid = indrelid \
            WHERE relnamespace = current_schema()::regnamespace AND NOT (indisvalid AND indisready)
            """, []
        ) { found.append("the index \($0.text(0)) is not valid") }
        return found
    }
}

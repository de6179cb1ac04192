import Kernel
import Store

@testable import StorePostgres

/// A schema of the test server, as its superuser, whom row security does not bind.
struct RawPostgreSQL: RawDatabase {
    private let connection: PostgreSQLConnection

    init(schema: String) throws {
        connection = try PostgreSQLConnection(
            to: try PostgreSQLAddress(try TestDatabase.addressText(schema: schema, as: "vouchsafe_admin")))
    }

    /// Makes the schema, as one of the owner's, that the serving role may look into.
    static func prepare(_ schema: String) throws {
        let raw = try RawPostgreSQL(schema: schema)
        // Two that come at once would both find nothing there.
        try raw.execute("SELECT pg_advisory_lock(hashtext('\(schema)'))")
        if try raw.rows("SELECT to_regnamespace('\(schema)') IS NOT NULL") == [[0]] {
            try raw.execute("CREATE SCHEMA \(schema) AUTHORIZATION vouchsafe_owner")
            try raw.execute("GRANT USAGE ON SCHEMA \(schema) TO vouchsafe_app")
        }
        try raw.execute("SELECT pg_advisory_unlock(hashtext('\(schema)'))")
    }

    func execute(_ sql: String) throws {
        for statement in sql.split(separator: ";") { _ = try connection.execute(String(statement), []) }
    }

    func rows(_ sql: String) throws -> [[SQLValue]] {
        var rows: [[SQLValue]] = []
        let result = try connection.query(sql)
        for row in 0..<result.rowCount { rows.append((0..<result.columnCount).map { result.value(row, $0) }) }
        return rows
    }

    func literal(_ bytes: [UInt8]) -> String { "'\\x\(bytes.hex)'::bytea" }

    func tables() throws -> [String] {
        try strings("SELECT tablename::text FROM pg_tables WHERE schemaname = current_schema() ORDER BY tablename")
    }

    func columnNames(of table: String) throws -> [String] {
        try strings(
            """
            SELECT attname::text FROM pg_attribute WHERE attrelid = '\(table)'::regclass AND attnum > 0 \
            AND NOT attisdropped ORDER BY attnum
            """)
    }

    func place(ofRow number: Int, in table: String) throws -> String {
        let row = try strings("SELECT ctid::text FROM \(table) ORDER BY ctid LIMIT 1 OFFSET \(number)").first
        return "ctid = '\(row ?? "(0,0)")'::tid"
    }

    func set(_ column: String, of table: String, at place: String, to value: SQLValue) throws -> Bool {
        do {
            _ = try connection.execute("UPDATE \(table) SET \(column) = ? WHERE \(place)", [value])
        } catch let problem as Problem where problem.code == "store.conflict" {
            return false
        }
        return true
    }

    func dropIndexes(of table: String) throws {
        let indexes = try strings(
            """
            SELECT indexname::text FROM pg_indexes WHERE schemaname = current_schema() AND tablename = '\(table)' \
            AND indexname <> '\(table)_pkey'
            """)
        for index in indexes { try execute("DROP INDEX \(index)") }
    }

    private func strings(_ sql: String) throws -> [String] {
        try rows(sql).map { if case .text(let text) = $0[0] { text } else { "" } }
    }
}

import Foundation
import GRDB
import TestSupport

extension TemporaryFolder {
    /// Works on the file as somebody does who has the file and nothing else.
    func withRawDatabase<T>(_ work: (GRDB.Database) throws -> T) throws -> T {
        let queue = try DatabaseQueue(path: database)
        let result = Result { try queue.writeWithoutTransaction(work) }
        try queue.close()
        return try result.get()
    }

    /// Runs statements on the file.
    func runSQL(_ statements: String) throws {
        try withRawDatabase { try $0.execute(sql: statements) }
    }
}

extension GRDB.Database {
    func count(_ table: String) throws -> Int { try Int.fetchOne(self, sql: "SELECT COUNT(*) FROM \(table)") ?? 0 }

    func columnNames(of table: String) throws -> [String] { try columns(in: table).map(\.name) }

    /// Adds a copy of the first row in which one column has another value.
    func copyRow(of table: String, setting column: String, to value: String) throws {
        // Whoever writes to the file can drop what is in the way of a second copy.
        let indexes = try String.fetchAll(
            self, sql: "SELECT name FROM sqlite_master WHERE type = 'index' AND tbl_name = ? AND sql IS NOT NULL",
            arguments: [table])
        for index in indexes { try execute(sql: "DROP INDEX \(index)") }
        let columns = try columnNames(of: table)
        let values = columns.map { $0 == column ? value : $0 }
        try execute(
            sql: """
                INSERT INTO \(table) (\(columns.joined(separator: ", "))) \
                SELECT \(values.joined(separator: ", ")) FROM \(table) LIMIT 1
                """)
    }

    /// Changes one bit of one value.
    ///
    /// - Returns: Whether there was something to change.
    func changeByte(of column: String, in table: String, row: Int, at part: String) throws -> Bool {
        let rowid = try Int64.fetchOne(
            self, sql: "SELECT rowid FROM \(table) ORDER BY rowid LIMIT 1 OFFSET ?", arguments: [row])
        let value = try DatabaseValue.fetchOne(
            self, sql: "SELECT \(column) FROM \(table) WHERE rowid = ?", arguments: [rowid])
        let changed: DatabaseValue
        switch value?.storage {
        case .int64(let number):
            changed = (number ^ (part == "first" ? 1 << 40 : part == "middle" ? 64 : 1)).databaseValue
        case .string(let text):
            changed = String(decoding: Self.changed(Array(text.utf8), part), as: UTF8.self).databaseValue
        case .blob(let bytes): changed = Data(Self.changed([UInt8](bytes), part)).databaseValue
        case .null where part == "first": changed = 0.databaseValue
        default: return false
        }
        do {
            try execute(sql: "UPDATE \(table) SET \(column) = ? WHERE rowid = ?", arguments: [changed, rowid])
        } catch let error as DatabaseError where error.resultCode == .SQLITE_CONSTRAINT {
            return false
        }
        return true
    }

    private static func changed(_ bytes: [UInt8], _ part: String) -> [UInt8] {
        var bytes = bytes
        guard !bytes.isEmpty else { return [1] }
        bytes[part == "first" ? 0 : part == "middle" ? bytes.count / 2 : bytes.count - 1] ^= 1
        return bytes
    }

    /// Every value of every row of every table.
    func everyRow() throws -> [String: [[DatabaseValue]]] {
        var rows: [String: [[DatabaseValue]]] = [:]
        let tables = try String.fetchAll(self, sql: "SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name")
        for table in tables {
            rows[table] = try Row.fetchAll(self, sql: "SELECT * FROM \(table) ORDER BY rowid").map {
                Array($0.databaseValues)
            }
        }
        return rows
    }
}

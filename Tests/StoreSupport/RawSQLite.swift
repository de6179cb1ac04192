import Foundation
import GRDB
import Kernel
import Store
import TestSupport

/// The file of an SQLite database.
struct RawSQLite: RawDatabase {
    private let connection: GRDB.Database

    static func open<T>(_ folder: TemporaryFolder, _ work: (any RawDatabase) throws -> T) throws -> T {
        let queue = try DatabaseQueue(path: folder.database)
        let result = Result { try queue.writeWithoutTransaction { try work(RawSQLite(connection: $0)) } }
        try queue.close()
        return try result.get()
    }

    func execute(_ sql: String) throws { try connection.execute(sql: sql) }

    func rows(_ sql: String) throws -> [[SQLValue]] {
        try Row.fetchAll(connection, sql: sql).map { row in
            row.databaseValues.map { value in
                switch value.storage {
                case .null: .null
                case .int64(let value): .integer(value)
                case .double(let value): .text("\(value)")
                case .string(let value): .text(value)
                case .blob(let value): .blob([UInt8](value))
                }
            }
        }
    }

    func literal(_ bytes: [UInt8]) -> String { "X'\(bytes.hex)'" }

    func tables() throws -> [String] {
        try String.fetchAll(connection, sql: "SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name")
    }

    func columnNames(of table: String) throws -> [String] { try connection.columns(in: table).map(\.name) }

    func place(ofRow number: Int, in table: String) throws -> String {
        let rowid = try Int64.fetchOne(
            connection, sql: "SELECT rowid FROM \(table) ORDER BY rowid LIMIT 1 OFFSET \(number)")
        return "rowid = \(rowid ?? -1)"
    }

    func set(_ column: String, of table: String, at place: String, to value: SQLValue) throws -> Bool {
        let argument: DatabaseValue =
            switch value {
            case .null: .null
            case .integer(let value): value.databaseValue
            case .text(let value): value.databaseValue
            case .blob(let value): Data(value).databaseValue
            }
        do {
            try connection.execute(
                sql: "UPDATE \(table) SET \(column) = ? WHERE \(place)", arguments: [argument])
        } catch let error as DatabaseError where error.resultCode == .SQLITE_CONSTRAINT {
            return false
        }
        return true
    }

    func dropIndexes(of table: String) throws {
        let indexes = try String.fetchAll(
            connection, sql: "SELECT name FROM sqlite_master WHERE type = 'index' AND tbl_name = ? AND sql IS NOT NULL",
            arguments: [table])
        for index in indexes { try connection.execute(sql: "DROP INDEX \(index)") }
    }
}

import Foundation
import GRDB
import Kernel
import Store

/// A GRDB connection as the store sees it.
struct SQLiteSession: SQLSession {
    private let connection: GRDB.Database

    init(_ connection: GRDB.Database) {
        self.connection = connection
    }

    func execute(_ sql: String, _ arguments: [SQLValue]) throws -> Int {
        do {
            let statement = try connection.cachedStatement(sql: sql)
            try statement.execute(arguments: StatementArguments(arguments.map(\.databaseValue)))
            return connection.changesCount
        } catch {
            throw SQLiteProblem.from(error, on: connection)
        }
    }

    func send(_ sql: String, _ arguments: [SQLValue], explain: (any Error) -> any Error) throws {
        do { _ = try execute(sql, arguments) } catch { throw explain(error) }
    }

    // Everything is done at once where the database is in the same process, and its one writer locks it all.
    func prefetch(_ sql: String, _ arguments: [SQLValue]) {}
    func settle() {}
    func forget() {}
    func enter(_ organisation: Identifier<Organisation>) {}
    var rowLock: String { "" }
    var claimingLock: String { "" }

    func rows(_ sql: String, _ arguments: [SQLValue], _ each: (any SQLRow) throws -> Void) throws {
        do {
            let statement = try connection.cachedStatement(sql: sql)
            let cursor = try Row.fetchCursor(
                statement, arguments: StatementArguments(arguments.map(\.databaseValue)))
            while let row = try cursor.next() { try each(SQLiteRow(row: row)) }
        } catch {
            throw SQLiteProblem.from(error, on: connection)
        }
    }

    func integers(
        _ sql: String, _ arguments: [SQLValue], columns: Int, _ each: (Span<Int64>) throws -> Void
    ) throws {
        do {
            let statement = try connection.cachedStatement(sql: sql)
            let cursor = try Row.fetchCursor(
                statement, arguments: StatementArguments(arguments.map(\.databaseValue)))
            var buffer = [Int64](repeating: 0, count: columns)
            while let row = try cursor.next() {
                for column in 0..<columns {
                    // An integer is read straight from the statement; nothing is allocated for it.
                    buffer[column] = row.hasNull(atIndex: column) ? .min : row[column]
                }
                try each(buffer.span)
            }
        } catch {
            throw SQLiteProblem.from(error, on: connection)
        }
    }
}

/// A row of a GRDB cursor, read where it stands.
private struct SQLiteRow: SQLRow {
    let row: Row

    func value(_ column: Int) -> SQLValue {
        switch (row[column] as DatabaseValue).storage {
        case .null: .null
        case .int64(let value): .integer(value)
        case .string(let value): .text(value)
        case .blob(let value): .blob([UInt8](value))
        // No column holds one; what a damaged file shows instead of an integer must not pass for a number.
        case .double: .null
        }
    }
}

extension SQLValue {
    fileprivate var databaseValue: DatabaseValue {
        switch self {
        case .null: .null
        case .integer(let value): value.databaseValue
        case .text(let value): value.databaseValue
        case .blob(let value): Data(value).databaseValue
        }
    }
}

/// A value that a statement binds or a row holds; the few types that both databases share.
public enum SQLValue: Hashable, Sendable {
    case null
    case integer(Int64)
    case text(String)
    case blob([UInt8])
}

extension SQLValue: ExpressibleByIntegerLiteral, ExpressibleByStringLiteral, ExpressibleByNilLiteral {
    /// An integer as it stands in the source.
    public init(integerLiteral value: Int64) { self = .integer(value) }
    /// A text as it stands in the source.
    public init(stringLiteral value: String) { self = .text(value) }
    /// `nil` is `NULL`.
    public init(nilLiteral: ()) { self = .null }
}

/// One row of a result, valid only while the closure that received it runs.
public protocol SQLRow {
    /// The value in `column`, counted from 0.
    func value(_ column: Int) -> SQLValue
}

extension SQLRow {
    /// The integer in `column`; 0 where there is none.
    public func integer(_ column: Int) -> Int64 {
        if case .integer(let value) = value(column) { value } else { 0 }
    }

    /// The text in `column`; empty where there is none.
    public func text(_ column: Int) -> String {
        if case .text(let value) = value(column) { value } else { "" }
    }

    /// The bytes in `column`; empty where there are none.
    public func blob(_ column: Int) -> [UInt8] {
        if case .blob(let value) = value(column) { value } else { [] }
    }
}

/// An open connection inside a transaction. Lives on the connection's own thread and never leaves it.
public protocol SQLSession {
    /// Runs a statement that returns no rows.
    ///
    /// - Parameters:
    ///   - sql: One statement; values are `?`, in order.
    ///   - arguments: The values.
    /// - Returns: How many rows it changed.
    /// - Throws: `Problem` of kind `unavailable` if the database could not, `conflict` if a constraint refused it.
    @discardableResult
    func execute(_ sql: String, _ arguments: [SQLValue]) throws -> Int

    /// Runs a query and hands each row to `each`, in order.
    func rows(_ sql: String, _ arguments: [SQLValue], _ each: (any SQLRow) throws -> Void) throws

    /// Runs a query whose columns are all integers, without allocating per row: the way in for large scans.
    ///
    /// - Parameters:
    ///   - columns: How many columns the query has.
    ///   - each: Receives the row's integers; `NULL` reads as `Int64.min`. The span is reused for the next row.
    func integers(_ sql: String, _ arguments: [SQLValue], columns: Int, _ each: (Span<Int64>) throws -> Void) throws
}

extension SQLSession {
    /// The first row's values, or `nil` if there is none.
    func first<T>(_ sql: String, _ arguments: [SQLValue], _ read: (any SQLRow) throws -> T) throws -> T? {
        var result: T?
        try rows(sql, arguments) { row in if result == nil { result = try read(row) } }
        return result
    }
}

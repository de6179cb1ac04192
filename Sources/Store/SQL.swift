import Kernel

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

    // MARK: - Fewer round trips

    /// Runs a statement whose effect nobody waits for. A remote database is sent several together; what one of them meets
    /// is thrown by the next statement that does wait, or by ``settle()``.
    ///
    /// - Parameter explain: Turns what the statement met into what the caller should read.
    func send(_ sql: String, _ arguments: [SQLValue], explain: @escaping (any Error) -> any Error) throws

    /// Sends a query whose answer ``rows(_:_:_:)`` will be asked for, with the same words and values, before anything else
    /// could change it.
    func prefetch(_ sql: String, _ arguments: [SQLValue]) throws

    /// Waits until everything that was sent has been done.
    func settle() throws

    /// Lets go of what was sent, after one of it has failed.
    func forget()

    /// Goes on as `organisation` in the same transaction, for the few things that concern several at once.
    func enter(_ organisation: Identifier<Organisation>) throws

    /// What follows a query to lock the rows it reads until the transaction ends; empty where the whole database is locked.
    var rowLock: String { get }

    /// As ``rowLock``, but rows that another transaction has locked are passed over.
    var claimingLock: String { get }
}

extension SQLSession {
    /// As ``send(_:_:explain:)``, with what the statement met as it is.
    public func send(_ sql: String, _ arguments: [SQLValue]) throws { try send(sql, arguments) { $0 } }

    /// The first row's values, or `nil` if there is none.
    func first<T>(_ sql: String, _ arguments: [SQLValue], _ read: (any SQLRow) throws -> T) throws -> T? {
        var result: T?
        try rows(sql, arguments) { row in if result == nil { result = try read(row) } }
        return result
    }
}

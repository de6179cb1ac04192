import Foundation
import Kernel

/// A value that the store keeps: one sealed row, found by its identifier and by the index columns it declares.
///
/// The body is the value's JSON, sealed; a record whose every byte matters states its own bytes instead. Index columns are readable in the database file: states, times, identifiers,
/// counts and keyed hashes only. A name, an address, a title, free text or evidence is never one.
public protocol Record: Sendable {
    /// What the identifier names; usually the record itself.
    associatedtype Kind = Self

    /// Where its rows lie.
    static var table: RecordTable { get }

    /// Its identifier, unique within the organisation.
    var id: Identifier<Kind> { get }

    /// The values of `table.indexColumns`, in that order.
    var indexColumns: [SQLValue] { get }

    /// The bytes to seal.
    func storedBody() throws -> [UInt8]

    /// Reads the record back from the bytes of its body.
    init(storedBody: [UInt8]) throws
}

extension Record where Self: Codable {
    /// The record's JSON, with its keys in order.
    public func storedBody() throws -> [UInt8] {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        return [UInt8](try encoder.encode(self))
    }

    /// Reads the record back from its JSON.
    public init(storedBody: [UInt8]) throws {
        self = try JSONDecoder().decode(Self.self, from: Data(storedBody))
    }
}

/// Where the rows of one kind of record lie.
public struct RecordTable: Hashable, Sendable {
    /// The table's name.
    public let name: String
    /// The columns beside the sealed body that queries may ask for; readable in the database file.
    public let indexColumns: [TableDefinition.Column]
    /// The indexes over these columns.
    public let indexes: [TableDefinition.Index]
    /// Whether anyone at all may read it; true for publications only.
    public let isPublic: Bool
    /// The column that names the person whom the content is about: `id`, or an index column. Such content is sealed under
    /// a key of that person's own, so that destroying the key erases it wherever it is.
    public let subjectColumn: String?

    /// A table of these columns; every one of them is readable in the database file.
    public init(
        _ name: String, indexColumns: [TableDefinition.Column] = [], indexes: [TableDefinition.Index] = [],
        isPublic: Bool = false, subjectColumn: String? = nil
    ) {
        self.name = name
        self.indexColumns = indexColumns
        self.indexes = indexes
        self.isPublic = isPublic
        self.subjectColumn = subjectColumn
    }

    /// The table with the columns that every record has.
    public var definition: TableDefinition {
        TableDefinition(
            name, kind: .records,
            columns: [
                .blob("id"), .integer("version"), .integer("entry"), .integer("position"), .blob("digest"),
                .blob("body"),
            ] + indexColumns,
            primaryKey: ["id"], indexes: indexes + [TableDefinition.Index("entry", "position", isUnique: true)])
    }
}

/// A record as it lies in the store: the value, and what optimistic locking and the ledger know of its row.
public struct Stored<R: Record>: Sendable {
    /// The value.
    public let record: R
    /// Counts the writes of this record, from 1.
    public let version: Int64
    /// The ledger entry of the change that wrote this version.
    public let entry: Int64
    /// The row's place among the rows of that change, from 0.
    public let position: Int64
}

/// Which records to read, in one organisation; the organisation itself is always part of the statement.
public struct Query: Sendable {
    /// An SQL condition over index columns, with `?` for each argument; empty for all.
    public var condition: String
    /// The values for the `?` of the condition, in order.
    public var arguments: [SQLValue]
    /// Index columns to order by, such as `observed_at DESC`.
    public var order: String?
    /// The most records to read; `nil` for all.
    public var limit: Int?

    /// A query out of its parts.
    public init(_ condition: String = "", _ arguments: [SQLValue] = [], order: String? = nil, limit: Int? = nil) {
        self.condition = condition
        self.arguments = arguments
        self.order = order
        self.limit = limit
    }

    /// Every record of the organisation.
    public static let all = Query()

    var whereClause: String { condition.isEmpty ? "organisation = ?" : "organisation = ? AND (\(condition))" }

    var tail: String {
        (order.map { " ORDER BY \($0)" } ?? "") + (limit.map { " LIMIT \(max(0, $0))" } ?? "")
    }
}

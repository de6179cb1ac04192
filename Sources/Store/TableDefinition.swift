/// The shape of a table, from which each driver writes its own DDL.
///
/// Every table carries the organisation as the first column of its primary key; there is no way to define one without.
public struct TableDefinition: Hashable, Sendable {
    /// What may happen to the rows.
    public enum Kind: Hashable, Sendable {
        /// Sealed rows, written by a change, covered by the ledger.
        case records
        /// The ledger's own rows and wrapped keys.
        case ledger
        /// Leases, throttles, last-seen: written by `touch`, never evidence.
        case disposable
    }

    /// A column; all types map to one in each database.
    public struct Column: Hashable, Sendable {
        /// The kinds of values that a column can hold.
        public enum Storage: Hashable, Sendable { case integer, text, blob }

        /// The column's name.
        public let name: String
        /// What it holds.
        public let storage: Storage
        /// Whether `NULL` may stand in it.
        public let isOptional: Bool

        /// A column of 64-bit integers, never `NULL`.
        public static func integer(_ name: String) -> Column {
            Column(name: name, storage: .integer, isOptional: false)
        }
        /// A column of text, never `NULL`.
        public static func text(_ name: String) -> Column { Column(name: name, storage: .text, isOptional: false) }
        /// A column of bytes, never `NULL`.
        public static func blob(_ name: String) -> Column { Column(name: name, storage: .blob, isOptional: false) }

        /// The same column, where `NULL` may stand.
        public var optional: Column { Column(name: name, storage: storage, isOptional: true) }
    }

    /// An index over some columns; the organisation always comes first.
    public struct Index: Hashable, Sendable {
        /// The columns, in order, without `organisation`.
        public let columns: [String]
        /// Whether no two rows of one organisation may agree in all of them.
        public let isUnique: Bool

        /// An index over `columns`, in that order.
        public init(_ columns: String..., isUnique: Bool = false) {
            self.columns = columns
            self.isUnique = isUnique
        }
    }

    /// The table's name.
    public let name: String
    /// What may happen to its rows.
    public let kind: Kind
    /// Without `organisation`, which every table has.
    public let columns: [Column]
    /// Without `organisation`.
    public let primaryKey: [String]
    /// The indexes beside the primary key.
    public let indexes: [Index]

    /// A table out of its parts; `organisation` is added to it, to its key and to its indexes.
    public init(_ name: String, kind: Kind, columns: [Column], primaryKey: [String], indexes: [Index] = []) {
        self.name = name
        self.kind = kind
        self.columns = columns
        self.primaryKey = primaryKey
        self.indexes = indexes
    }
}

/// One forward step of the schema; it runs once, in one transaction with all that are due.
public struct Migration: Hashable, Sendable {
    /// A lasting name: the room, a point, a number: `identity.1`.
    public let name: String
    /// The tables it creates. Later kinds of steps join here when a release needs them.
    public let tables: [TableDefinition]

    /// A step that creates `tables`.
    public init(_ name: String, creates tables: [TableDefinition]) {
        self.name = name
        self.tables = tables
    }
}

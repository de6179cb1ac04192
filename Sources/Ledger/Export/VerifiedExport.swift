import Kernel

/// What an export that holds contains, in numbers.
public struct VerifiedExport: Hashable, Sendable {
    /// How often something was done.
    public struct Action: Hashable, Sendable {
        /// What was done: `policy.imported`.
        public let name: String
        /// How many entries tell of it.
        public let count: Int
        /// When it was done first.
        public let first: Instant
        /// When it was done last.
        public let last: Instant
    }

    /// How many rows of one kind there are.
    public struct Table: Hashable, Sendable {
        /// The table's name.
        public let name: String
        /// How many rows of it stand in the export.
        public let rows: Int
    }

    /// Whose record it is, which export, when it was made, and what was signed.
    public let header: ExportHeader
    /// The signed state of the ledger that every line leads to.
    public let checkpoint: Checkpoint
    /// How many rows stand in the export as they were written.
    public let rows: Int
    /// How many had only left their digests when the export was made: they were replaced or erased, says the ledger's key.
    public let residues: Int
    /// The rows by table, in the order of the first of each.
    public let tables: [Table]
    /// The entries by action, in the order of the first of each.
    public let actions: [Action]
    /// How many entries or rows stand in no line of ``actions`` or ``tables``, because there were too many kinds.
    public let uncounted: Int

    /// How many entries there are.
    public var entries: UInt64 { checkpoint.size }
    /// When the first entry was written.
    public var first: Instant? { actions.map(\.first).min() }
    /// When the last entry was written.
    public var last: Instant? { actions.map(\.last).max() }
}

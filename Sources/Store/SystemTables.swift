/// The store's own tables: keys and the ledger.
enum SystemTables {
    static let dataKeys = TableDefinition(
        "data_key", kind: .ledger,
        columns: [.blob("id"), .blob("wrapped"), .integer("created_at"), .integer("is_current")],
        primaryKey: ["id"])

    static let signingKeys = TableDefinition(
        "signing_key", kind: .ledger,
        columns: [.blob("id"), .text("verification_key"), .blob("sealed"), .integer("created_at")],
        primaryKey: ["id"])

    /// One row from the first day on: the tree's right edge, which also holds the size, and what was signed of it so far.
    static let ledgerHead = TableDefinition(
        "ledger_head", kind: .ledger,
        columns: [.blob("frontier"), .integer("signed_size"), .integer("signed_count")], primaryKey: [])

    static let ledgerEntries = TableDefinition(
        "ledger_entry", kind: .ledger,
        columns: [.integer("number"), .blob("leaf"), .blob("leaf_hash")], primaryKey: ["number"])

    static let ledgerNodes = TableDefinition(
        "ledger_node", kind: .ledger, columns: [.integer("level"), .integer("number"), .blob("hash")],
        primaryKey: ["level", "number"])

    /// What is left of a row version that was replaced or erased: its digest, which its entry's content root still covers.
    static let ledgerResidue = TableDefinition(
        "ledger_residue", kind: .ledger, columns: [.integer("entry"), .integer("position"), .blob("digest")],
        primaryKey: ["entry", "position"])

    static let checkpoints = TableDefinition(
        "checkpoint", kind: .ledger,
        columns: [.integer("size"), .blob("note")], primaryKey: ["size"])

    static let migration = Migration(
        "store.1",
        creates: [
            dataKeys, signingKeys, ledgerHead, ledgerEntries, ledgerNodes, ledgerResidue, checkpoints,
        ])

    /// The store's own schema, in order; it comes before that of the rooms.
    static let migrations = [migration, Migration("transfer.1", creates: [TransferMark.table])]
}

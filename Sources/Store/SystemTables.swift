/// The store's own tables: keys and the ledger.
enum SystemTables {
    /// The newest one seals; the older ones have rows left to open. One without a time of making is for blind indexes.
    static let dataKeys = TableDefinition(
        "data_key", kind: .ledger, columns: [.blob("id"), .blob("wrapped"), .integer("created_at")],
        primaryKey: ["id"])

    static let signingKeys = TableDefinition(
        "signing_key", kind: .ledger,
        columns: [.blob("id"), .text("verification_key"), .blob("sealed"), .integer("created_at")],
        primaryKey: ["id"])

    /// Keys for what is about one person, sealed by the data key. Destroying a row is how a person is erased.
    static let subjectKeys = TableDefinition(
        "subject_key", kind: .ledger, columns: [.blob("subject"), .blob("wrapped")], primaryKey: ["subject"])

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

    /// Where each organisation's checkpoints stand in the operator's log: told by the leaves, kept to be found quickly.
    static let operatorLeaves = TableDefinition(
        "operator_leaf", kind: .ledger, columns: [.blob("ledger"), .integer("size"), .integer("number")],
        primaryKey: ["ledger", "size"], indexes: [TableDefinition.Index("number", isUnique: true)])

    /// The newest checkpoint of the operator's log that each witness cosigned, by the witness's public key. Each row is
    /// signed by the log and by the witness, so no entry vouches for it: one would change the log that is cosigned.
    static let cosignatures = TableDefinition(
        "cosignature", kind: .ledger, columns: [.blob("witness"), .integer("size"), .blob("note")],
        primaryKey: ["witness"])

    /// What came of asking each witness the last time. Disposable: what counts is what it cosigned.
    static let witnessStandings = TableDefinition(
        "witness_standing", kind: .disposable,
        columns: [.blob("witness"), .integer("outcome"), .integer("asked_at")], primaryKey: ["witness"])

    static let migration = Migration(
        "store.1",
        creates: [
            dataKeys, signingKeys, subjectKeys, ledgerHead, ledgerEntries, ledgerNodes, ledgerResidue, checkpoints,
            LeaseRows.table, operatorLeaves, cosignatures, witnessStandings,
        ])

    /// The store's own schema, in order; it comes before that of the rooms.
    static let migrations = [migration, Migration("transfer.1", creates: [TransferMark.table])]
}

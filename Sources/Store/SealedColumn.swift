import Kernel
import Vault

/// A column that data keys seal: the bodies of every record table, and the keys that are themselves sealed.
struct SealedColumn {
    let table: String
    /// The column of the primary key beside the organisation.
    private let key: String
    private let value: String
    private let records: RecordTable?

    /// Every such column there is.
    static func all(_ tables: [RecordTable]) -> [SealedColumn] {
        [
            SealedColumn(table: "signing_key", key: "id", value: "sealed", records: nil),
            SealedColumn(table: "subject_key", key: "subject", value: "wrapped", records: nil),
        ] + tables.map { SealedColumn(table: $0.name, key: "id", value: "body", records: $0) }
    }

    /// How many values are taken in one transaction: others wait for it.
    private static let batch = 500

    // An envelope is version ‖ key id (16 bytes) ‖ …, so the name of its key can be compared without opening it.
    private var keyName: String { "substr(\(value), 2, 16)" }

    /// How many values were sealed under `id`.
    func count(
        under id: Identifier<DataKey>, of organisation: Identifier<Organisation>, in session: any SQLSession
    ) throws -> Int {
        try session.first(
            "SELECT COUNT(*) FROM \(table) WHERE organisation = ? AND \(keyName) = ?",
            [.blob(organisation.bytes), .blob(id.bytes)]
        ) { Int($0.integer(0)) } ?? 0
    }

    /// The primary keys of the next values that are under another key than `current`.
    ///
    /// - Parameter after: The primary key that was reached; empty at the beginning.
    /// - Returns: At most one batch; nothing at the end.
    func keys(
        besides current: Identifier<DataKey>, after: [UInt8], of organisation: Identifier<Organisation>,
        in session: any SQLSession
    ) throws -> [[UInt8]] {
        var keys: [[UInt8]] = []
        try session.rows(
            """
            SELECT \(key) FROM \(table) WHERE organisation = ? AND \(key) > ? AND \(keyName) <> ? \
            ORDER BY \(key) LIMIT \(Self.batch)
            """, [.blob(organisation.bytes), .blob(after), .blob(current.bytes)]
        ) { keys.append($0.blob(0)) }
        return keys
    }

    /// Seals the values with these primary keys that are still under another key than the current one.
    ///
    /// - Returns: How many were sealed anew.
    func reseal(_ keys: [[UInt8]], with seal: RowSeal, in session: any SQLSession) throws -> Int {
        let organisation = SQLValue.blob(seal.organisation.bytes)
        let columns = records.map { SealedRow.columns(of: $0) } ?? columnsOfKeys
        var found: [(key: [UInt8], sealed: [UInt8])] = []
        try session.rows(
            """
            SELECT \(columns) FROM \(table) WHERE organisation = ? AND \(keyName) <> ? \
            AND \(key) IN (\(keys.map { _ in "?" }.joined(separator: ", ")))
            """, [organisation, .blob(seal.keyring.currentKeyID.bytes)] + keys.map { .blob($0) }
        ) { row in found.append((row.blob(0), try resealed(row, with: seal))) }
        for value in found {
            try session.send(
                "UPDATE \(table) SET \(self.value) = ? WHERE organisation = ? AND \(key) = ?",
                [.blob(value.sealed), organisation, .blob(value.key)])
        }
        return found.count
    }

    private var columnsOfKeys: String {
        table == "signing_key" ? "id, sealed, verification_key, created_at" : "subject, wrapped"
    }

    private func resealed(_ row: any SQLRow, with seal: RowSeal) throws -> [UInt8] {
        if let records { return try seal.resealed(SealedRow(row, table: records), in: records) }
        if table == "signing_key" {
            let place = KeyRows.signerPlace(
                row.blob(0), of: seal.organisation, verificationKey: row.text(2), createdAt: row.integer(3))
            return try seal.keyring.seal(
                try seal.keyring.open(row.blob(1), as: place), as: place, randomness: seal.randomness)
        }
        guard let subject = Identifier<Subject>(bytes: row.blob(0)) else {
            throw Problem(.refused, code: "store.damaged-key", "A stored key of a person is damaged.")
        }
        return try SubjectKey(for: subject, unwrapping: row.blob(1), by: seal.keyring)
            .wrapped(by: seal.keyring, randomness: seal.randomness)
    }
}

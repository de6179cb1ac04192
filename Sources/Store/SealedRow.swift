import Kernel
import Ledger
import Vault

/// A record's row as the database holds it.
struct SealedRow {
    let id: [UInt8]
    let version: Int64
    let entry: Int64
    let position: Int64
    let digest: [UInt8]
    let body: [UInt8]
    let indexColumns: [SQLValue]

    /// The columns of a record's table, in the order in which this reads them.
    static func columns(of table: RecordTable) -> String {
        (["id", "version", "entry", "position", "digest", "body"] + table.indexColumns.map(\.name))
            .joined(separator: ", ")
    }

    init(_ row: any SQLRow, table: RecordTable) {
        id = row.blob(0)
        version = row.integer(1)
        entry = row.integer(2)
        position = row.integer(3)
        digest = row.blob(4)
        body = row.blob(5)
        indexColumns = table.indexColumns.indices.map { row.value(6 + $0) }
    }

    /// The person whom the row is about, if its table says so.
    func subject(in table: RecordTable) -> Identifier<Subject>? {
        Self.subject(in: table, id: id, values: indexColumns)
    }

    static func subject(in table: RecordTable, id: [UInt8], values: [SQLValue]) -> Identifier<Subject>? {
        guard let column = table.subjectColumn else { return nil }
        if column == "id" { return Identifier(bytes: id) }
        guard let index = table.indexColumns.firstIndex(where: { $0.name == column }), values.indices.contains(index),
            case .blob(let bytes) = values[index]
        else { return nil }
        return Identifier(bytes: bytes)
    }
}

/// Seals rows for one organisation, and opens them again.
///
/// The seal is bound to the place of the row and to its index columns, so that a moved ciphertext or a changed state
/// does not open. The digest that the ledger covers is salted, made over the plaintext, and so outlives a change of keys.
struct RowSeal {
    let keyring: Keyring
    let organisation: Identifier<Organisation>
    let randomness: Randomness
    let subjects: SubjectKeys

    init(
        keyring: Keyring, organisation: Identifier<Organisation>, randomness: Randomness, session: any SQLSession
    ) {
        self.keyring = keyring
        self.organisation = organisation
        self.randomness = randomness
        subjects = SubjectKeys(
            session: session, organisation: organisation, keyring: keyring, randomness: randomness)
    }

    /// What to store for one version of a record.
    struct Written {
        let body: [UInt8]
        let digest: RowDigest
    }

    func write<R: Record>(_ record: R, version: Int64) throws -> Written {
        let plaintext = try record.storedBody()
        let header = Self.header(table: R.table, id: record.id.bytes, version: version, values: record.indexColumns)
        let salt = randomness.bytes(RowDigest.saltSize)
        let place = place(R.table, id: record.id.bytes, header: header)
        var content = salt + plaintext
        if let subject = SealedRow.subject(in: R.table, id: record.id.bytes, values: record.indexColumns) {
            content = try subjects.keyForWriting(subject).seal(content, as: place, randomness: randomness)
        }
        let body = try keyring.seal(content, as: place, randomness: randomness)
        return Written(body: body, digest: RowDigest(salt: salt, header: header, body: plaintext))
    }

    func open<R: Record>(_ type: R.Type, _ row: SealedRow) throws -> Stored<R> {
        let (_, plaintext) = try plaintext(of: row, in: R.table)
        do {
            let record = try R(storedBody: plaintext)
            return Stored(record: record, version: row.version, entry: row.entry, position: row.position)
        } catch {
            throw Problem(
                .refused, code: "store.unreadable-record",
                "Row \(row.id.hex) of \(R.table.name) opened, but this version of Vouchsafe cannot read it.",
                hint: "It may have been written by a newer version.", cause: "\(error)")
        }
    }

    /// Opens a row and returns the salt and the bytes that its digest was made over, whatever record it holds.
    func plaintext(of row: SealedRow, in table: RecordTable) throws -> (salt: [UInt8], body: [UInt8]) {
        let header = Self.header(table: table, id: row.id, version: row.version, values: row.indexColumns)
        let place = place(table, id: row.id, header: header)
        var opened = try keyring.open(row.body, as: place)
        if let subject = row.subject(in: table) { opened = try subjects.key(of: subject).open(opened, as: place) }
        guard opened.count >= RowDigest.saltSize else {
            throw Problem(.refused, code: "store.unreadable-record", "Row \(row.id.hex) of \(table.name) is cut short.")
        }
        return (Array(opened.prefix(RowDigest.saltSize)), Array(opened.dropFirst(RowDigest.saltSize)))
    }

    /// The digest that `row` must have, recomputed from what it holds.
    func digest(of row: SealedRow, in table: RecordTable) throws -> RowDigest {
        let (salt, body) = try plaintext(of: row, in: table)
        let header = Self.header(table: table, id: row.id, version: row.version, values: row.indexColumns)
        return RowDigest(salt: salt, header: header, body: body)
    }

    static func header(table: RecordTable, id: [UInt8], version: Int64, values: [SQLValue]) -> RowHeader {
        var header = RowHeader(table: table.name, id: id.hex, version: version)
        for (column, value) in zip(table.indexColumns, values) {
            switch value {
            case .null: header.append(column.name, .null)
            case .integer(let integer): header.append(column.name, .integer(integer))
            case .text(let text): header.append(column.name, .text(text))
            case .blob(let blob): header.append(column.name, .blob(blob))
            }
        }
        return header
    }

    /// The same content sealed by the current key, without its meaning being touched.
    func resealed(_ row: SealedRow, in table: RecordTable) throws -> [UInt8] {
        let header = Self.header(table: table, id: row.id, version: row.version, values: row.indexColumns)
        let place = place(table, id: row.id, header: header)
        return try keyring.seal(try keyring.open(row.body, as: place), as: place, randomness: randomness)
    }

    private func place(_ table: RecordTable, id: [UInt8], header: RowHeader) -> SealedPlace {
        SealedPlace(
            scope: organisation.retyped(), table: table.name, column: "body", row: id, context: header.bytes)
    }
}

import Store

/// The stored rows, without keys, ledger or scopes: what a test damages.
public protocol RawDatabase {
    /// Runs statements without values.
    func execute(_ sql: String) throws
    /// The rows of a query.
    func rows(_ sql: String) throws -> [[SQLValue]]
    /// How a statement writes these bytes.
    func literal(_ bytes: [UInt8]) -> String
    /// The names of all tables.
    func tables() throws -> [String]
    func columnNames(of table: String) throws -> [String]
    /// A phrase that names row `number` of a table in its stored order.
    func place(ofRow number: Int, in table: String) throws -> String
    /// Sets one value of one row.
    ///
    /// - Returns: Whether the database took it; a constraint may refuse.
    func set(_ column: String, of table: String, at place: String, to value: SQLValue) throws -> Bool
    /// Removes every index beside the primary key, as whoever writes to the database can.
    func dropIndexes(of table: String) throws
}

extension RawDatabase {
    public func count(_ table: String) throws -> Int { try rows("SELECT 1 FROM \(table)").count }

    /// Adds a copy of the first row in which one column has another value.
    public func copyRow(of table: String, setting column: String, to value: SQLValue) throws {
        try dropIndexes(of: table)
        let columns = try columnNames(of: table)
        let literal =
            switch value {
            case .null: "NULL"
            case .integer(let number): "\(number)"
            case .text(let text): "'\(text)'"
            case .blob(let bytes): self.literal(bytes)
            }
        try execute(
            """
            INSERT INTO \(table) (\(columns.joined(separator: ", "))) \
            SELECT \(columns.map { $0 == column ? literal : $0 }.joined(separator: ", ")) FROM \(table) LIMIT 1
            """)
    }

    /// Removes one row.
    public func deleteRow(_ number: Int, of table: String) throws {
        try execute("DELETE FROM \(table) WHERE \(try place(ofRow: number, in: table))")
    }

    /// Changes one bit of one value.
    ///
    /// - Returns: Whether there was something to change.
    public func changeByte(of column: String, in table: String, row: Int, at part: String) throws -> Bool {
        let place = try place(ofRow: row, in: table)
        let changed: SQLValue
        switch try rows("SELECT \(column) FROM \(table) WHERE \(place)").first?.first {
        case .integer(let number):
            changed = .integer(number ^ (part == "first" ? 1 << 40 : part == "middle" ? 64 : 1))
        case .text(let text): changed = .text(String(decoding: Self.changed(Array(text.utf8), part), as: UTF8.self))
        case .blob(let bytes): changed = .blob(Self.changed(bytes, part))
        case .null where part == "first": changed = 0
        default: return false
        }
        return try set(column, of: table, at: place, to: changed)
    }

    private static func changed(_ bytes: [UInt8], _ part: String) -> [UInt8] {
        var bytes = bytes
        guard !bytes.isEmpty else { return [1] }
        bytes[part == "first" ? 0 : part == "middle" ? bytes.count / 2 : bytes.count - 1] ^= 1
        return bytes
    }

    /// Every value of every row of every table, in no particular order of rows.
    public func everyRow() throws -> [String: Set<[SQLValue]>] {
        var all: [String: Set<[SQLValue]>] = [:]
        for table in try tables() { all[table] = Set(try rows("SELECT * FROM \(table)")) }
        return all
    }
}

import Kernel

/// A table whose rows a dump and a move carry along: everything but what is disposable.
struct KeptTable: Hashable, Sendable {
    let definition: TableDefinition

    var name: String { definition.name }
    /// Without `organisation`.
    var columns: [TableDefinition.Column] { definition.columns }

    /// Where the columns of the primary key stand among the columns.
    let keyPositions: [Int]
    private let insertion: String
    private let selection: String

    init(_ definition: TableDefinition) {
        self.definition = definition
        let names = definition.columns.map(\.name)
        keyPositions = definition.primaryKey.compactMap { names.firstIndex(of: $0) }
        let all = (["organisation"] + names).joined(separator: ", ")
        insertion = "INSERT INTO \(definition.name) (\(all)) VALUES (?\(String(repeating: ", ?", count: names.count)))"
        selection = "SELECT \(names.joined(separator: ", ")) FROM \(definition.name) WHERE organisation = ?"
    }

    /// The statement for the next rows of one organisation, in the order of their keys.
    ///
    /// - Parameter key: The key of the last row that was read; `nil` to begin.
    func page(of organisation: Identifier<Organisation>, after key: [SQLValue]?, limit: Int) -> (
        sql: String, arguments: [SQLValue]
    ) {
        let names = definition.primaryKey.joined(separator: ", ")
        guard !definition.primaryKey.isEmpty else { return (selection, [.blob(organisation.bytes)]) }
        let order = " ORDER BY \(names) LIMIT \(limit)"
        guard let key else { return (selection + order, [.blob(organisation.bytes)]) }
        let marks = key.map { _ in "?" }.joined(separator: ", ")
        return (selection + " AND (\(names)) > (\(marks))" + order, [.blob(organisation.bytes)] + key)
    }

    /// The greatest key that `organisation` has here; `nil` if it has no row.
    func lastKey(of organisation: Identifier<Organisation>, in session: any SQLSession) throws -> [SQLValue]? {
        let names = definition.primaryKey
        let order = names.isEmpty ? "" : " ORDER BY \(names.map { "\($0) DESC" }.joined(separator: ", "))"
        let selected = names.isEmpty ? "1" : names.joined(separator: ", ")
        return try session.first(
            "SELECT \(selected) FROM \(name) WHERE organisation = ?\(order) LIMIT 1", [.blob(organisation.bytes)]
        ) { row in names.indices.map { row.value($0) } }
    }

    /// How many rows `organisation` has here.
    func count(of organisation: Identifier<Organisation>, in session: any SQLSession) throws -> Int {
        try session.first("SELECT COUNT(*) FROM \(name) WHERE organisation = ?", [.blob(organisation.bytes)]) {
            Int($0.integer(0))
        } ?? 0
    }

    /// Writes one row as it was read elsewhere.
    func insert(
        _ values: [SQLValue], of organisation: Identifier<Organisation>, in session: any SQLSession
    ) throws {
        try session.send(insertion, [.blob(organisation.bytes)] + values)
    }

    /// Whether `value` may stand in `column`.
    static func fits(_ value: SQLValue, _ column: TableDefinition.Column) -> Bool {
        switch (value, column.storage) {
        case (.null, _): column.isOptional
        case (.integer, .integer), (.blob, .blob): true
        // PostgreSQL keeps no zero byte in a text.
        case (.text(let text), .text): !text.utf8.contains(0)
        default: false
        }
    }
}

/// How many rows to ask for at once: many small ones, few large ones, so that a page stays near a few megabytes.
struct PageSize {
    private(set) var rows = 8
    private static let most = 500
    private static let enough = 4 << 20

    /// Learns from a page of `rows` rows with `bytes` bytes of values.
    mutating func adapt(rows: Int, bytes: Int) {
        let average = max(1, bytes / max(1, rows))
        self.rows = min(Self.most, self.rows * 2, max(1, Self.enough / average))
    }
}

extension SQLValue {
    /// About how much memory it takes.
    var size: Int {
        switch self {
        case .null, .integer: 8
        case .text(let text): text.utf8.count
        case .blob(let bytes): bytes.count
        }
    }
}

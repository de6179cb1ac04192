import Crypto
import Kernel
import StoreSupport
import TestSupport

@testable import Store

/// Other organisations that are as easily mistaken for one's own as can be: every row of a scope once more under another
/// organisation, once with the same keys and once with keys that sort after all.
///
/// Nothing but the organisation tells them apart, so a statement that does not ask for it meets them. What is sealed in them
/// names one's own key and yet does not open, as no other organisation's row would.
enum Mirrors {
    /// The other organisation whose rows have the same keys. Shorter, and so before every real one in each order.
    static func twin(of scope: Identifier<Organisation>) -> [UInt8] {
        scope == .operatorLog ? Array(scope.bytes.dropLast(2)) : Array(scope.bytes.dropLast())
    }

    /// The other organisation whose rows come after all others.
    private static func last(of scope: Identifier<Organisation>) -> [UInt8] { [0xFF] + scope.bytes.dropFirst() }

    /// The other organisation that has a row of every table in one entry: the one that the newest proof is made over.
    private static func beside(_ scope: Identifier<Organisation>) -> [UInt8] { [0xFE] + scope.bytes.dropFirst() }

    /// The columns that a data key seals.
    static let sealed: Set = ["body", "wrapped", "sealed"]

    /// A sealed value that does not open any more.
    static func damaged(_ bytes: [UInt8]) -> [UInt8] { Array(bytes.dropLast()) + [(bytes.last ?? 0) ^ 1] }

    static func plant(_ scopes: [Identifier<Organisation>], in folder: TemporaryFolder, schema: StoreSchema) throws {
        try TestDatabase.current.withRawDatabase(in: folder) { raw in
            for scope in scopes {
                let own = raw.literal(scope.bytes)
                let keys = try raw.rows("SELECT id FROM data_key WHERE organisation = \(own) ORDER BY id DESC")
                guard case .blob(let key)? = keys.first?.first else { continue }
                let proved = try raw.rows("SELECT MAX(entry) FROM publication WHERE organisation = \(own)")
                for table in schema.allMigrations.flatMap(\.tables) {
                    try Planting(raw: raw, table: table, own: own, key: key).plant(
                        twin: twin(of: scope), last: last(of: scope))
                    guard case .integer(let entry)? = proved.first?.first else { continue }
                    guard table.columns.contains(where: { $0.name == "digest" }), table.name != "publication" else {
                        continue
                    }
                    try Planting(raw: raw, table: table, own: own, key: key).row(of: beside(scope), entry: entry)
                }
            }
        }
    }

    /// What one table holds of the others.
    private struct Planting {
        let raw: any RawDatabase
        let table: TableDefinition
        let own: String
        let key: [UInt8]

        private var names: [String] { table.columns.map(\.name) }

        func plant(twin: [UInt8], last: [UInt8]) throws {
            // Where one has no row, another organisation has one all the same.
            guard try !raw.rows("SELECT 1 FROM \(table.name) WHERE organisation = \(own) LIMIT 1").isEmpty else {
                return try row(of: last, entry: 1_000_000)
            }
            try copy(to: twin) { $0.name }
            try copy(to: last) { column in
                if column.name == "entry" { return "entry + 1000000" }
                guard column.name == table.primaryKey.last else { return column.name }
                return switch column.storage {
                case .blob: blob("\(raw.literal([0xFF])) || substr(\(column.name), 2)")
                case .integer: "\(column.name) + 1000000"
                case .text: "\(column.name) || '~'"
                }
            }
        }

        private func copy(to mirror: [UInt8], _ value: (TableDefinition.Column) -> String) throws {
            let values = table.columns.map { column in
                Mirrors.sealed.contains(column.name)
                    ? blob("substr(\(column.name), 1, length(\(column.name)) - 1) || \(raw.literal([0]))")
                    : value(column)
            }
            try insert(mirror, values, "FROM \(table.name) WHERE organisation = \(own)")
        }

        /// One row that nobody wrote.
        func row(of mirror: [UInt8], entry: Int64) throws {
            let values = table.columns.map { column in
                if column.name == "entry" { return "\(entry)" }
                return switch column.storage {
                case .blob where Mirrors.sealed.contains(column.name):
                    raw.literal([1] + key + Array(repeating: 0, count: 40))
                case .blob where column.name == "digest": raw.literal(Array(repeating: 0, count: 32))
                case .blob: raw.literal(Array(repeating: 0, count: 16))
                case .integer: "0"
                case .text: "''"
                }
            }
            try insert(mirror, values, "")
        }

        private func insert(_ mirror: [UInt8], _ values: [String], _ source: String) throws {
            try raw.execute(
                """
                INSERT INTO \(table.name) (\((["organisation"] + names).joined(separator: ", "))) \
                SELECT \(([raw.literal(mirror)] + values).joined(separator: ", ")) \(source)
                """)
        }

        /// SQLite's || makes a text of what it joins.
        private func blob(_ joined: String) -> String {
            TestDatabase.current == .sqlite ? "CAST(\(joined) AS BLOB)" : joined
        }
    }

    /// What every row of every mirror holds, as a hash: the database puts it into words, so that this costs little.
    ///
    /// - Parameter isExact: Whether bytes count too, and not only keys, numbers and texts.
    static func content(
        _ scopes: [Identifier<Organisation>], isExact: Bool, in folder: TemporaryFolder, schema: StoreSchema
    ) throws -> [UInt8] {
        try TestDatabase.current.withRawDatabase(in: folder) { raw in
            var hash = SHA256()
            let mirrors = scopes.flatMap { [twin(of: $0), last(of: $0), beside($0)] }.map(raw.literal)
            for table in schema.allMigrations.flatMap(\.tables) {
                let keys = ["organisation"] + table.primaryKey
                let counting = table.columns.filter { isExact || $0.storage != .blob }.map(\.name)
                let words = (keys + counting).map { "quote(\($0))" }.joined(separator: " || ',' || ")
                let rows = try raw.rows(
                    """
                    SELECT COALESCE(group_concat(line, ';'), '') FROM (SELECT \(words) AS line FROM \(table.name) \
                    WHERE organisation IN (\(mirrors.joined(separator: ", "))) \
                    ORDER BY \(keys.joined(separator: ", ")))
                    """)
                guard case .text(var text)? = rows.first?.first else { continue }
                text.withUTF8 { hash.update(data: $0) }
                hash.update(data: Array("\n\(table.name)\n".utf8))
            }
            return Array(hash.finalize())
        }
    }

    /// Every row of every mirror, to see whether one was touched.
    static func rows(
        _ scopes: [Identifier<Organisation>], in folder: TemporaryFolder, schema: StoreSchema
    ) throws -> Set<[SQLValue]> {
        try TestDatabase.current.withRawDatabase(in: folder) { raw in
            var found: Set<[SQLValue]> = []
            let mirrors = scopes.flatMap { [twin(of: $0), last(of: $0), beside($0)] }.map(raw.literal).joined(
                separator: ", ")
            for table in schema.allMigrations.flatMap(\.tables) {
                for row in try raw.rows("SELECT * FROM \(table.name) WHERE organisation IN (\(mirrors))") {
                    found.insert([.text(table.name)] + row)
                }
            }
            return found
        }
    }
}

import Foundation
import Kernel

/// The form of a dump, `vouchsafe/dump@v1`: a line with its name, then records of a kind, a length and a content.
/// docs/backup-format.md describes it for other programs.
enum Dump {
    static let name = "vouchsafe/dump@v1"
    static var firstLine: [UInt8] { Array("\(name)\n".utf8) }

    /// What a record is; its first byte.
    enum Kind: UInt8 {
        case header = 0x48
        case scope = 0x53
        case table = 0x54
        case row = 0x52
        case manifest = 0x4D
        case end = 0x45

        /// The most bytes that its content may have.
        var limit: Int {
            switch self {
            case .header: 4 << 20
            case .scope: 16
            case .table: 2
            case .row: 256 << 20
            case .manifest: 64 << 20
            case .end: 32
            }
        }
    }

    /// The first byte of a value in a row.
    enum Tag: UInt8 {
        case null = 0
        case integer = 1
        case text = 2
        case blob = 3
    }

    static func damaged(_ what: String) -> Problem {
        Problem(
            .refused, code: "dump.damaged", "The dump is damaged: \(what).",
            hint: "Nothing of it is used. Take another backup.")
    }
}

/// What stands at the beginning of a dump: where it comes from and which tables it has.
public struct DumpHeader: Codable, Hashable, Sendable {
    /// A table as it was when the dump was made.
    public struct Table: Codable, Hashable, Sendable {
        /// One of its columns.
        public struct Column: Codable, Hashable, Sendable {
            /// Its name.
            public let name: String
            /// `integer`, `text` or `blob`.
            public let type: String
        }

        /// The table's name.
        public let name: String
        /// Its columns in the order of a row's values, without `organisation`.
        public let columns: [Column]

        init(_ table: KeptTable) {
            name = table.name
            columns = table.columns.map { column in
                let type =
                    switch column.storage {
                    case .integer: "integer"
                    case .text: "text"
                    case .blob: "blob"
                    }
                return Column(name: column.name, type: type)
            }
        }
    }

    /// `vouchsafe/dump@v1`.
    public let format: String
    /// The version of the program that made it.
    public let program: String
    /// The database that it was made from: `SQLite 3.40.1`.
    public let database: String
    /// When it was made: what is in it is as it was then.
    public let madeAt: Instant
    /// Its tables; rows refer to them by their place, from 0.
    public let tables: [Table]
}

/// What stands at the end of a dump: what must be in it.
public struct DumpManifest: Codable, Hashable, Sendable {
    /// One organisation, or the installation itself.
    public struct Scope: Codable, Hashable, Sendable {
        /// Whose rows they are.
        public let organisation: Identifier<Organisation>
        /// How many rows each table has, by its name.
        public let rows: [String: Int]
        /// How many entries its ledger has.
        public let entries: UInt64
        /// The root over all entries, in base64.
        public let root: String
    }

    /// Every scope, in the order of the dump.
    public let scopes: [Scope]

    /// How many rows there are in all.
    public var rowCount: Int { scopes.reduce(0) { $0 + $1.rows.values.reduce(0, +) } }
}

extension Encodable {
    var dumpText: [UInt8] {
        get throws {
            let encoder = JSONEncoder()
            encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
            return [UInt8](try encoder.encode(self))
        }
    }
}

import Kernel
import Store
import StorePostgres
import StoreSQLite

/// Which database an installation keeps its records in.
public enum DatabaseChoice: Sendable {
    /// A file in the data folder; one machine.
    case file
    /// A PostgreSQL that several servers may share; as the role that serves and, to bring the tables up to date, their owner.
    case postgreSQL(PostgreSQLAddress, owner: PostgreSQLAddress?)

    /// Reads what a person names: nothing or `sqlite` for the file, a PostgreSQL address otherwise.
    ///
    /// - Throws: `Problem` `store.address`, or `store.no-libpq` where PostgreSQL's client library is missing.
    public init(_ text: String?, owner: String? = nil) throws {
        guard let text, text != "sqlite" else {
            self = .file
            return
        }
        guard text.hasPrefix("postgres://") || text.hasPrefix("postgresql://") || text.contains("=") else {
            throw Problem(
                .invalid, code: "store.address", "The database must be sqlite or postgres://….",
                hint: "Write it as postgres://user@host/database.")
        }
        self = .postgreSQL(try PostgreSQLAddress(text), owner: try owner.map { try PostgreSQLAddress($0) })
    }

    /// Whether other servers may use the same database at the same time.
    var isShared: Bool { if case .postgreSQL = self { true } else { false } }

    func driver(in folder: DataFolder) async throws -> any DatabaseDriver {
        switch self {
        case .file: try SQLiteDriver(path: folder.database)
        case .postgreSQL(let address, let owner): try await PostgreSQLDriver(address, owner: owner)
        }
    }
}

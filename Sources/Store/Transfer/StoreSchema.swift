import Kernel
import Ledger

/// What a program keeps in its database: the tables of its rooms, how they came to be, and which of them lists the
/// organisations.
public struct StoreSchema: Sendable {
    /// Every record table of every room.
    public let tables: [RecordTable]
    /// Of the rooms, in order; the store's own come first.
    public let migrations: [Migration]
    /// The table in the installation's scope whose identifiers are the organisations; `nil` if there are none.
    public let organisations: RecordTable?

    /// A schema out of its parts.
    public init(tables: [RecordTable], migrations: [Migration], organisations: RecordTable?) {
        self.tables = tables
        self.migrations = migrations
        self.organisations = organisations
    }

    var allMigrations: [Migration] { SystemTables.migrations + migrations }

    /// The tables whose rows are carried along, in a lasting order: the keys and the ledger first, then the records.
    var keptTables: [KeptTable] {
        let system = allMigrations.flatMap(\.tables).filter { $0.kind == .ledger }
        return (system + tables.map(\.definition)).map { KeptTable($0) }
    }

    /// Every scope that can have rows: the installation's own, then the organisations in the order of their making.
    ///
    /// `session` must be in the scope of the installation.
    func scopes(in session: any SQLSession) throws -> [Identifier<Organisation>] {
        var scopes = Identifier<Organisation>.reserved
        guard let organisations else { return scopes }
        try session.rows(
            "SELECT id FROM \(organisations.name) WHERE organisation = ? ORDER BY id",
            [.blob(Identifier<Organisation>.installation.bytes)]
        ) { row in
            guard let id = Identifier<Organisation>(bytes: row.blob(0)), !scopes.contains(id) else {
                throw Problem(
                    .refused, code: "store.damaged-organisation", "A stored organisation has no usable identifier.",
                    hint: "Run `vouchsafe ledger verify`, and restore the newest backup.")
            }
            scopes.append(id)
        }
        return scopes
    }
}

/// What the ledger of one scope was at one moment.
public struct LedgerState: Hashable, Sendable {
    /// Whose ledger it is.
    public let scope: Identifier<Organisation>
    /// How many entries it has.
    public let entries: UInt64
    /// The root over all of them, in base64.
    public let root: String

    /// - Returns: `nil` for a scope that was never established.
    init?(of scope: Identifier<Organisation>, in session: any SQLSession) throws {
        let kept = try session.first(
            "SELECT 1 FROM ledger_head WHERE organisation = ?", [.blob(scope.bytes)]
        ) { $0.integer(0) }
        guard kept != nil else { return nil }
        let frontier = try LedgerRows(session: session, organisation: scope).frontier()
        self.scope = scope
        entries = frontier.size
        root = frontier.root.description
    }
}

extension StoreSchema {
    /// The ledgers of all scopes that there are.
    ///
    /// Leaves `session` in the scope of the installation, where it must be before.
    func ledgers(in session: any SQLSession) throws -> [LedgerState] {
        var states: [LedgerState] = []
        for scope in try scopes(in: session) {
            try session.enter(scope)
            if let state = try LedgerState(of: scope, in: session) { states.append(state) }
        }
        try session.enter(.installation)
        return states
    }
}

extension StoreSchema {
    /// Whether nothing was ever written to a database. Keys that were made with its tables and never used are removed.
    ///
    /// Without the installation no organisation can have rows. Leaves `session` in its scope, where it must be before.
    func makeRoom(in session: any SQLSession) throws -> Bool {
        let made = [SystemTables.dataKeys, SystemTables.signingKeys, SystemTables.ledgerHead].map(\.name)
        for scope in Identifier<Organisation>.reserved {
            try session.enter(scope)
            for table in keptTables where !made.contains(table.name) {
                guard try table.lastKey(of: scope, in: session) == nil else { return false }
            }
            if let state = try LedgerState(of: scope, in: session), state.entries > 0 { return false }
        }
        for scope in Identifier<Organisation>.reserved {
            try session.enter(scope)
            for table in made {
                try session.execute("DELETE FROM \(table) WHERE organisation = ?", [.blob(scope.bytes)])
            }
        }
        try session.enter(.installation)
        return true
    }
}

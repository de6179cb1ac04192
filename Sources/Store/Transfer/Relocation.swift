import Kernel
import Ledger
import Vault

/// Copies a whole installation from one database to another under the same key, in batches that a second run goes on from.
public struct Relocation: Sendable {
    /// What was copied so far.
    public struct Progress: Sendable {
        /// Whose rows are copied: the how many-th scope, from 1, out of how many.
        public let scope, scopes: Int
        /// The table that is copied now.
        public let table: String
        /// How many rows were copied by this run.
        public let rows: Int
    }

    /// What a move ended with.
    public struct Result: Sendable {
        /// The database that was copied into, opened.
        public let database: Database
        /// How many rows this run copied; an earlier run may have copied others.
        public let rows: Int
        /// The ledgers, the same before and after.
        public let ledgers: [LedgerState]
    }

    private let source: any DatabaseDriver
    private let target: any DatabaseDriver
    private let key: KeyEncryptionKey
    private let schema: StoreSchema
    private let clock: WallClock
    private let randomness: Randomness

    /// A move between the databases behind two drivers; nobody may write to the first meanwhile.
    ///
    /// - Parameter key: What the data keys are wrapped with, before and after.
    public init(
        from source: any DatabaseDriver, to target: any DatabaseDriver, key: KeyEncryptionKey, schema: StoreSchema,
        clock: WallClock = .system, randomness: Randomness = .system
    ) {
        self.source = source
        self.target = target
        self.key = key
        self.schema = schema
        self.clock = clock
        self.randomness = randomness
    }

    /// Copies what the target does not have yet, verifies all of it, marks the source as moved and makes the target usable.
    ///
    /// - Throws: `Problem` `store.not-empty` (conflict) if the target holds anything else, `migrate.changed` (conflict) if the
    ///   source was written to since the copying began, `migrate.moved` (conflict) if it was moved to another database already,
    ///   `migrate.unverified` (refused) if the copy does not hold.
    public func run(_ report: @Sendable (Progress) -> Void = { _ in }) async throws -> Result {
        let (before, moved) = try await openSource()
        let name = try await openTarget(Self.fingerprint(of: before), moved)
        var rows = 0
        for (number, state) in before.enumerated() {
            for table in schema.keptTables {
                try await copy(table, of: state.scope) { count in
                    rows += count
                    report(Progress(scope: number + 1, scopes: before.count, table: table.name, rows: rows))
                }
            }
        }
        let database = Database(
            driver: target, key: KeyEncryptionHolder(key) { [key] in [key] }, schema: schema, clock: clock,
            randomness: randomness)
        try await verify(database, before)
        try await markSource(before, name)
        try await target.write(organisation: .installation) { try TransferMark.remove(in: $0.session) }
        return Result(database: database, rows: rows, ledgers: before)
    }

    /// Who moves what: the same only for the same ledgers in the same state.
    private static func fingerprint(of ledgers: [LedgerState]) -> String {
        let text = ledgers.map { "\($0.scope) \($0.entries) \($0.root)\n" }.joined()
        return MerkleHash(leaf: Array(text.utf8)).description
    }

    // MARK: - The two ends

    /// - Returns: Its ledgers, and the mark that it was moved already: the run that did it may have been interrupted just after.
    private func openSource() async throws -> (ledgers: [LedgerState], moved: TransferMark?) {
        try await source.migrate(schema.allMigrations) { [key] session in
            if let mark = try TransferMark.read(in: session), mark.state != .moved { throw mark.refusal }
            let keys = KeyRows(session: session, organisation: .installation, keyEncryptionKey: key)
            guard try !keys.isUntouched() else {
                throw Problem(.notFound, code: "migrate.nothing", "There is no installation in the database to move.")
            }
            _ = try keys.existing()
        }
        return try await source.read(organisation: .installation) { [schema] in
            (try schema.ledgers(in: $0), try TransferMark.read(in: $0))
        }
    }

    /// - Parameter moved: Where the source was moved to before. It has the same signing keys still: served from a second place it
    ///   would sign another history under the same names.
    /// - Returns: What this copying is called: what is copied, and a random part, so that two targets are told apart.
    private func openTarget(_ fingerprint: String, _ moved: TransferMark?) async throws -> String {
        let now = clock.now()
        let name = "\(fingerprint) \(randomness.bytes(8).hex)"
        try await target.migrate(schema.allMigrations) { [schema] session in
            let mark = try TransferMark.read(in: session)
            if let moved {
                guard mark?.state == .migrating, mark?.detail == moved.detail else { throw Self.movedBefore(moved) }
                return
            }
            switch mark {
            case .some(let mark) where mark.state == .migrating:
                guard mark.detail.hasPrefix("\(fingerprint) ") else {
                    throw Problem(
                        .conflict, code: "migrate.changed",
                        "An earlier migration into this database was of another installation, or the source has changed since.",
                        hint: "Empty the target and migrate again. The source is as it was.")
                }
            case .some(let mark): throw mark.refusal
            case .none:
                guard try schema.makeRoom(in: session) else {
                    throw Problem(
                        .conflict, code: "store.not-empty", "There is an installation in the target already.",
                        hint: "Migrate into an empty database. Nothing has been changed.")
                }
                try TransferMark(state: .migrating, detail: name, since: now).write(in: session)
            }
        }
        return try await target.read(organisation: .installation) { try TransferMark.read(in: $0)?.detail } ?? name
    }

    private static func movedBefore(_ mark: TransferMark) -> Problem {
        Problem(
            .conflict, code: "migrate.moved",
            "This installation was moved to another database on \(mark.since); a second copy would sign another history under the same keys.",
            hint: "Serve that database, with --database. docs/scaling.md says how a move is taken back.")
    }

    /// Only if nothing was written meanwhile, which this transaction sees: then nothing is left behind.
    private func markSource(_ before: [LedgerState], _ name: String) async throws {
        let now = clock.now()
        try await source.write(organisation: .installation) { [schema] write in
            guard try schema.ledgers(in: write.session) == before else { throw Self.changed }
            try TransferMark(state: .moved, detail: name, since: now).write(in: write.session)
        }
    }

    // MARK: - Copying

    private func copy(
        _ table: KeptTable, of scope: Identifier<Organisation>, _ copied: (Int) -> Void
    ) async throws {
        var key = try await target.read(organisation: scope) { try table.lastKey(of: scope, in: $0) }
        if table.keyPositions.isEmpty, key != nil { return }
        var size = PageSize()
        while true {
            let page = try await page(of: table, scope, after: key, limit: size.rows)
            guard let last = page.last else { return }
            try await target.write(organisation: scope) { write in
                for row in page { try table.insert(row, of: scope, in: write.session) }
            }
            copied(page.count)
            guard page.count == size.rows, !table.keyPositions.isEmpty else { return }
            key = table.keyPositions.map { last[$0] }
            size.adapt(rows: page.count, bytes: page.reduce(0) { $0 + $1.reduce(0) { $0 + $1.size } })
        }
    }

    private func page(
        of table: KeptTable, _ scope: Identifier<Organisation>, after key: [SQLValue]?, limit: Int
    ) async throws -> [[SQLValue]] {
        try await source.read(organisation: scope) { session in
            var rows: [[SQLValue]] = []
            let page = table.page(of: scope, after: key, limit: limit)
            try session.rows(page.sql, page.arguments) { row in
                rows.append(table.columns.indices.map { row.value($0) })
            }
            return rows
        }
    }

    // MARK: - Verifying

    private func verify(_ database: Database, _ before: [LedgerState]) async throws {
        for state in before {
            let counts = try await rowCounts(of: state.scope, behind: source)
            guard try await rowCounts(of: state.scope, behind: target) == counts else {
                throw Self.unverified(state.scope, "The two databases do not have the same number of rows.")
            }
            let walk = try await database.ledger(of: state.scope).verify()
            if let first = walk.problems.first { throw Self.unverified(state.scope, first.message) }
            guard walk.entries == state.entries, walk.root.description == state.root else { throw Self.changed }
        }
    }

    private func rowCounts(
        of scope: Identifier<Organisation>, behind driver: any DatabaseDriver
    ) async throws -> [Int] {
        try await driver.read(organisation: scope) { [schema] session in
            try schema.keptTables.map { try $0.count(of: scope, in: session) }
        }
    }

    private static let changed = Problem(
        .conflict, code: "migrate.changed", "The source was written to while it was copied.",
        hint: "Stop everything that uses it, empty the target, and migrate again.")

    private static func unverified(_ scope: Identifier<Organisation>, _ reason: String) -> Problem {
        Problem(
            .refused, code: "migrate.unverified", "What was copied of \(scope) does not verify. \(reason)",
            hint: "The source is as it was; the target stays marked and is not served.")
    }
}

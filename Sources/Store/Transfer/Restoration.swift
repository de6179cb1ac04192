import Kernel
import Ledger
import Synchronization
import Vault

/// Loads a dump into an empty database as it comes, in batches of a few megabytes, and proves at the end that all of it
/// is there.
///
/// Until ``finish()`` has returned the database bears a mark, and `Database.open` refuses it.
public struct Restoration: Sendable {
    /// What a restore ended with.
    public struct Result: Sendable {
        /// The database, opened.
        public let database: Database
        /// Where the dump came from.
        public let header: DumpHeader
        /// What was in it.
        public let manifest: DumpManifest
        /// What the walk through each ledger found, in the order of the manifest; none has problems.
        public let verifications: [LedgerVerification]
    }

    /// Rows of one table and organisation that wait to be written together.
    private struct Batch {
        var rows: [[SQLValue]] = []
        var bytes = 0
        static let enough = 4 << 20
        static let most = 5000
    }

    private let database: Database
    private var reader = DumpReader()
    private var header: DumpHeader?
    private var manifest: DumpManifest?
    private var tables: [KeptTable] = []
    private var scope: Identifier<Organisation>?
    private var table: KeptTable?
    private var batch = Batch()
    private var counts: [Identifier<Organisation>: [String: Int]] = [:]

    /// Makes the tables in the database behind `driver` and marks it.
    ///
    /// - Parameter key: What wraps the data keys from now on.
    /// - Throws: `Problem` `store.not-empty` (conflict) unless there is nothing in it.
    public static func begin(
        into driver: any DatabaseDriver, key: KeyEncryptionKey, schema: StoreSchema, clock: WallClock = .system,
        randomness: Randomness = .system
    ) async throws -> Restoration {
        let now = clock.now()
        try await driver.migrate(schema.allMigrations) { session in
            if let mark = try TransferMark.read(in: session) { throw mark.refusal }
            guard try schema.makeRoom(in: session) else {
                throw Problem(
                    .conflict, code: "store.not-empty", "There is an installation in this database already.",
                    hint: "Restore into an empty one. Nothing has been changed.")
            }
            try TransferMark(state: .restoring, detail: "", since: now).write(in: session)
        }
        return Restoration(
            database: Database(
                driver: driver, key: KeyEncryptionHolder(key) { [key] }, schema: schema, clock: clock,
                randomness: randomness))
    }

    /// Whether a restore into the database behind `driver` was begun and not finished.
    public static func isUnfinished(behind driver: any DatabaseDriver, schema: StoreSchema) async -> Bool {
        let isUnfinished = Mutex(false)
        // Before this a driver reads nothing. What is there is left as it is: the transaction is taken back.
        try? await driver.migrate(schema.allMigrations) { session in
            let mark = try TransferMark.read(in: session)
            isUnfinished.withLock { $0 = mark?.state == .restoring }
            throw CancellationError()
        }
        return isUnfinished.withLock { $0 }
    }

    private init(database: Database) {
        self.database = database
    }

    /// Takes more of the dump, in pieces of any size.
    ///
    /// - Throws: `Problem` `dump.damaged`, `dump.format`, `dump.newer`, or what the database throws.
    public mutating func take(_ bytes: [UInt8]) async throws {
        var pieces: [DumpPiece] = []
        try reader.take(bytes, into: &pieces)
        for piece in pieces {
            switch piece {
            case .header(let header):
                tables = try Self.tables(of: header, in: database.schema)
                self.header = header
            case .scope(let scope):
                try await writeBatch()
                guard counts.updateValue([:], forKey: scope) == nil else {
                    throw Dump.damaged("an organisation stands in it twice")
                }
                self.scope = scope
                table = nil
            case .table(let number):
                try await writeBatch()
                guard tables.indices.contains(number) else { throw Dump.damaged("a table is not in its header") }
                table = tables[number]
            case .row(let values): try await add(values)
            case .manifest(let manifest):
                try await writeBatch()
                self.manifest = manifest
            }
        }
    }

    /// Tells the end of the dump, makes sure that everything in it arrived and holds, and makes the database usable.
    ///
    /// - Throws: `Problem` `dump.damaged` if it is not complete, `restore.unverified` (refused) if a ledger does not verify.
    public func finish() async throws -> Result {
        try reader.finish()
        guard let header, let manifest else { throw Dump.damaged("it is cut off") }
        try await checkCounts(manifest)
        var verifications: [LedgerVerification] = []
        for scope in manifest.scopes {
            let walk = try await database.ledger(of: scope.organisation).verify()
            if let first = walk.problems.first { throw Self.unverified(scope.organisation, first.message) }
            guard walk.entries == scope.entries, walk.root.description == scope.root else {
                throw Self.unverified(scope.organisation, "It is not the ledger that the backup names.")
            }
            verifications.append(walk)
        }
        try await database.driver.write(organisation: .installation) { try TransferMark.remove(in: $0.session) }
        return Result(database: database, header: header, manifest: manifest, verifications: verifications)
    }

    // MARK: - Rows

    private mutating func add(_ values: [SQLValue]) async throws {
        guard let table, scope != nil else { throw Dump.damaged("a row belongs to no table") }
        guard values.count == table.columns.count,
            zip(values, table.columns).allSatisfy({ KeptTable.fits($0, $1) })
        else { throw Dump.damaged("a row of \(table.name) does not fit its columns") }
        batch.rows.append(values)
        batch.bytes += values.reduce(0) { $0 + $1.size }
        if batch.bytes >= Batch.enough || batch.rows.count >= Batch.most { try await writeBatch() }
    }

    private mutating func writeBatch() async throws {
        guard let table, let scope, !batch.rows.isEmpty else { return }
        let keys = CarriedKeys(holder: database.keyEncryption)
        let randomness = database.randomness
        try await database.driver.write(organisation: scope) { [rows = batch.rows] write in
            for row in rows {
                let stored =
                    table.name == SystemTables.dataKeys.name
                    ? try keys.wrapped(row, of: scope, randomness: randomness) : row
                try table.insert(stored, of: scope, in: write.session)
            }
        }
        counts[scope, default: [:]][table.name, default: 0] += batch.rows.count
        batch = Batch()
    }

    // MARK: - What must hold

    /// The tables here that the dump's tables are; a table that came later has no rows in it.
    private static func tables(of header: DumpHeader, in schema: StoreSchema) throws -> [KeptTable] {
        guard header.format == Dump.name else { throw Dump.damaged("its header is of another form") }
        let known = schema.keptTables
        return try header.tables.map { table in
            guard let found = known.first(where: { $0.name == table.name }), DumpHeader.Table(found) == table else {
                throw Problem(
                    .unavailable, code: "dump.newer",
                    "The dump was made by Vouchsafe \(header.program), whose table \(table.name) is not known here.",
                    hint: "Restore it with that version or a newer one.")
            }
            return found
        }
    }

    private func checkCounts(_ manifest: DumpManifest) async throws {
        guard manifest.scopes.map(\.organisation).count == counts.count,
            manifest.scopes.first?.organisation == .installation
        else { throw Dump.damaged("it does not hold the organisations that it names") }
        for scope in manifest.scopes {
            guard let counted = counts[scope.organisation], counted == scope.rows.filter({ $0.value != 0 }) else {
                throw Dump.damaged("it does not hold the rows that it names")
            }
            let stored = try await database.driver.read(organisation: scope.organisation) { [tables] session in
                try tables.map { try $0.count(of: scope.organisation, in: session) }
            }
            guard zip(tables, stored).allSatisfy({ scope.rows[$0.name] ?? 0 == $1 }) else {
                throw Self.unverified(scope.organisation, "Rows are missing from the database.")
            }
        }
        let listed = try await database.scopes()
        guard listed.allSatisfy({ $0.isReserved || counts[$0] != nil }) else {
            throw Dump.damaged("it does not hold an organisation that it lists")
        }
    }

    private static func unverified(_ scope: Identifier<Organisation>, _ reason: String) -> Problem {
        Problem(
            .refused, code: "restore.unverified", "What was restored of \(scope) does not verify. \(reason)",
            hint: "The database stays marked and is not served. Restore another backup.")
    }
}

import Kernel
import Ledger
import Synchronization
import Vault

/// The store: one database, its keys, and handles to each organisation's part of it.
public final class Database: Sendable {
    let driver: any DatabaseDriver
    let clock: WallClock
    let randomness: Randomness
    /// Who is told when something was committed.
    public let announcements = Announcements()

    private let keyEncryptionKey: KeyEncryptionHolder
    let schema: StoreSchema
    private let keyrings = Mutex<[Identifier<Organisation>: Keyring]>([:])
    private let signers = Mutex<[Identifier<Organisation>: NoteSigner]>([:])

    /// Opens the store behind `driver`, bringing its schema up to date.
    ///
    /// - Parameters:
    ///   - key: The key-encryption key.
    ///   - freshKeys: Reads it again, for when it was replaced while this runs; the one that fits is taken.
    ///   - tables: Every record table of every room, so that the ledger's verification can walk them all.
    ///   - migrations: Of the rooms, in order; the store's own come first.
    ///   - organisations: The record table in the installation's scope whose identifiers are the organisations, for what
    ///     goes through all of them.
    /// - Throws: `Problem` `vault.…` if the key does not open this data, `store.unfinished-transfer` or `store.moved` if it must
    ///   not be served; nothing is changed then.
    public static func open(
        _ driver: any DatabaseDriver, key: KeyEncryptionKey,
        freshKeys: (@Sendable () throws -> [KeyEncryptionKey])? = nil, tables: [RecordTable], migrations: [Migration],
        organisations: RecordTable? = nil, clock: WallClock = .system, randomness: Randomness = .system
    ) async throws -> Database {
        let now = clock.now()
        let schema = StoreSchema(tables: tables, migrations: migrations, organisations: organisations)
        try await driver.migrate(schema.allMigrations) { session in
            if let mark = try TransferMark.read(in: session) { throw mark.refusal }
            // A wrong key must show here, before anything is served, written or migrated.
            _ = try establish(.installation, in: session, key: key, at: now, randomness: randomness)
        }
        let holder = KeyEncryptionHolder(key, fresh: freshKeys ?? { [key] })
        let database = Database(driver: driver, key: holder, schema: schema, clock: clock, randomness: randomness)
        // In a transaction of its own: row security shows one scope at a time.
        try await database.establishIfNew(.operatorLog)
        return database
    }

    /// The database behind `driver`, whose schema was brought up to date and whose key was tried before.
    init(
        driver: any DatabaseDriver, key: KeyEncryptionHolder, schema: StoreSchema, clock: WallClock,
        randomness: Randomness
    ) {
        self.driver = driver
        keyEncryptionKey = key
        self.schema = schema
        self.clock = clock
        self.randomness = randomness
    }

    /// Where new identifiers come from outside a change.
    public var randomnessForIdentifiers: Randomness { randomness }

    /// What the database is: `SQLite 3.40.1`.
    public var product: String { driver.product }

    /// The data of `organisation`, for `principal`.
    public func scope(_ organisation: Identifier<Organisation>, as principal: Principal) -> ScopedDatabase {
        ScopedDatabase(database: self, organisation: organisation, principal: principal)
    }

    /// The data of the installation itself, for `principal`.
    public func installation(as principal: Principal) -> ScopedDatabase { scope(.installation, as: principal) }

    /// Every scope that can have rows: the installation's own, then the organisations in the order of their making.
    public func scopes() async throws -> [Identifier<Organisation>] {
        try await driver.read(organisation: .installation) { [schema] in try schema.scopes(in: $0) }
    }

    /// The ledger of `organisation`.
    public func ledger(of organisation: Identifier<Organisation>) -> LedgerDesk {
        LedgerDesk(database: self, organisation: organisation)
    }

    /// The operator's own log, in which the organisations' checkpoints stand.
    public var operatorLog: OperatorLogDesk { OperatorLogDesk(database: self) }

    /// The name of the data key that seals what `organisation` writes now.
    public func dataKeyName(of organisation: Identifier<Organisation>) async throws -> String {
        try await keyring(of: organisation).currentKeyID.description
    }

    /// Makes the data key and the signing key of `organisation` if it has none yet. May be repeated.
    ///
    /// - Throws: `Problem` `store.damaged-key` if it has data but no keys; new ones would hide the loss.
    public func establish(_ organisation: Identifier<Organisation>) async throws {
        let now = clock.now()
        let keyring = try await write(organisation: .installation, appends: true) { [self] write in
            // Whoever replaces the key-encryption key holds the same end: one of the two comes first.
            _ = try write.tail.end()
            return try establish(organisation, in: write.session, at: now)
        }
        keyrings.withLock { $0[organisation] = keyring }
    }

    /// Makes the keys of a new organisation in the change of the installation that lists it, so that whoever goes through
    /// all organisations finds either both or none.
    ///
    /// - Throws: As ``establish(_:)``.
    public func establish(_ organisation: Identifier<Organisation>, in change: Change) throws {
        precondition(change.organisation == .installation, "organisations are listed by the installation")
        _ = try establish(organisation, in: change.session, at: change.now)
    }

    /// `session` must be in the scope of the installation, whose end must be locked.
    private func establish(
        _ organisation: Identifier<Organisation>, in session: any SQLSession, at now: Instant
    ) throws -> Keyring {
        try keyEncryptionKey.using { [randomness] key in
            try session.enter(.installation)
            // Unwrapped first: a key that was replaced meanwhile shows here, before it wraps anything.
            _ = try KeyRows(session: session, organisation: .installation, keyEncryptionKey: key).dataKeys()
            try session.enter(organisation)
            let keyring = try Self.establish(organisation, in: session, key: key, at: now, randomness: randomness)
            try session.enter(.installation)
            return keyring
        }
    }

    private func establishIfNew(_ organisation: Identifier<Organisation>) async throws {
        let isNew = try await driver.read(organisation: organisation) { [keyEncryptionKey] session in
            try KeyRows(session: session, organisation: organisation, keyEncryptionKey: keyEncryptionKey.key)
                .isUntouched()
        }
        if isNew { try await establish(organisation) } else { _ = try await freshKeyring(of: organisation) }
    }

    private static func establish(
        _ organisation: Identifier<Organisation>, in session: any SQLSession, key: KeyEncryptionKey, at now: Instant,
        randomness: Randomness
    ) throws -> Keyring {
        let keys = KeyRows(session: session, organisation: organisation, keyEncryptionKey: key)
        guard try keys.isUntouched() else { return try keys.existing().keyring }
        let keyring = try keys.makeKeys(at: now, randomness: randomness)
        try keys.makeSigner(keyring, at: now, randomness: randomness)
        try LedgerRows(session: session, organisation: organisation).begin()
        return keyring
    }

    /// Overwrites what deleted rows have left in the database's own files, as far as that can be done from here.
    ///
    /// - Returns: Whether that is done; if not, somebody still reads what is to go, and ``scrubIfDue()`` goes on with it.
    @discardableResult
    public func scrub() async throws -> Bool {
        do {
            try await driver.scrub()
            return true
        } catch let problem as Problem where problem.code == "store.scrub-later" {
            return false
        }
    }

    /// Goes on with a ``scrub()`` that is not done yet, by whichever process it was begun.
    ///
    /// - Returns: Whether nothing is left to do.
    @discardableResult
    public func scrubIfDue() async throws -> Bool {
        do {
            try await driver.scrubIfDue()
            return true
        } catch let problem as Problem where problem.code == "store.scrub-later" {
            return false
        }
    }

    /// Closes the database.
    public func close() async throws { try await driver.close() }

    // MARK: - For the store's own files

    /// Writes as the driver does, unless the installation has left this database since it was opened.
    func write<T: Sendable>(
        organisation: Identifier<Organisation>, appends: Bool = false,
        _ body: @escaping @Sendable (WriteSession) throws -> T
    ) async throws -> T {
        try await driver.write(organisation: organisation, appends: appends) { [canBeLeft = driver.canBeLeft] write in
            // Looked at in the transaction: what is committed before the mark is noticed by whoever sets it.
            if canBeLeft, let mark = try TransferMark.read(in: write.session) { throw mark.refusal }
            return try body(write)
        }
    }

    /// Runs `body` with the organisation's keys; once more, with keys read anew, if it met a key that was made
    /// meanwhile by another process.
    func opening<T>(
        _ organisation: Identifier<Organisation>, _ body: (Keyring) async throws -> T
    ) async throws -> T {
        let known = try await keyring(of: organisation)
        do {
            return try await body(known)
        } catch let problem as Problem where problem.code == "vault.unknown-key" {
            let read = try await freshKeyring(of: organisation)
            guard read.currentKeyID != known.currentKeyID else { throw problem }
            return try await body(read)
        }
    }

    /// What seals rows in the transaction `write`: always under the key that is current in it.
    func seal(of organisation: Identifier<Organisation>, in write: WriteSession) throws -> RowSeal {
        let current = try write.tail.currentKey()
        if let known = keyrings.withLock({ $0[organisation] }), known.currentKeyID == current {
            return seal(of: organisation, keyring: known, in: write.session)
        }
        let keyring = try keyEncryptionKey.using { key in
            try KeyRows(session: write.session, organisation: organisation, keyEncryptionKey: key).existing().keyring
        }
        keyrings.withLock { $0[organisation] = keyring }
        return seal(of: organisation, keyring: keyring, in: write.session)
    }

    /// What opens rows in `session`.
    func seal(
        of organisation: Identifier<Organisation>, keyring: Keyring, in session: any SQLSession
    ) -> RowSeal {
        RowSeal(keyring: keyring, organisation: organisation, randomness: randomness, session: session)
    }

    func keyring(of organisation: Identifier<Organisation>) async throws -> Keyring {
        if let keyring = keyrings.withLock({ $0[organisation] }) { return keyring }
        return try await freshKeyring(of: organisation)
    }

    /// The keyring as it is stored now.
    func freshKeyring(of organisation: Identifier<Organisation>) async throws -> Keyring {
        let keyring = try await driver.read(organisation: organisation) { [keyEncryptionKey] session in
            try keyEncryptionKey.using { key in
                try KeyRows(session: session, organisation: organisation, keyEncryptionKey: key).keyring()
            }
        }
        guard let keyring else {
            throw Problem(.notFound, code: "store.no-organisation", "There is no such organisation here.")
        }
        keyrings.withLock { $0[organisation] = keyring }
        return keyring
    }

    func signer(of organisation: Identifier<Organisation>) async throws -> NoteSigner {
        if let signer = signers.withLock({ $0[organisation] }) { return signer }
        let signer = try await opening(organisation) { [driver, keyEncryptionKey] keyring in
            try await driver.read(organisation: organisation) { session in
                // Sealed by a data key; the key-encryption key is not asked for.
                try KeyRows(session: session, organisation: organisation, keyEncryptionKey: keyEncryptionKey.key)
                    .signer(keyring)
            }
        }
        guard let signer else {
            throw Problem(.refused, code: "store.no-signing-key", "The signing key of the ledger is missing.")
        }
        signers.withLock { $0[organisation] = signer }
        return signer
    }

    /// The keys as they lie in the database now, whatever is kept in memory.
    func storedKeys(
        of organisation: Identifier<Organisation>, in session: any SQLSession
    ) throws -> (seal: RowSeal, verifier: NoteVerifier) {
        let keys = try keyEncryptionKey.using { key in
            try KeyRows(session: session, organisation: organisation, keyEncryptionKey: key).existing()
        }
        return (seal(of: organisation, keyring: keys.keyring, in: session), keys.signer.verifier)
    }

    /// Does `work` with the stored keys of a scope in `session`; once more, if the key-encryption key was replaced meanwhile.
    func withKeyRows<T>(
        of organisation: Identifier<Organisation>, in session: any SQLSession, _ work: (KeyRows) throws -> T
    ) throws -> T {
        try keyEncryptionKey.using { key in
            try work(KeyRows(session: session, organisation: organisation, keyEncryptionKey: key))
        }
    }

    var keyEncryption: KeyEncryptionHolder { keyEncryptionKey }

    var recordTables: [RecordTable] { schema.tables }
}

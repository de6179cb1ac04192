import Kernel
import Vault

/// The data keys of one organisation, or of the installation: which there are, a new one, and the retirement of old ones.
public struct KeyDesk: Sendable {
    let database: Database
    /// Whose keys these are.
    public let organisation: Identifier<Organisation>

    /// One data key and what it still seals.
    public struct KeyState: Sendable {
        /// Its public name, which stands in every value that it sealed.
        public let id: Identifier<DataKey>
        /// Whether new values are sealed under it.
        public let isCurrent: Bool
        /// How many stored values only it can open.
        public let values: Int

        /// When it was made.
        public var madeAt: Instant { Instant(milliseconds: Int64(id.high >> 16)) }
    }

    /// The keys that seal or have sealed, oldest first.
    public func states() async throws -> [KeyState] {
        let keyring = try await database.freshKeyring(of: organisation)
        return try await reading { [database, organisation] session in
            try keyring.keyIDs.map { id in
                let count = try SealedColumn.all(database.recordTables).reduce(0) { count, column in
                    count + (try column.count(under: id, of: organisation, in: session))
                }
                return KeyState(id: id, isCurrent: id == keyring.currentKeyID, values: count)
            }
        }
    }

    /// Reads for as long as it takes: whatever goes through a whole table holds no lock and meets no time limit.
    private func reading<T: Sendable>(_ body: @escaping @Sendable (any SQLSession) throws -> T) async throws -> T {
        try await database.driver.snapshot { [organisation] session in
            try session.enter(organisation)
            return try body(session)
        }
    }

    /// Whether an older key is left, and with it something to seal anew or a key to retire.
    public func hasOlderKeys() async throws -> Bool {
        try await database.freshKeyring(of: organisation).keyIDs.count > 1
    }

    /// Makes a new data key: from its commit on, whatever is written, by whichever process, is sealed under it.
    ///
    /// What is there already stays under the older key until ``reseal(_:)`` has been through.
    @discardableResult
    public func rotate(as principal: Principal) async throws -> Identifier<DataKey> {
        try await change("keys.rotated", as: principal) { [database, organisation] change in
            try database.withKeyRows(of: organisation, in: change.session) { rows in
                guard let newest = try rows.dataKeys().last else {
                    throw Problem(.notFound, code: "store.no-organisation", "There is no such organisation here.")
                }
                // The newest is the current one, even where the clock was set back.
                let next = Instant(milliseconds: Int64(newest.id.high >> 16) + 1)
                let key = try DataKey(at: max(change.now, next), randomness: change.randomness)
                try rows.keep(key, randomness: change.randomness)
                return key.id
            }
        }
    }

    /// Seals under the current key whatever older keys still seal, a batch at a time between other changes, and retires the
    /// older keys when nothing is left. Interrupted, it goes on where it was; run twice, it does no harm.
    ///
    /// - Parameter progress: Told after every batch: values done in this run, and how many there were to do.
    /// - Returns: How many values were sealed anew.
    @discardableResult
    public func reseal(
        as principal: Principal, _ progress: @Sendable (_ done: Int, _ total: Int) async -> Void = { _, _ in }
    ) async throws -> Int {
        try principal.demandDeclared(organisation, action: "keys.retired")
        guard try await hasOlderKeys() else { return 0 }
        let total = try await states().filter { !$0.isCurrent }.reduce(0) { $0 + $1.values }
        var done = 0
        for column in SealedColumn.all(database.recordTables) {
            var last: [UInt8] = []
            while true {
                try Task.checkCancellation()
                let keys = try await olderValues(of: column, after: last)
                guard let end = keys.last else { break }
                done += try await database.write(organisation: organisation, appends: true) {
                    [database, organisation] write in
                    let seal = try database.seal(of: organisation, in: write)
                    return try column.reseal(keys, with: seal, in: write.session)
                }
                last = end
                await progress(done, max(total, done))
            }
        }
        try await retire(as: principal)
        return done
    }

    /// The primary keys of the next values that the current key does not seal, found without holding up whoever writes.
    private func olderValues(of column: SealedColumn, after last: [UInt8]) async throws -> [[UInt8]] {
        try await reading { [organisation] session in
            guard let current = try LedgerRows(session: session, organisation: organisation).sealingKey() else {
                return []
            }
            return try column.keys(besides: current, after: last, of: organisation, in: session)
        }
    }

    /// Destroys the older keys, unless something is still sealed under one.
    private func retire(as principal: Principal) async throws {
        // Counted before the change, which holds up every writer. It stays true: whoever seals holds the ledger's end and
        // asks there which key is current, so after a rotation's commit nothing more is sealed under an older key.
        let old = try await states().filter { !$0.isCurrent }
        if let used = old.first(where: { $0.values > 0 }) {
            throw Problem(
                .conflict, code: "keys.in-use", "\(used.values) values are still sealed under the key \(used.id).",
                hint: "Run it again.")
        }
        guard !old.isEmpty else { return }
        do {
            try await change("keys.retired", as: principal) { [organisation] change in
                var removed = 0
                for key in old {
                    removed += try change.session.execute(
                        "DELETE FROM data_key WHERE organisation = ? AND id = ?",
                        [.blob(organisation.bytes), .blob(key.id.bytes)])
                }
                guard removed > 0 else { throw NothingToRetire() }
            }
        } catch is NothingToRetire {
            // Another process was faster, and its entry tells so.
        }
        _ = try await database.freshKeyring(of: organisation)
    }

    private struct NothingToRetire: Error {}

    /// A change of keys that the scope's own ledger tells of. The operator's log holds checkpoints and nothing else, so the
    /// installation's ledger tells of its keys.
    private func change<T: Sendable>(
        _ action: String, as principal: Principal, _ body: @escaping @Sendable (Change) throws -> T
    ) async throws -> T {
        guard organisation == .operatorLog else {
            return try await database.scope(organisation, as: principal).change(action, body)
        }
        return try await database.installation(as: principal).change(action, on: "log:operator") { change in
            try change.session.enter(.operatorLog)
            let value = try body(change)
            try change.session.enter(.installation)
            return value
        }
    }
}

extension Database {
    /// The data keys of `organisation`.
    public func keys(of organisation: Identifier<Organisation>) -> KeyDesk {
        KeyDesk(database: self, organisation: organisation)
    }
}

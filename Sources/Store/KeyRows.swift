import Kernel
import Ledger
import Vault

/// The stored keys of one scope: data keys wrapped by the key-encryption key, and the ledger's signing key sealed by a data key.
struct KeyRows {
    let session: any SQLSession
    let organisation: Identifier<Organisation>
    let keyEncryptionKey: KeyEncryptionKey

    private var scope: Identifier<KeyScope> { organisation.retyped() }

    /// The scope's keys, unwrapped; `nil` if it has none yet.
    ///
    /// - Throws: `Problem` of kind `refused` if the key-encryption key is not the one that wrapped them.
    func keyring() throws -> Keyring? {
        var keys = try dataKeys()
        guard !keys.isEmpty else { return nil }
        guard let index = keys.firstIndex(where: \.isForIndexes).map({ keys.remove(at: $0) }) else {
            throw damaged("index key")
        }
        // The names begin with the time of making, so the last is the newest.
        guard let current = keys.popLast(), !keys.contains(where: \.isForIndexes) else { throw damaged("data key") }
        return Keyring(scope: scope, current: current, older: keys, index: index)
    }

    /// Every key of the scope, by name and so by age.
    func dataKeys() throws -> [DataKey] {
        var keys: [DataKey] = []
        try session.rows(
            "SELECT id, wrapped, created_at FROM data_key WHERE organisation = ? ORDER BY id",
            [.blob(organisation.bytes)]
        ) { row in
            // The identifier is bound into the wrapping and begins with the time of making, which vouches for the column.
            guard let id = Identifier<DataKey>(bytes: row.blob(0)), row.integer(2) == Int64(id.high >> 16) else {
                throw damaged("data key")
            }
            keys.append(try DataKey(id: id, unwrapping: row.blob(1), by: keyEncryptionKey, for: scope))
        }
        return keys
    }

    /// The first keys of a scope.
    func makeKeys(at now: Instant, randomness: Randomness) throws -> Keyring {
        let index = try DataKey.forIndexes(randomness: randomness)
        try keep(index, randomness: randomness)
        let current = try DataKey(at: now, randomness: randomness)
        try keep(current, randomness: randomness)
        return Keyring(scope: scope, current: current, index: index)
    }

    /// Stores one more data key, wrapped.
    func keep(_ key: DataKey, randomness: Randomness) throws {
        try session.execute(
            "INSERT INTO data_key (organisation, id, wrapped, created_at) VALUES (?, ?, ?, ?)",
            [
                .blob(organisation.bytes), .blob(key.id.bytes),
                .blob(try key.wrapped(by: keyEncryptionKey, for: scope, randomness: randomness)),
                .integer(Int64(key.id.high >> 16)),
            ])
    }

    /// The ledger's signing key; `nil` if it has none yet.
    func signer(_ keyring: Keyring) throws -> NoteSigner? {
        try session.first(
            "SELECT id, verification_key, sealed, created_at FROM signing_key WHERE organisation = ? ORDER BY created_at DESC",
            [.blob(organisation.bytes)]
        ) { row in
            let place = Self.signerPlace(
                row.blob(0), of: organisation, verificationKey: row.text(1), createdAt: row.integer(3))
            let seed = try keyring.open(row.blob(2), as: place)
            // The place that the seed was sealed for vouches for the name in the row.
            return try NoteSigner(name: NoteVerifier(parsing: row.text(1)).name, seed: seed)
        }
    }

    /// Whether nothing was ever stored for this scope. Where anything is, missing keys are damage and never made anew.
    func isUntouched() throws -> Bool {
        for table in ["data_key", "signing_key", "ledger_head", "ledger_entry", "checkpoint"] {
            let row = try session.first(
                "SELECT 1 FROM \(table) WHERE organisation = ? LIMIT 1", [.blob(organisation.bytes)]
            ) { $0.integer(0) }
            guard row == nil else { return false }
        }
        return true
    }

    /// The keys that are there.
    ///
    /// - Throws: `Problem` `store.damaged-key` if one is missing, or as ``keyring()``.
    func existing() throws -> (keyring: Keyring, signer: NoteSigner) {
        guard let keyring = try keyring() else { throw damaged("data key") }
        guard let signer = try signer(keyring) else { throw damaged("signing key") }
        return (keyring, signer)
    }

    func makeSigner(_ keyring: Keyring, at now: Instant, randomness: Randomness) throws {
        let signer = try NoteSigner(name: origin(at: now, randomness: randomness), randomness: randomness)
        let id = randomness.bytes(16)
        let place = Self.signerPlace(
            id, of: organisation, verificationKey: signer.verifier.text, createdAt: now.milliseconds)
        let sealed = try keyring.seal(signer.seed, as: place, randomness: randomness)
        try session.execute(
            "INSERT INTO signing_key (organisation, id, verification_key, sealed, created_at) VALUES (?, ?, ?, ?, ?)",
            [
                .blob(organisation.bytes), .blob(id), .text(signer.verifier.text), .blob(sealed),
                .integer(now.milliseconds),
            ])
    }

    /// The unique name of a scope's ledger, which is also its key's name.
    ///
    /// Every installation has an operator's log under the same identifier, and a witness knows logs by their names.
    private func origin(at now: Instant, randomness: Randomness) -> String {
        guard organisation == .operatorLog else { return "vouchsafe/\(organisation)" }
        return "vouchsafe/operator/\(Identifier<Organisation>(at: now, randomness: randomness))"
    }

    /// Where a signing key is sealed, with what is readable beside it.
    static func signerPlace(
        _ id: [UInt8], of organisation: Identifier<Organisation>, verificationKey: String, createdAt: Int64
    ) -> SealedPlace {
        SealedPlace(
            scope: organisation.retyped(), table: "signing_key", column: "sealed", row: id,
            context: Array("\(createdAt) \(verificationKey)".utf8))
    }

    private func damaged(_ what: String) -> Problem {
        Problem(
            .refused, code: "store.damaged-key", "A stored \(what) of scope \(organisation) is damaged or missing.",
            hint: "Restore the newest backup. Nothing has been changed.")
    }
}

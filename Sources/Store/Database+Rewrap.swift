import Kernel
import Vault

extension Database {
    /// Puts the data keys of every scope under another key-encryption key, all in one transaction: instant, because no record
    /// is touched, and never half done.
    ///
    /// - Throws: `Problem` of kind `refused` if a key cannot be unwrapped; nothing is changed then.
    public func rewrap(under new: KeyEncryptionKey, as principal: Principal) async throws {
        let old = keyEncryption.key
        try await installation(as: principal).change("keys.rewrapped") { [randomness, schema] change in
            for scope in try schema.scopes(in: change.session) {
                try change.session.enter(scope)
                // Who makes a key in this scope holds its end: that key is either read here or made under the new one.
                try LedgerRows(session: change.session, organisation: scope).lock()
                let rows = KeyRows(session: change.session, organisation: scope, keyEncryptionKey: old)
                for key in try rows.dataKeys() {
                    let wrapped = try key.wrapped(by: new, for: scope.retyped(), randomness: randomness)
                    try change.session.execute(
                        "UPDATE data_key SET wrapped = ? WHERE organisation = ? AND id = ?",
                        [.blob(wrapped), .blob(scope.bytes), .blob(key.id.bytes)])
                }
            }
            try change.session.enter(.installation)
        }
        keyEncryption.replace(with: new)
    }

    /// The fingerprint of the key-encryption key in use, which may be shown.
    public var keyEncryptionFingerprint: String { keyEncryption.key.fingerprint.hex }
}

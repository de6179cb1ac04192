import Flows
import Foundation
import Identity
import Kernel
import Store
import Vault

extension Installation {
    /// Puts all data keys under another key-encryption key.
    ///
    /// A key file is replaced by a new one: the new one lies beside it as `key.new` until every data key is wrapped by it,
    /// and takes its place afterwards. Whichever step this is interrupted at, one of the two opens the data, and both are
    /// tried.
    ///
    /// - Parameter source: Where the new key comes from; `nil` to replace the key file.
    /// - Returns: The fingerprint of the key that now holds.
    public func rewrap(to source: KeySource?) async throws -> String {
        if let source {
            let key = try source.key(in: folder, isNew: true, randomness: randomness)
            try await database.rewrap(under: key, as: .operator)
        } else {
            guard let file = keySource.file(in: folder) else {
                throw Problem(
                    .invalid, code: "key.source", "Only a key in a file is replaced by itself.",
                    hint: "Say where the new key comes from: --to file, --to credential:NAME, --to passphrase:PATH.")
            }
            let pending = KeyFile(path: file.path + ".new")
            let isThere = FileManager.default.fileExists(atPath: pending.path)
            let key = isThere ? try pending.key() : try pending.create(randomness: randomness)
            try await database.rewrap(under: key, as: .operator)
            try Self.take(pending, as: file)
        }
        return database.keyEncryptionFingerprint
    }

    /// Makes the new key file the key file, once everything is wrapped by it.
    static func take(_ pending: KeyFile, as file: KeyFile) throws {
        guard rename(pending.path, file.path) == 0 else {
            throw Problem(
                .unavailable, code: "key.not-moved",
                "Everything is under the new key, but its file could not take the place of the old one.",
                hint: "Move it yourself: mv \(pending.path) \(file.path)", cause: String(cString: strerror(errno)))
        }
    }
}

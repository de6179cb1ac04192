import Kernel
import Synchronization
import Vault

/// The key-encryption key while the program runs; read again when it was replaced by another process.
final class KeyEncryptionHolder: Sendable {
    private let held: Mutex<KeyEncryptionKey>
    private let fresh: @Sendable () throws -> [KeyEncryptionKey]

    init(_ key: KeyEncryptionKey, fresh: @escaping @Sendable () throws -> [KeyEncryptionKey]) {
        held = Mutex(key)
        self.fresh = fresh
    }

    var key: KeyEncryptionKey { held.withLock { $0 } }

    func replace(with key: KeyEncryptionKey) { held.withLock { $0 = key } }

    /// Does `work` with the key; once more with the key read again, if what is stored was wrapped by another.
    func using<T>(_ work: (KeyEncryptionKey) throws -> T) throws -> T {
        let known = key
        do {
            return try work(known)
        } catch let problem as Problem where problem.code == "vault.wrong-key" {
            for read in try fresh() where read.fingerprint != known.fingerprint {
                do {
                    let result = try work(read)
                    replace(with: read)
                    return result
                } catch let problem as Problem where problem.code == "vault.wrong-key" {
                    continue
                }
            }
            throw problem
        }
    }
}

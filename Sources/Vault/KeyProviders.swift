import Crypto
import CryptoExtras
import Foundation
import Kernel

/// The key-encryption key as a credential that systemd hands to the service, decrypted only while it runs.
///
/// The credential holds what a key file holds; systemd guards who may read it (systemd.exec, `LoadCredentialEncrypted=`).
public struct CredentialKey: KeyProvider {
    private let directory: String?
    private let name: String

    /// The credential `name` in `directory`, which is the service's `CREDENTIALS_DIRECTORY`.
    public init(name: String, directory: String?) {
        self.name = name
        self.directory = directory
    }

    /// Reads the key.
    ///
    /// - Throws: A `Problem`: `vault.credential` (unavailable) if there is none, `vault.key-malformed` (refused).
    public func key() throws(Problem) -> KeyEncryptionKey {
        guard let directory, !name.contains("/"),
            let data = FileManager.default.contents(atPath: "\(directory)/\(name)")
        else {
            throw Problem(
                .unavailable, code: "vault.credential", "systemd has handed over no credential named \(name).",
                hint: "Add LoadCredentialEncrypted=\(name):FILE to the service.")
        }
        do { return try KeyText.parse([UInt8](data.prefix(KeyText.sizeLimit + 1))) } catch {
            throw error.located(in: "\(directory)/\(name)")
        }
    }
}

/// The key-encryption key out of a passphrase, by scrypt (RFC 7914).
public struct PassphraseKey: KeyProvider, Redacted {
    private let passphrase: [UInt8]
    private let salt: [UInt8]
    private let rounds: Int

    /// The key that `passphrase` gives.
    ///
    /// - Parameters:
    ///   - salt: At least 16 random bytes, kept in the open beside the data.
    ///   - rounds: The cost, a power of two; 2¹⁷ takes half a second and 128 MiB.
    public init(passphrase: [UInt8], salt: [UInt8], rounds: Int = 1 << 17) {
        self.passphrase = passphrase
        self.salt = salt
        self.rounds = rounds
    }

    /// Derives the key.
    ///
    /// - Throws: A `Problem` (invalid, `vault.passphrase`) for an empty passphrase, a short salt or an impossible cost.
    public func key() throws(Problem) -> KeyEncryptionKey {
        guard !passphrase.isEmpty, salt.count >= 16, rounds >= 2, rounds.nonzeroBitCount == 1,
            let key = try? KDF.Scrypt.deriveKey(
                from: passphrase, salt: salt, outputByteCount: 32, rounds: rounds, blockSize: 8, parallelism: 1)
        else {
            throw Problem(.invalid, code: "vault.passphrase", "No key can be made of this passphrase and salt.")
        }
        return try KeyEncryptionKey(bytes: key.withUnsafeBytes { [UInt8]($0) })
    }
}

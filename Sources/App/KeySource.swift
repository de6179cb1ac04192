import Foundation
import Kernel
import Vault

/// Where an installation's key-encryption key comes from.
public enum KeySource: Sendable, Equatable {
    /// The file `key` in the data folder, made at the first start.
    case file
    /// A file elsewhere, such as on another disk; made at the first start.
    case fileElsewhere(String)
    /// A credential that systemd hands to the service (`LoadCredentialEncrypted=`).
    case credential(String)
    /// A passphrase, the first line of a file that only the server may read; its salt lies in the data folder.
    case passphrase(String)

    /// Reads `file`, `file:PATH`, `credential:NAME` or `passphrase:PATH`; nothing is `file`.
    ///
    /// - Throws: `Problem` `key.source` (invalid).
    public init(_ text: String?) throws {
        let parts = (text ?? "file").split(separator: ":", maxSplits: 1).map(String.init)
        switch (parts.first, parts.count) {
        case ("file", 1): self = .file
        case ("file", 2): self = .fileElsewhere(parts[1])
        case ("credential", 2): self = .credential(parts[1])
        case ("passphrase", 2): self = .passphrase(parts[1])
        default:
            throw Problem(
                .invalid, code: "key.source", "The key must be file, file:PATH, credential:NAME or passphrase:PATH.",
                hint: "Leave it out to use the key file in the data folder.")
        }
    }

    /// Where the key must be kept safe, for people.
    public func place(in folder: DataFolder) -> String {
        switch self {
        case .file: "the file \(folder.key)"
        case .fileElsewhere(let path): "the file \(path)"
        case .credential(let name): "the systemd credential \(name)"
        case .passphrase: "your passphrase with the file \(folder.keySalt)"
        }
    }

    /// The key's file, if it is one.
    func file(in folder: DataFolder) -> KeyFile? {
        switch self {
        case .file: KeyFile(path: folder.key)
        case .fileElsewhere(let path): KeyFile(path: path)
        case .credential, .passphrase: nil
        }
    }

    /// The file that is made at the first start, if one is.
    func madeFile(in folder: DataFolder) -> String? {
        switch self {
        case .file, .fileElsewhere: file(in: folder)?.path
        case .passphrase: folder.keySalt
        case .credential: nil
        }
    }

    /// The keys that may open the data of an installation that is there: the key, and the one that is taking its place.
    func candidates(in folder: DataFolder, randomness: Randomness) throws -> [KeyEncryptionKey] {
        let key = try key(in: folder, isNew: false, randomness: randomness)
        guard let file = file(in: folder), FileManager.default.fileExists(atPath: file.path + ".new") else {
            return [key]
        }
        return [key, try KeyFile(path: file.path + ".new").key()]
    }

    /// The key; where there is no installation yet, a new one is made.
    ///
    /// A database without its key is refused rather than given a new one, which could never open it.
    func key(in folder: DataFolder, isNew: Bool, randomness: Randomness) throws -> KeyEncryptionKey {
        switch self {
        case .file: try Self.key(in: KeyFile(path: folder.key), isNew: isNew, randomness: randomness)
        case .fileElsewhere(let path): try Self.key(in: KeyFile(path: path), isNew: isNew, randomness: randomness)
        case .credential(let name):
            try CredentialKey(
                name: name, directory: ProcessInfo.processInfo.environment["CREDENTIALS_DIRECTORY"]
            ).key()
        case .passphrase(let path):
            try PassphraseKey(
                passphrase: try Self.passphrase(in: path),
                salt: try folder.passphraseSalt(isNew: isNew, randomness: randomness)
            ).key()
        }
    }

    private static func key(in file: KeyFile, isNew: Bool, randomness: Randomness) throws -> KeyEncryptionKey {
        if isNew, !FileManager.default.fileExists(atPath: file.path) { return try file.create(randomness: randomness) }
        return try file.key()
    }

    private static func passphrase(in path: String) throws -> [UInt8] {
        guard let data = FileManager.default.contents(atPath: path) else {
            throw Problem(
                .unavailable, code: "key.passphrase", "The file with the passphrase cannot be read.",
                place: Problem.Place(file: path))
        }
        let line = data.prefix { $0 != UInt8(ascii: "\n") && $0 != UInt8(ascii: "\r") }
        // Whoever has the database can try passphrases as fast as they like.
        guard line.count >= 15 else {
            throw Problem(
                .invalid, code: "key.passphrase", "The passphrase must have at least 15 characters.",
                hint: "Several unrelated words are easy to keep and hard to guess.", place: Problem.Place(file: path))
        }
        return [UInt8](line)
    }
}

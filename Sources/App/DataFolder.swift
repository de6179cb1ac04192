import Foundation
import Kernel
import Vault

/// Where an installation keeps everything: the database, the key, the certificate. Nobody else may look into it.
public struct DataFolder: Sendable {
    /// The folder's path.
    public let path: String

    /// The folder at `path`, which need not exist yet.
    public init(_ path: String) {
        self.path = path
    }

    /// The database file.
    public var database: String { "\(path)/vouchsafe.sqlite" }
    /// The key-encryption key.
    public var key: String { "\(path)/key" }
    /// What makes a passphrase's key this installation's own; not secret, but needed.
    public var keySalt: String { "\(path)/key-salt" }
    /// The self-made certificate, PEM.
    public var certificate: String { "\(path)/tls-certificate.pem" }
    /// The private key of the self-made certificate, PEM.
    public var certificateKey: String { "\(path)/tls-key.pem" }
    /// The archive of logs: a folder for each organisation, and in it files that only their rows' keys open.
    public var logs: String { "\(path)/logs" }
    /// Held by the one server that runs on this folder.
    var lock: String { "\(path)/lock" }

    /// Every file that holds stored data, in whatever state the database is.
    var databaseFiles: [String] {
        ["", "-wal", "-journal"].map { database + $0 }.filter { FileManager.default.fileExists(atPath: $0) }
    }

    /// Removes the database's files, where a restore into them has failed.
    func removeDatabase() {
        for suffix in ["", "-wal", "-shm", "-journal"] { unlink(database + suffix) }
    }

    /// Whether an installation has been made here.
    public var isInitialised: Bool { FileManager.default.fileExists(atPath: database) }

    /// Makes the folder, for its owner only.
    ///
    /// - Throws: `Problem` `data.folder` if it cannot be made or written.
    func prepare() throws {
        do {
            try FileManager.default.createDirectory(
                atPath: path, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
        } catch {
            throw Problem(
                .unavailable, code: "data.folder", "The data folder cannot be made here.",
                hint: "Choose a folder with --data that you may write to.", place: Problem.Place(file: path),
                cause: "\(error)")
        }
        guard access(path, W_OK | X_OK) == 0 else {
            throw Problem(
                .unavailable, code: "data.folder",
                "The data folder cannot be written: \(String(cString: strerror(errno))).",
                hint: "Run as its owner, or choose another with --data.", place: Problem.Place(file: path))
        }
    }

    /// The salt of a passphrase, made on the first start.
    func passphraseSalt(isNew: Bool, randomness: Randomness) throws -> [UInt8] {
        if let data = FileManager.default.contents(atPath: keySalt) {
            guard let salt = [UInt8](hex: String(decoding: data, as: UTF8.self).trimmingCharacters(in: .newlines))
            else {
                throw Problem(
                    .refused, code: "key.salt", "The salt of the passphrase is damaged.",
                    hint: "Put back the file from a copy; without it the passphrase opens nothing.",
                    place: Problem.Place(file: keySalt))
            }
            return salt
        }
        guard isNew else {
            throw Problem(
                .unavailable, code: "key.salt", "The salt of the passphrase is not here.",
                hint: "Copy it from the data folder of the server that this installation was made on.",
                place: Problem.Place(file: keySalt))
        }
        let salt = randomness.bytes(16)
        do {
            try Data("\(salt.hex)\n".utf8).write(to: URL(fileURLWithPath: keySalt), options: .withoutOverwriting)
        } catch {
            throw Problem(
                .unavailable, code: "data.folder", "The data folder cannot be written.",
                place: Problem.Place(file: keySalt), cause: "\(error)")
        }
        return salt
    }

    /// The name of the server that lives in this folder, which tells it from others on the same database; made at its first use.
    func node(randomness: Randomness) throws -> String {
        let file = "\(path)/node"
        if let data = FileManager.default.contents(atPath: file) {
            let name = String(decoding: data, as: UTF8.self).trimmingCharacters(in: .whitespacesAndNewlines)
            if [UInt8](hex: name)?.count == 8 { return name }
        }
        let name = randomness.bytes(8).hex
        do {
            try Data("\(name)\n".utf8).write(to: URL(fileURLWithPath: file), options: .atomic)
        } catch {
            throw Problem(
                .unavailable, code: "data.folder", "The data folder cannot be written.",
                place: Problem.Place(file: file), cause: "\(error)")
        }
        return name
    }

    /// Takes the folder for one server.
    ///
    /// - Returns: The lock, held until the process ends.
    /// - Throws: `Problem` `data.in-use` if another server has it.
    func takeForServer() throws -> FolderLock {
        let descriptor = open(lock, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else {
            throw Problem(
                .unavailable, code: "data.folder", "The data folder cannot be written.",
                place: Problem.Place(file: lock),
                cause: "errno \(errno)")
        }
        guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
            close(descriptor)
            throw Problem(
                .unavailable, code: "data.in-use", "Another Vouchsafe server runs on this data folder.",
                hint: "Stop it first, or choose another folder with --data.", place: Problem.Place(file: path))
        }
        return FolderLock(descriptor: descriptor)
    }
}

/// That this process is the one server of a data folder. The system releases it with the process.
struct FolderLock: Sendable {
    fileprivate let descriptor: Int32
}

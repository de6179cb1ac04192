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
    /// The self-made certificate, PEM.
    public var certificate: String { "\(path)/tls-certificate.pem" }
    /// The private key of the self-made certificate, PEM.
    public var certificateKey: String { "\(path)/tls-key.pem" }
    /// Held by the one server that runs on this folder.
    var lock: String { "\(path)/lock" }

    /// Every file that holds stored data, in whatever state the database is.
    var databaseFiles: [String] {
        ["", "-wal", "-journal"].map { database + $0 }.filter { FileManager.default.fileExists(atPath: $0) }
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

    /// The key-encryption key, made on the first start.
    ///
    /// A database without its key is refused rather than given a new one, which could never open it.
    func encryptionKey(randomness: Randomness) throws -> KeyEncryptionKey {
        let file = KeyFile(path: key)
        if !isInitialised, !FileManager.default.fileExists(atPath: key) {
            return try file.create(randomness: randomness)
        }
        return try file.key()
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

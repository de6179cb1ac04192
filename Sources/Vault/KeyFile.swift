import Crypto
import Foundation
import Kernel

/// The key-encryption key in a file that only the server's own user may read.
public struct KeyFile: KeyProvider {
    /// Where the file is.
    public let path: String

    /// The file at `path`, which need not be there yet.
    public init(path: String) {
        self.path = path
    }

    /// Reads the key.
    ///
    /// - Throws: A `Problem`: `vault.key-missing` and `vault.key-unreadable` (unavailable), `vault.key-mode` (refused) if others
    ///   could read the file, `vault.key-malformed` (refused) if it is cut off or changed.
    public func key() throws(Problem) -> KeyEncryptionKey {
        // Without waiting, so that a pipe in its place is refused below and not read forever.
        let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        guard descriptor >= 0 else {
            let reason = errno
            if reason == ENOENT {
                throw Problem(
                    .unavailable, code: "vault.key-missing", "There is no key file.",
                    hint: "Put back the key file that this data was made with; without it nothing can be read.",
                    place: place)
            }
            throw unreadable(reason)
        }
        defer { close(descriptor) }
        var status = stat()
        guard fstat(descriptor, &status) == 0 else { throw unreadable(errno) }
        guard status.st_mode & S_IFMT == S_IFREG else {
            throw Problem(.refused, code: "vault.key-malformed", "The key file is not a plain file.", place: place)
        }
        guard status.st_mode & 0o077 == 0 else {
            let mode = String(status.st_mode & 0o777, radix: 8)
            throw Problem(
                .refused, code: "vault.key-mode", "The key file can be used by others than its owner (mode \(mode)).",
                hint: "Find out who may have read it, then: chmod 0400 \(path)", place: place)
        }
        do {
            return try KeyText.parse(FileBytes.read(descriptor, limit: KeyText.sizeLimit))
        } catch let problem as Problem {
            throw problem.located(in: path)
        } catch {
            throw unreadable(EIO)
        }
    }

    /// Makes the file with a new key; an existing file is never overwritten.
    ///
    /// The file has mode 0400 from its first moment, and it is on the disk before this returns.
    ///
    /// - Returns: The new key.
    /// - Throws: A `Problem`: `vault.key-exists` (conflict) or `vault.key-unwritable` (unavailable).
    public func create(randomness: Randomness) throws(Problem) -> KeyEncryptionKey {
        let secret = randomness.bytes(32)
        let key = try KeyEncryptionKey(bytes: secret)
        let descriptor = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0o400)
        guard descriptor >= 0 else {
            let reason = errno
            if reason == EEXIST {
                throw Problem(
                    .conflict, code: "vault.key-exists", "There is a key file already; it is left as it is.",
                    place: place)
            }
            throw unwritable(reason)
        }
        do {
            defer { close(descriptor) }
            try FileBytes.write(KeyText.text(of: secret, fingerprint: key.fingerprint), to: descriptor)
            try FileBytes.syncDirectory(of: path)
        } catch let failure {
            // Half a key would only be found when it is needed.
            unlink(path)
            throw unwritable(failure.reason)
        }
        return key
    }

    private var place: Problem.Place { Problem.Place(file: path) }

    private func unreadable(_ reason: Int32) -> Problem {
        Problem(
            .unavailable, code: "vault.key-unreadable",
            "The key file cannot be read: \(String(cString: strerror(reason))).",
            hint: "It must belong to the user that the server runs as.", place: place)
    }

    private func unwritable(_ reason: Int32) -> Problem {
        Problem(
            .unavailable, code: "vault.key-unwritable",
            "The key file cannot be written: \(String(cString: strerror(reason))).", place: place)
    }
}

/// Whole files through descriptors, with the failure's number.
private enum FileBytes {
    struct Failure: Error {
        let reason: Int32
    }

    /// Everything up to `limit` bytes and one more, so that too long a file is seen to be too long.
    static func read(_ descriptor: Int32, limit: Int) throws(Failure) -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: limit + 1)
        var count = 0
        while count < bytes.count {
            let got = bytes.withUnsafeMutableBytes {
                Foundation.read(descriptor, $0.baseAddress?.advanced(by: count), $0.count - count)
            }
            if got == 0 { break }
            if got < 0 {
                if errno == EINTR { continue }
                throw Failure(reason: errno)
            }
            count += got
        }
        return Array(bytes[..<count])
    }

    static func write(_ bytes: [UInt8], to descriptor: Int32) throws(Failure) {
        // The mode asked for at opening is cut by the process's mask; this one is not.
        guard fchmod(descriptor, 0o400) == 0 else { throw Failure(reason: errno) }
        var written = 0
        while written < bytes.count {
            let put = bytes.withUnsafeBytes {
                Foundation.write(descriptor, $0.baseAddress?.advanced(by: written), $0.count - written)
            }
            if put < 0 {
                if errno == EINTR { continue }
                throw Failure(reason: errno)
            }
            written += put
        }
        guard fsync(descriptor) == 0 else { throw Failure(reason: errno) }
    }

    static func syncDirectory(of path: String) throws(Failure) {
        let slash = path.lastIndex(of: "/")
        let directory = slash.map { $0 == path.startIndex ? "/" : String(path[..<$0]) } ?? "."
        let descriptor = open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard descriptor >= 0 else { throw Failure(reason: errno) }
        defer { close(descriptor) }
        guard fsync(descriptor) == 0 else { throw Failure(reason: errno) }
    }
}

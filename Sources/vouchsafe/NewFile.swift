import Foundation
import Kernel

/// A file that is there whole or not at all, readable by its owner only. What comes before it is kept under another name.
struct NewFile: Sendable {
    private let path: String
    /// The name until it is whole; nothing where it is written in place: a pipe, a device, standard output.
    private let temporary: String?
    private let descriptor: Int32

    /// Begins the file at `path`; `-` is standard output.
    ///
    /// - Throws: `Problem` `file.unwritable`.
    init(at path: String) throws(Problem) {
        self.path = path
        var status = stat()
        let isInPlace = path == "-" || (stat(path, &status) == 0 && status.st_mode & S_IFMT != S_IFREG)
        temporary = isInPlace ? nil : "\(path).\(getpid()).partial"
        descriptor =
            path == "-"
            ? dup(STDOUT_FILENO)
            : open(temporary ?? path, O_WRONLY | O_CLOEXEC | (isInPlace ? 0 : O_CREAT | O_EXCL), 0o600)
        guard descriptor >= 0 else { throw Self.unwritable(path, errno) }
    }

    /// Writes on.
    ///
    /// - Throws: `Problem` `file.unwritable`, for a full disk as for a reader who has gone.
    func write(_ bytes: [UInt8]) throws(Problem) {
        var written = 0
        while written < bytes.count {
            let put = bytes.withUnsafeBytes {
                Foundation.write(descriptor, $0.baseAddress?.advanced(by: written), $0.count - written)
            }
            if put < 0 {
                if errno == EINTR { continue }
                throw Self.unwritable(path, errno)
            }
            written += put
        }
    }

    /// Ends the file and gives it its name, once all of it is on the disk.
    func keep() throws(Problem) {
        guard let temporary else {
            close(descriptor)
            return
        }
        guard fsync(descriptor) == 0, rename(temporary, path) == 0 else { throw Self.unwritable(path, errno) }
        // The name too must be on the disk.
        let directory = open(URL(fileURLWithPath: path).deletingLastPathComponent().path, O_RDONLY | O_CLOEXEC)
        guard directory >= 0 else { throw Self.unwritable(path, errno) }
        defer { close(directory) }
        guard fsync(directory) == 0 else { throw Self.unwritable(path, errno) }
        close(descriptor)
    }

    /// Removes what was written.
    func discard() {
        close(descriptor)
        if let temporary { unlink(temporary) }
    }

    private static func unwritable(_ path: String, _ reason: Int32) -> Problem {
        Problem(
            .unavailable, code: "file.unwritable", "The file cannot be written: \(String(cString: strerror(reason))).",
            hint: "Check its folder and the room on the disk.", place: Problem.Place(file: path))
    }
}

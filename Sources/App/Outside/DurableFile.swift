import Foundation
import Kernel

/// A small file that is either as it was or as it shall be, whatever happens in between.
struct DurableFile: Sendable {
    let path: String

    init(_ path: String) {
        self.path = path
    }

    /// The content, at most `limit` bytes; `nil` if there is no such file.
    ///
    /// - Throws: `Problem` `file.unreadable` (unavailable).
    func read(limit: Int) throws(Problem) -> [UInt8]? {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        guard descriptor >= 0 else {
            let reason = errno
            if reason == ENOENT { return nil }
            throw failure("file.unreadable", "read", reason)
        }
        defer { close(descriptor) }
        guard let data = try? FileHandle(fileDescriptor: descriptor, closeOnDealloc: false).read(upToCount: limit + 1)
        else {
            // Nothing could be read, or there is nothing.
            guard lseek(descriptor, 0, SEEK_END) == 0 else { throw failure("file.unreadable", "read", EIO) }
            return []
        }
        guard data.count <= limit else { throw failure("file.unreadable", "read", EFBIG) }
        return [UInt8](data)
    }

    /// Puts `bytes` in the place of what was there. They are on the disk when this returns.
    ///
    /// - Parameter mode: The file's permissions.
    /// - Throws: `Problem` `file.unwritable` (unavailable); the file is as it was then.
    func replace(with bytes: [UInt8], mode: mode_t = 0o600) throws(Problem) {
        let new = try written(bytes, mode: mode)
        guard rename(new, path) == 0, syncFolder() else {
            let reason = errno
            unlink(new)
            throw failure("file.unwritable", "written", reason)
        }
    }

    /// Makes the file with `bytes` in it; one that is there stays as it is. They are on the disk when this returns.
    ///
    /// - Throws: `Problem` `file.unwritable` (unavailable).
    func create(with bytes: [UInt8], mode: mode_t = 0o600) throws(Problem) {
        let new = try written(bytes, mode: mode)
        defer { unlink(new) }
        // Unlike a renaming, a link never takes the place of another file.
        guard link(new, path) == 0 || errno == EEXIST, syncFolder() else {
            throw failure("file.unwritable", "written", errno)
        }
    }

    /// A new file beside this one, under a name that nobody else uses.
    private func written(_ bytes: [UInt8], mode: mode_t) throws(Problem) -> String {
        let new = "\(path).new-\(Randomness.system.bytes(8).hex)"
        let descriptor = open(new, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, mode)
        guard descriptor >= 0 else { throw failure("file.unwritable", "written", errno) }
        let isWritten = Self.write(bytes, to: descriptor) && fsync(descriptor) == 0
        let reason = errno
        close(descriptor)
        guard isWritten else {
            unlink(new)
            throw failure("file.unwritable", "written", reason)
        }
        return new
    }

    private static func write(_ bytes: [UInt8], to descriptor: Int32) -> Bool {
        var rest = bytes[...]
        while !rest.isEmpty {
            let put = rest.withUnsafeBytes { Foundation.write(descriptor, $0.baseAddress, $0.count) }
            if put < 0, errno != EINTR { return false }
            rest = rest.dropFirst(max(0, put))
        }
        return true
    }

    /// A new name is only safe once the folder that it stands in is.
    private func syncFolder() -> Bool {
        let folder = URL(fileURLWithPath: path).deletingLastPathComponent().path
        let descriptor = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard descriptor >= 0 else { return false }
        defer { close(descriptor) }
        return fsync(descriptor) == 0
    }

    private func failure(_ code: String, _ what: String, _ reason: Int32) -> Problem {
        Problem(
            .unavailable, code: code, "The file cannot be \(what): \(String(cString: strerror(reason))).",
            hint: "Check that it is there and that this user may use it.", place: Problem.Place(file: path))
    }
}

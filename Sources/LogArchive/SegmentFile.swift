import Glibc
import Kernel

/// A file of the archive, open for as long as this lives.
final class SegmentFile {
    let path: String
    private let descriptor: Int32

    private init(path: String, descriptor: Int32) {
        self.path = path
        self.descriptor = descriptor
    }

    deinit { _ = Glibc.close(descriptor) }

    /// A new file that nobody else may read, whose name survives a power cut.
    static func create(_ path: String) throws(Problem) -> SegmentFile {
        let descriptor = Glibc.open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0o600)
        guard descriptor >= 0 else { throw ArchiveProblem.system(errno, "created", path) }
        let file = SegmentFile(path: path, descriptor: descriptor)
        do throws(Problem) {
            // The mode asked for at opening is cut by the process's mask; this one is not.
            guard fchmod(descriptor, 0o600) == 0 else { throw ArchiveProblem.system(errno, "created", path) }
            try file.lock()
            try syncFolder(of: path)
        } catch {
            unlink(path)
            throw error
        }
        return file
    }

    /// A file that is there: to write, by one at a time, or to read.
    static func open(_ path: String, toWrite: Bool) throws(Problem) -> SegmentFile {
        // Without O_NONBLOCK, a pipe of that name would hold the program up.
        let mode = toWrite ? O_RDWR : O_RDONLY
        let descriptor = Glibc.open(path, mode | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK)
        guard descriptor >= 0 else { throw ArchiveProblem.system(errno, "opened", path) }
        let file = SegmentFile(path: path, descriptor: descriptor)
        var status = stat()
        guard fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG else {
            throw ArchiveProblem.notASegment(path)
        }
        if toWrite { try file.lock() }
        return file
    }

    /// Two writers would write over each other.
    private func lock() throws(Problem) {
        guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
            throw Problem(
                .conflict, code: "archive.locked", "Another writer is at work on this segment.",
                hint: "Only one server may write an archive; end the other one.", place: ArchiveProblem.place(path),
                cause: String(cString: strerror(errno)))
        }
    }

    func size() throws(Problem) -> Int {
        var status = stat()
        guard fstat(descriptor, &status) == 0 else { throw ArchiveProblem.system(errno, "read", path) }
        return Int(status.st_size)
    }

    /// The bytes from `offset` on, fewer than `count` only where the file ends.
    func read(at offset: Int, count: Int) throws(Problem) -> [UInt8] {
        var reason: Int32 = 0
        let bytes = [UInt8](unsafeUninitializedCapacity: count) { buffer, done in
            while done < count {
                let got = pread(descriptor, buffer.baseAddress?.advanced(by: done), count - done, off_t(offset + done))
                if got == 0 { return }
                if got > 0 {
                    done += got
                } else if errno != EINTR {
                    reason = errno
                    return
                }
            }
        }
        guard reason == 0 else { throw ArchiveProblem.system(reason, "read", path) }
        return bytes
    }

    /// Writes all of `bytes` at `offset`; what was written when it fails is for the caller to cut.
    func write(_ bytes: [UInt8], at offset: Int) throws(Problem) {
        var done = 0
        while done < bytes.count {
            let put = bytes.withUnsafeBytes { buffer in
                pwrite(descriptor, buffer.baseAddress?.advanced(by: done), buffer.count - done, off_t(offset + done))
            }
            if put > 0 {
                done += put
            } else if put == 0 {
                throw ArchiveProblem.system(EIO, "written", path)
            } else if errno != EINTR {
                throw ArchiveProblem.system(errno, "written", path)
            }
        }
    }

    func cut(at size: Int) throws(Problem) {
        while ftruncate(descriptor, off_t(size)) != 0 {
            guard errno == EINTR else { throw ArchiveProblem.system(errno, "cut", path) }
        }
    }

    /// Returns when the disk has what was written.
    func sync() throws(Problem) {
        while fdatasync(descriptor) != 0 {
            guard errno == EINTR else { throw ArchiveProblem.system(errno, "brought to the disk", path) }
        }
    }

    /// Takes a file away again that was just created.
    func remove() { unlink(path) }

    private static func syncFolder(of path: String) throws(Problem) {
        let folder = path.lastIndex(of: "/").map { $0 == path.startIndex ? "/" : String(path[..<$0]) } ?? "."
        let descriptor = Glibc.open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard descriptor >= 0 else { throw ArchiveProblem.system(errno, "brought to the disk", path) }
        defer { _ = Glibc.close(descriptor) }
        guard fsync(descriptor) == 0 else { throw ArchiveProblem.system(errno, "brought to the disk", path) }
    }
}

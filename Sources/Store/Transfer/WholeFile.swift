import Foundation
import Kernel

/// A file that appears under its name only once all of it is on the disk, readable by its owner only.
///
/// Until then it has no name at all where the file system can do that (`O_TMPFILE`), so that a process which is killed leaves
/// nothing behind; elsewhere it has one with a random part.
public struct WholeFile: Sendable {
    /// Why a call of the system failed, as in `errno`.
    public struct Failure: Error {
        /// The number of the reason.
        public let reason: Int32

        /// The reason in words.
        public var words: String { String(cString: strerror(reason)) }
    }

    /// How the name of a file ends that is still being written, where it has one.
    public static let unfinished = ".partial"

    /// Where to write.
    public let descriptor: Int32
    private let path: String
    /// The name until it is whole; nothing where it has none.
    let temporary: String?

    /// Begins the file that will be at `path`.
    ///
    /// - Parameter isNamed: Whether to give it a name from the start, as is done where the file system asks for one.
    public init(at path: String, randomness: Randomness, isNamed: Bool = false) throws(Failure) {
        self.path = path
        let unnamed = isNamed ? -1 : open(Self.folder(of: path), O_WRONLY | O_CLOEXEC | Self.withoutName, 0o600)
        // It gets its name by way of /proc later, so that must be there.
        if unnamed >= 0, access(Self.link(to: unnamed), F_OK) == 0 {
            descriptor = unnamed
            temporary = nil
            return
        }
        if unnamed >= 0 { close(unnamed) }
        let name = "\(path).\(randomness.bytes(4).hex)\(Self.unfinished)"
        descriptor = open(name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0o600)
        guard descriptor >= 0 else { throw Failure(reason: errno) }
        temporary = name
    }

    /// Ends the file and gives it its name, once all of it is on the disk.
    ///
    /// - Parameter isReplacing: Whether it takes the place of a file of that name.
    /// - Throws: A `Failure`, `EEXIST` if there is such a file and it is to be left; what was written is there until ``discard()``.
    public func keep(replacing isReplacing: Bool) throws(Failure) {
        guard fsync(descriptor) == 0 else { throw Failure(reason: errno) }
        switch (temporary, isReplacing) {
        case (nil, false): try link(to: path)
        case (nil, true):
            do {
                try link(to: path)
            } catch  where error.reason == EEXIST {
                // Only a name can take the place of another.
                let name = "\(path).\(Randomness.system.bytes(4).hex)\(Self.unfinished)"
                try link(to: name)
                try Self.move(name, to: path)
            }
        case (let name?, true): try Self.move(name, to: path)
        case (let name?, false): try Self.rename(name, to: path)
        }
        close(descriptor)
        Self.syncFolder(of: path)
    }

    /// Gives up: what was written is removed.
    public func discard() {
        close(descriptor)
        if let temporary { unlink(temporary) }
    }

    // MARK: - Names

    /// `O_TMPFILE`, which is too involved for Swift to import.
    private static let withoutName: Int32 = 0o20_000_000 | O_DIRECTORY

    private static func link(to descriptor: Int32) -> String { "/proc/self/fd/\(descriptor)" }

    private func link(to name: String) throws(Failure) {
        guard linkat(AT_FDCWD, Self.link(to: descriptor), AT_FDCWD, name, AT_SYMLINK_FOLLOW) == 0 else {
            throw Failure(reason: errno)
        }
    }

    private static func move(_ name: String, to path: String) throws(Failure) {
        guard Foundation.rename(name, path) == 0 else {
            let reason = errno
            unlink(name)
            throw Failure(reason: reason)
        }
    }

    /// Gives the file at `name` the name `path`, if nothing has it: `rename` alone would replace what came there meanwhile.
    private static func rename(_ name: String, to path: String) throws(Failure) {
        if Foundation.link(name, path) == 0 {
            unlink(name)
            return
        }
        guard [EPERM, EOPNOTSUPP, ENOSYS, EMLINK].contains(errno) else { throw Failure(reason: errno) }
        // Without hard links an empty file of our own holds the place.
        let place = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0o600)
        guard place >= 0 else { throw Failure(reason: errno) }
        close(place)
        guard Foundation.rename(name, path) == 0 else {
            let reason = errno
            unlink(path)
            throw Failure(reason: reason)
        }
    }

    private static func folder(of path: String) -> String {
        URL(fileURLWithPath: path).deletingLastPathComponent().path
    }

    private static func syncFolder(of path: String) {
        let descriptor = open(folder(of: path), O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard descriptor >= 0 else { return }
        // Some network file systems refuse it for folders; the file itself is on the disk by then.
        fsync(descriptor)
        close(descriptor)
    }
}

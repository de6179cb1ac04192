import Foundation

/// What the system says of a file.
struct FileFacts: Sendable {
    /// Which file it is, among those that are there at the same time; a later one may get the same number.
    struct Identity: Hashable, Sendable {
        let device: UInt64
        let number: UInt64
    }

    let identity: Identity
    let size: UInt64
    let isRegular: Bool
    /// Whether no name leads to it any more.
    let isDeleted: Bool

    private init(_ status: stat) {
        identity = Identity(device: UInt64(status.st_dev), number: UInt64(status.st_ino))
        size = UInt64(max(0, status.st_size))
        isRegular = status.st_mode & S_IFMT == S_IFREG
        isDeleted = status.st_nlink == 0
    }

    /// Of the file that `path` leads to, through symbolic links.
    ///
    /// - Throws: ``SystemFailure``
    init(path: String) throws(SystemFailure) {
        var status = stat()
        guard stat(path, &status) == 0 else { throw SystemFailure(code: errno) }
        self.init(status)
    }

    fileprivate init(descriptor: Int32) throws(SystemFailure) {
        var status = stat()
        guard fstat(descriptor, &status) == 0 else { throw SystemFailure(code: errno) }
        self.init(status)
    }
}

/// What the system refused, by its number (errno).
struct SystemFailure: Error {
    let code: Int32

    var words: String { String(cString: strerror(code)) }
}

/// A regular file that is open for reading, for as long as this lives.
final class OpenFile: Sendable {
    /// Why a path cannot be followed, ever.
    struct NotRegular: Error {}

    private let descriptor: Int32
    let identity: FileFacts.Identity
    /// When the file was made, which stays the same through renaming and truncating; `nil` where the file system does not keep it.
    let birth: FileBirth?

    /// Opens what `path` leads to, through symbolic links.
    ///
    /// - Throws: ``SystemFailure``, ``NotRegular``
    init(_ path: String) throws {
        // Looked at before it is opened: opening a device may do something.
        guard try FileFacts(path: path).isRegular else { throw NotRegular() }
        // Without waiting, should it have become a pipe in between.
        descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        guard descriptor >= 0 else { throw SystemFailure(code: errno) }
        do {
            let facts = try FileFacts(descriptor: descriptor)
            guard facts.isRegular else { throw NotRegular() }
            identity = facts.identity
            birth = FileBirth(descriptor: descriptor)
        } catch {
            close(descriptor)
            throw error
        }
    }

    deinit { close(descriptor) }

    func facts() throws(SystemFailure) -> FileFacts { try FileFacts(descriptor: descriptor) }

    /// As many bytes from `offset` on as there are, `count` at most.
    func read(at offset: UInt64, _ count: Int) throws(SystemFailure) -> [UInt8] {
        let file = descriptor
        var failure: Int32 = 0
        let bytes = [UInt8](unsafeUninitializedCapacity: count) { buffer, filled in
            while filled < count {
                let got = pread(
                    file, buffer.baseAddress.map { $0 + filled }, count - filled, off_t(offset) + off_t(filled))
                if got < 0, errno == EINTR { continue }
                if got < 0 { failure = errno }
                guard got > 0 else { return }
                filled += got
            }
        }
        if failure != 0, bytes.isEmpty { throw SystemFailure(code: failure) }
        return bytes
    }
}

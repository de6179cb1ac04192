import Foundation
import Kernel

/// That this process is the one that works on a file; let go of with the last reference, or with the process.
///
/// It is a file of its own beside the other one, because that one is replaced as a whole.
final class FileLock: Sendable {
    private let descriptor: Int32

    /// Takes the lock of the file at `path`.
    ///
    /// - Throws: `Problem` (unavailable): `file.in-use` if another process has it, `file.unwritable` if it cannot be made.
    init(of path: String) throws(Problem) {
        let place = Problem.Place(file: path)
        descriptor = open("\(path).lock", O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0o600)
        guard descriptor >= 0 else {
            throw Problem(
                .unavailable, code: "file.unwritable",
                "No lock can be made beside the file: \(String(cString: strerror(errno))).",
                hint: "Check that its folder is there and that this user may write to it.", place: place)
        }
        guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
            close(descriptor)
            throw Problem(
                .unavailable, code: "file.in-use", "Another run works on this file.",
                hint: "Wait until it has ended, or give each run a file of its own.", place: place)
        }
    }

    deinit { close(descriptor) }
}

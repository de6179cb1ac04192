import Foundation
import Kernel
import Store

/// What a command writes: a file that is there whole or not at all, or a pipe, a device or standard output, in place.
struct NewFile: Sendable {
    private enum Kind {
        case whole(WholeFile)
        case inPlace(Int32)
    }

    private let path: String
    private let kind: Kind

    /// Begins the file at `path`; `-` is standard output.
    ///
    /// - Throws: `Problem` `file.unwritable`.
    init(at path: String) throws(Problem) {
        self.path = path
        if path == "-" || FileKind(at: path).map({ $0 != .regular }) ?? false {
            let descriptor = path == "-" ? dup(STDOUT_FILENO) : open(path, O_WRONLY | O_CLOEXEC)
            guard descriptor >= 0 else { throw Self.unwritable(path, errno) }
            kind = .inPlace(descriptor)
        } else {
            do { kind = .whole(try WholeFile(at: path, randomness: .system)) } catch {
                throw Self.unwritable(path, error.reason)
            }
        }
    }

    private var descriptor: Int32 {
        switch kind {
        case .whole(let file): file.descriptor
        case .inPlace(let descriptor): descriptor
        }
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
        switch kind {
        case .inPlace(let descriptor): close(descriptor)
        case .whole(let file):
            do { try file.keep(replacing: true) } catch { throw Self.unwritable(path, error.reason) }
        }
    }

    /// Removes what was written.
    func discard() {
        switch kind {
        case .inPlace(let descriptor): close(descriptor)
        case .whole(let file): file.discard()
        }
    }

    private static func unwritable(_ path: String, _ reason: Int32) -> Problem {
        Problem(
            .unavailable, code: "file.unwritable", "The file cannot be written: \(String(cString: strerror(reason))).",
            hint: "Check its folder and the room on the disk.", place: Problem.Place(file: path))
    }
}

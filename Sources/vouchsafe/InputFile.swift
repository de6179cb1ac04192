import Foundation
import Kernel
import Store

/// A file that a person names, or standard input, read piece by piece.
final class InputFile {
    private let place: Problem.Place
    private let descriptor: Int32

    /// Opens the file at `path`; `-` is standard input.
    ///
    /// - Throws: `Problem` `file.unreadable` with its name.
    init(_ path: String) throws(Problem) {
        place = Problem.Place(file: path)
        descriptor = path == "-" ? dup(STDIN_FILENO) : open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw Self.unreadable(place, errno) }
        guard let kind = FileKind(of: descriptor), kind != .folder else {
            throw Self.unreadable(place, EISDIR)
        }
    }

    deinit { if descriptor >= 0 { close(descriptor) } }

    /// The next bytes.
    ///
    /// - Parameter count: How many; fewer come only at the end.
    func read(upTo count: Int) throws(Problem) -> [UInt8] {
        var reason: Int32 = 0
        let bytes = [UInt8](unsafeUninitializedCapacity: count) { buffer, filled in
            while filled < count {
                let got = Foundation.read(descriptor, buffer.baseAddress?.advanced(by: filled), count - filled)
                if got == 0 { break }
                if got < 0 {
                    if errno == EINTR { continue }
                    reason = errno
                    break
                }
                filled += got
            }
        }
        guard reason == 0 else { throw Self.unreadable(place, reason) }
        return bytes
    }

    /// Reads what is there already, or waits for the next of it.
    ///
    /// - Returns: How many bytes were read; 0 at the end.
    func readSome(into buffer: UnsafeMutableRawBufferPointer) throws(Problem) -> Int {
        while true {
            let got = Foundation.read(descriptor, buffer.baseAddress, buffer.count)
            if got >= 0 { return got }
            if errno != EINTR { throw Self.unreadable(place, errno) }
        }
    }

    private static func unreadable(_ place: Problem.Place, _ reason: Int32) -> Problem {
        Problem(
            .unavailable, code: "file.unreadable", "The file cannot be read: \(String(cString: strerror(reason))).",
            hint: "Check its name and that you may read it.", place: place)
    }
}

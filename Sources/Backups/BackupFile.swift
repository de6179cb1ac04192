import Age
import Crypto
import Foundation
import Kernel
import Store
import Synchronization

/// Where a backup goes.
public enum BackupDestination: Hashable, Sendable {
    /// A file, which appears under its name only once it is complete and on the disk.
    case file(String)
    /// A descriptor that is written to as the backup is made, such as that of standard output.
    case stream(Int32)
}

/// A backup on its way out: sealed, counted and hashed as it is written. Nothing of it touches the disk unsealed.
final class BackupFile: Sendable {
    private struct State: ~Copyable {
        var age: AgeEncryptor
        var hash = SHA256()
        var size: UInt64 = 0
        var sealed: [UInt8] = []
    }

    private let state: Mutex<State>
    private let descriptor: Int32
    /// The final name and the file behind it; `nil` for a stream.
    private let file: (path: String, whole: WholeFile)?

    /// - Throws: `Problem` `backup.exists` (conflict) rather than writing over a file, `backup.unwritable` (unavailable).
    init(
        _ destination: BackupDestination, for recipients: [AgeRecipient], isArmoured: Bool, randomness: Randomness
    ) throws {
        state = Mutex(
            State(age: try AgeEncryptor(to: recipients, isArmoured: isArmoured, randomness: randomness)))
        switch destination {
        case .stream(let descriptor):
            self.descriptor = descriptor
            file = nil
        case .file(let path):
            // Before the work; that nothing came there meanwhile is seen when the file gets its name.
            guard !FileManager.default.fileExists(atPath: path) else { throw Self.exists(path) }
            let whole: WholeFile
            do { whole = try WholeFile(at: path, randomness: randomness) } catch {
                throw Self.unwritable(path, error.reason)
            }
            descriptor = whole.descriptor
            file = (path, whole)
        }
    }

    /// Seals and writes more of the plaintext.
    ///
    /// - Returns: How many bytes the file has by now.
    @discardableResult
    func write(_ plaintext: [UInt8]) throws -> UInt64 {
        try state.withLock { state in
            try state.age.seal(plaintext, into: &state.sealed)
            try flush(&state)
            return state.size
        }
    }

    /// Ends the file, makes it durable and gives it its name.
    ///
    /// - Returns: The size and the SHA-256 of the sealed file.
    func finish() throws -> (size: UInt64, sha256: String) {
        let result = try state.withLock { state in
            try state.age.finish(into: &state.sealed)
            try flush(&state)
            return (size: state.size, sha256: Array(state.hash.finalize()).hex)
        }
        if let file {
            do { try file.whole.keep(replacing: false) } catch {
                throw error.reason == EEXIST ? Self.exists(file.path) : Self.unwritable(file.path, error.reason)
            }
        }
        return result
    }

    /// Gives up: what was written so far is removed.
    func abandon() {
        file?.whole.discard()
    }

    private func flush(_ state: inout State) throws {
        state.hash.update(data: state.sealed)
        state.size += UInt64(state.sealed.count)
        var rest = state.sealed[...]
        while !rest.isEmpty {
            let written = rest.withUnsafeBytes { Foundation.write(descriptor, $0.baseAddress, $0.count) }
            if written < 0 {
                if errno == EINTR { continue }
                throw Self.unwritable(file?.path, errno)
            }
            rest = rest.dropFirst(written)
        }
        state.sealed.removeAll(keepingCapacity: true)
    }

    private static func exists(_ path: String) -> Problem {
        Problem(
            .conflict, code: "backup.exists", "There is a file of this name already; it is left as it is.",
            hint: "Choose another name for the backup.", place: Problem.Place(file: path))
    }

    private static func unwritable(_ path: String?, _ reason: Int32) -> Problem {
        Problem(
            .unavailable, code: "backup.unwritable",
            "The backup cannot be written: \(String(cString: strerror(reason))).",
            hint: "Check the folder, its owner and the space that is left. No backup was made.",
            place: path.map { Problem.Place(file: $0) })
    }
}

/// Reads a backup's file once from front to end, counting and hashing it, in pieces of a megabyte.
struct BackupReading {
    private(set) var size: UInt64 = 0
    private var hash = SHA256()
    private let file: FileHandle
    private let path: String

    /// - Throws: `Problem` `file.unreadable` (unavailable).
    init(_ path: String) throws {
        let descriptor = path == "-" ? dup(STDIN_FILENO) : open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw Self.unreadable(path, String(cString: strerror(errno))) }
        file = FileHandle(fileDescriptor: descriptor, closeOnDealloc: true)
        self.path = path
    }

    /// The next piece; `nil` at the end.
    mutating func next() throws -> [UInt8]? {
        let piece: [UInt8]
        do { piece = [UInt8](try file.read(upToCount: 1 << 20) ?? Data()) } catch {
            throw Self.unreadable(path, "it is no plain file, or its disk is failing")
        }
        guard !piece.isEmpty else { return nil }
        size += UInt64(piece.count)
        hash.update(data: piece)
        return piece
    }

    /// The SHA-256 of what was read.
    var sha256: String { Array(hash.finalize()).hex }

    private static func unreadable(_ path: String, _ reason: String) -> Problem {
        Problem(
            .unavailable, code: "file.unreadable", "The file cannot be read: \(reason).",
            hint: "Check its name and that you may read it.", place: Problem.Place(file: path))
    }
}

import Foundation
import Kernel
import Synchronization

/// Looks for byte strings in a file of any size, a piece at a time.
///
/// What it has opened stays open until the process ends: closing a file gives up every lock that the process holds on it
/// (POSIX, fcntl), the database's own included. Another process would then take itself for the last one on the database
/// and remove the write-ahead log under the running server (SQLite, "How To Corrupt An SQLite Database File", §2.2).
final class FileSearch: Sendable {
    /// The one for this process.
    static let shared = FileSearch()

    private let opened = Mutex<[FileIdentity: FileHandle]>([:])
    private static let piece = 1 << 20

    /// Which file a path means at the moment; a log that was made anew is another file.
    private struct FileIdentity: Hashable {
        let device, number: UInt64
    }

    /// How many of `words` occur in the file at `path`.
    ///
    /// - Throws: What keeps the file from being read. A file that is gone holds nothing.
    func count(of words: [[UInt8]], in path: String) throws -> Int {
        try opened.withLock { opened in
            guard let identity = Self.identity(of: path) else { return 0 }
            guard let file = opened[identity] ?? FileHandle(forReadingAtPath: path) else {
                throw Problem(
                    .unavailable, code: "file.unreadable", "The file cannot be read.",
                    hint: "Check that it belongs to the user that runs Vouchsafe.", place: Problem.Place(file: path))
            }
            opened[identity] = file
            try file.seek(toOffset: 0)
            return try Self.count(of: words.map { Data($0) }, in: file)
        }
    }

    private static func identity(of path: String) -> FileIdentity? {
        let attributes = try? FileManager.default.attributesOfItem(atPath: path)
        guard let device = attributes?[.systemNumber] as? NSNumber,
            let number = attributes?[.systemFileNumber] as? NSNumber
        else { return nil }
        return FileIdentity(device: device.uint64Value, number: number.uint64Value)
    }

    private static func count(of patterns: [Data], in file: FileHandle) throws -> Int {
        let overlap = max(0, (patterns.map(\.count).max() ?? 1) - 1)
        var missing = Set(patterns.indices)
        var tail = Data()
        while !missing.isEmpty, let next = try file.read(upToCount: piece), !next.isEmpty {
            let window = tail + next
            missing = missing.filter { window.range(of: patterns[$0]) == nil }
            tail = window.suffix(overlap)
        }
        return patterns.count - missing.count
    }
}

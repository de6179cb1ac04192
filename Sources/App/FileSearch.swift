import Foundation
import Kernel

/// Looks for byte strings in a file of any size, a piece at a time.
enum FileSearch {
    private static let piece = 1 << 20

    /// How many of `words` occur in the file at `path`.
    ///
    /// - Throws: What keeps the file from being read. A file that is gone holds nothing.
    static func count(of words: [[UInt8]], in path: String) throws -> Int {
        guard let file = FileHandle(forReadingAtPath: path) else {
            if FileManager.default.fileExists(atPath: path) {
                throw Problem(
                    .unavailable, code: "file.unreadable", "The file cannot be read.", place: Problem.Place(file: path))
            }
            return 0
        }
        let patterns = words.map { Data($0) }
        let overlap = max(0, (words.map(\.count).max() ?? 1) - 1)
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

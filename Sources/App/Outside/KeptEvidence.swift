import Crypto
import Foundation
import Kernel

/// What is kept of a ledger that did not hold to its word: files named by the whole hash of what is in them, so that no
/// later one takes the place of an earlier one, and no more than a few of each kind.
struct KeptEvidence: Sendable {
    /// What the names begin with.
    let path: String

    /// How many of one kind are kept: two would do, and whoever holds the ledger's key could sign new ones for ever.
    static let limit = 64

    /// Keeps `bytes`, unless they are there already.
    ///
    /// - Parameter kind: What they are, which is part of the name.
    /// - Returns: The file's path; `nil` if there are ``limit`` others of the kind.
    /// - Throws: `Problem` `file.unwritable` (unavailable).
    func keep(_ bytes: [UInt8], as kind: String) throws(Problem) -> String? {
        let file = DurableFile("\(path).\(kind)-\(Array(SHA256.hash(data: bytes)).hex)")
        if access(file.path, F_OK) == 0 { return file.path }
        guard count(of: kind) < Self.limit else { return nil }
        try file.create(with: bytes, mode: 0o644)
        return file.path
    }

    private func count(of kind: String) -> Int {
        let url = URL(fileURLWithPath: path)
        let names = try? FileManager.default.contentsOfDirectory(atPath: url.deletingLastPathComponent().path)
        return (names ?? []).count { $0.hasPrefix("\(url.lastPathComponent).\(kind)-") }
    }
}

import Foundation

/// A folder of its own that is gone with the test.
public final class TemporaryFolder: Sendable {
    public let path: String
    private let isOwn: Bool

    public init() throws {
        isOwn = true
        path = FileManager.default.temporaryDirectory.appendingPathComponent("vouchsafe-\(UUID().uuidString)").path
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    }

    /// A folder that someone else made and removes.
    public init(at path: String) {
        self.path = path
        isOwn = false
    }

    deinit {
        guard isOwn else { return }
        // What cannot be removed is left to the system's own cleaning.
        try? FileManager.default.removeItem(atPath: path)
    }

    /// Where a database goes.
    public var database: String { "\(path)/vouchsafe.db" }

    /// Every byte of every file in it.
    public func allBytes() throws -> [UInt8] {
        try FileManager.default.contentsOfDirectory(atPath: path).sorted()
            .flatMap { [UInt8](try Data(contentsOf: URL(fileURLWithPath: "\(path)/\($0)"))) }
    }

    /// Whether any of its files holds `word`.
    public func holds(_ word: String) throws -> Bool {
        Data(try allBytes()).range(of: Data(word.utf8)) != nil
    }
}

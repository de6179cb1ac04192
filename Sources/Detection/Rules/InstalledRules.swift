import Kernel
import OwnRules
import Store

/// The rules that an organisation runs: files of Sigma rules, replaced as a whole.
public struct InstalledRules: Record, Codable, Hashable {
    /// A file of rules.
    public struct File: Codable, Hashable, Sendable {
        /// Its path within what was installed.
        public let path: String
        /// What stands in it.
        public let text: String

        /// A file out of its parts.
        public init(path: String, text: String) {
            self.path = path
            self.text = text
        }
    }

    /// The same for each version: there is one set of rules.
    public let id: Identifier<InstalledRules>
    /// What people call it.
    public let name: String
    /// The files, in the order of their paths.
    public let files: [File]
    /// When it was installed.
    public let installedAt: Instant

    /// Where its rows lie.
    public static let table = RecordTable("installed_rules")

    /// The values of `table.indexColumns`, in that order.
    public var indexColumns: [SQLValue] { [] }

    /// The most bytes of all files together.
    public static let sizeLimit = 48 << 20
    /// The most files.
    public static let fileLimit = 20_000

    /// The rules that come with this program, which run until others are installed.
    public static let own: [File] = (0..<own_rule_file_count()).map { index in
        let file = own_rule_file_at(index)
        return File(
            path: String(cString: file.name),
            text: String(decoding: UnsafeBufferPointer(start: file.bytes, count: file.count), as: UTF8.self))
    }
}

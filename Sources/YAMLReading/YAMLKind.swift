/// What kind of file is read: the words of its problems, and how large it may be.
public struct YAMLKind: Sendable {
    /// What the problems' codes begin with, such as `pack`.
    let code: String
    /// What people call such a file, such as `pack`.
    let name: String
    /// The most bytes of a file.
    let bytes: Int
    /// How deep values may nest.
    let depth: Int
    /// What to do about a file that holds nothing.
    let emptyHint: String?

    /// A kind of file.
    ///
    /// - Parameters:
    ///   - code: What the problems' codes begin with, such as `pack`.
    ///   - name: What people call such a file, for sentences.
    ///   - bytes: The most bytes of a file, a whole number of MiB.
    ///   - depth: How deep values may nest.
    ///   - emptyHint: What to do about a file that holds nothing.
    public init(code: String, name: String, bytes: Int, depth: Int, emptyHint: String? = nil) {
        self.code = code
        self.name = name
        self.bytes = bytes
        self.depth = depth
        self.emptyHint = emptyHint
    }
}

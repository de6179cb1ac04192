import Kernel

// What a follower of an operator's log keeps: the newest leaf of each ledger, above what any follower keeps.
extension OperatorFollower {
    static let formatLine = "vouchsafe/operator-follower@v1"

    /// The most bytes of a state that are read: some tens of thousands of ledgers.
    public static let sizeLimit = 16 << 20

    /// The state as it is stored: a line for each ledger in the order of their origins' bytes, and below an empty line
    /// the state of a ``LedgerFollower``.
    public var encoded: [UInt8] {
        var bytes = Array("\(Self.formatLine)\n".utf8)
        for leaf in newest.sorted(by: { $0.key.lexicographicallyPrecedes($1.key) }).map(\.value) {
            bytes += Array("ledger \(leaf.note.encoded.base64)\n".utf8)
        }
        return bytes + [TextLines.lineFeed] + log.encoded
    }

    /// Reads a stored state; of each there is one spelling only.
    ///
    /// - Throws: A `Problem` (refused): `follower.malformed`, or `follower.no-leaves` if it was written by a follower
    ///   that did not look at the leaves.
    public init(parsing bytes: [UInt8]) throws(Problem) {
        guard bytes.count <= Self.sizeLimit else { throw Self.malformed("It is too long.") }
        if (try? LedgerFollower(parsing: bytes)) != nil {
            throw Problem(
                .refused, code: "follower.no-leaves",
                "The state tells how far the log was followed, but not which ledgers its leaves show.",
                hint: "Keep it for its checkpoint, and begin anew with another file: that looks at every leaf.")
        }
        guard let lines = TextLines.split(bytes[...]), lines[0].elementsEqual(Self.formatLine.utf8),
            let blank = lines.firstIndex(where: \.isEmpty), blank + 1 < lines.count
        else { throw Self.malformed("It does not begin with \(Self.formatLine) and the ledgers.") }
        var newest: [[UInt8]: OperatorLeaf] = [:]
        for line in lines[1..<blank] {
            guard line.starts(with: "ledger ".utf8),
                let note = TextLines.string(line.dropFirst(7)).flatMap({ [UInt8](canonicalBase64: $0) }),
                let leaf = try? OperatorLeaf(SignedNote(parsing: note))
            else { throw Self.malformed("One of its lines is no ledger's checkpoint.") }
            newest[Array(leaf.checkpoint.origin.utf8)] = leaf
        }
        self.init(log: try LedgerFollower(parsing: Array(bytes[lines[blank + 1].startIndex...])), newest: newest)
        guard encoded == bytes else { throw Self.malformed("It is not written in the one canonical form.") }
    }

    private static func malformed(_ reason: String) -> Problem {
        Problem(
            .refused, code: "follower.malformed", "The follower's state is malformed. \(reason)",
            hint: "Restore it from a copy; beginning anew with the key alone audits the log from its first leaf.")
    }
}

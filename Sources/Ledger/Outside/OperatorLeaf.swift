import Kernel

/// One leaf of the operator's log: the signed checkpoint of one organisation's ledger, as it stands.
///
/// Witnesses follow the operator's one log and vouch by it for every organisation's ledger in it.
public struct OperatorLeaf: Hashable, Sendable {
    /// The organisation's checkpoint with its signatures, still unverified.
    public let note: SignedNote
    /// What the note says, unverified.
    public let checkpoint: Checkpoint

    static let formatLine = "vouchsafe/operator-leaf@v1"

    /// A leaf that carries `note`.
    ///
    /// - Throws: A `Problem` (refused): that of the checkpoint, or `operator.leaf` if the leaf would not fit into a
    ///   bundle.
    public init(_ note: SignedNote) throws(Problem) {
        self.note = note
        checkpoint = try Checkpoint(parsing: note.text)
        guard encoded.count <= EntryBundle.leafLimit else {
            throw Self.malformed("It is longer than \(EntryBundle.leafLimit) bytes.")
        }
    }

    /// Reads a leaf; of each there is one spelling only.
    ///
    /// - Throws: A `Problem` (refused): `operator.leaf`, or that of the note or the checkpoint.
    public init(parsing bytes: [UInt8]) throws(Problem) {
        guard bytes.count <= EntryBundle.leafLimit else {
            throw Self.malformed("It is longer than \(EntryBundle.leafLimit) bytes.")
        }
        guard bytes.starts(with: "\(Self.formatLine)\n".utf8) else {
            throw Self.malformed("It does not begin with \(Self.formatLine).")
        }
        try self.init(try SignedNote(parsing: Array(bytes[(Self.formatLine.utf8.count + 1)...])))
    }

    /// The content of the leaf.
    public var encoded: [UInt8] { Array("\(Self.formatLine)\n".utf8) + note.encoded }

    /// The hash of the leaf.
    public var leafHash: MerkleHash { MerkleHash(leaf: encoded) }

    private static func malformed(_ reason: String) -> Problem {
        Problem(.refused, code: "operator.leaf", "The leaf of the operator's log is malformed. \(reason)")
    }
}

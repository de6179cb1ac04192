import Kernel

/// Shows offline that an entry is in a ledger: its index, the path to the root, and the checkpoint (c2sp.org/tlog-proof).
public struct InclusionReceipt: Hashable, Sendable {
    /// Opaque data of the issuer, which nothing vouches for.
    public let extra: [UInt8]?
    /// The entry's index, from 0.
    public let index: UInt64
    /// The path from the leaf's sibling upwards.
    public let path: [MerkleHash]
    /// The checkpoint with its signatures, still unverified.
    public let checkpoint: SignedNote

    /// A receipt out of its parts.
    public init(extra: [UInt8]? = nil, index: UInt64, path: [MerkleHash], checkpoint: SignedNote) {
        self.extra = extra
        self.index = index
        self.path = path
        self.checkpoint = checkpoint
    }

    static let formatLine = "c2sp.org/tlog-proof@v1"

    /// Reads a receipt; of each receipt there is one spelling only.
    ///
    /// - Throws: A `Problem` (refused, `receipt.malformed`) that says what is wrong.
    public init(parsing bytes: [UInt8]) throws(Problem) {
        guard bytes.count <= SignedNote.sizeLimit else { throw Self.malformed("It is too long.") }
        guard let lines = TextLines.split(bytes[...]) else { throw Self.malformed("Its last line is not ended.") }
        var rest = lines[...]
        func next() -> String? { rest.popFirst().flatMap { TextLines.string($0) } }
        guard next() == Self.formatLine else { throw Self.malformed("It does not begin with \(Self.formatLine).") }
        var line = next()
        var extra: [UInt8]?
        if let text = line, text.hasPrefix("extra ") {
            guard let bytes = [UInt8](canonicalBase64: String(text.dropFirst(6))) else {
                throw Self.malformed("Its extra data is not canonical base64.")
            }
            extra = bytes
            line = next()
        }
        guard let text = line, text.hasPrefix("index "), let index = TextLines.number(String(text.dropFirst(6))) else {
            throw Self.malformed("Its index is missing or not a plain number.")
        }
        var path: [MerkleHash] = []
        while let bytes = rest.first, !bytes.isEmpty {
            guard let hash = TextLines.string(bytes).flatMap({ MerkleHash($0) }) else {
                throw Self.malformed("Line \(path.count + 1) of its path is not the base64 of 32 bytes.")
            }
            // No tree that fits in 64 bits is higher.
            guard path.count < 64 else { throw Self.malformed("Its path is longer than any tree is high.") }
            path.append(hash)
            rest.removeFirst()
        }
        guard rest.popFirst() != nil, let start = rest.first?.startIndex else {
            throw Self.malformed("It ends before the checkpoint.")
        }
        self.init(
            extra: extra, index: index, path: path, checkpoint: try SignedNote(parsing: Array(bytes[start...])))
    }

    /// The receipt as it is stored and sent.
    public var encoded: [UInt8] {
        var text = "\(Self.formatLine)\n"
        if let extra { text += "extra \(extra.base64)\n" }
        text += "index \(index)\n"
        for hash in path { text += "\(hash)\n" }
        return Array(text.utf8) + [TextLines.lineFeed] + checkpoint.encoded
    }

    /// Checks that the entry with the content `leaf` is in the ledger whose key is `verifier`.
    ///
    /// - Parameter strictly: Whether anything that nothing vouches for is refused too: extra data, foreign signatures.
    /// - Returns: The checkpoint that the entry is under.
    /// - Throws: A `Problem` (refused) with the reason.
    @discardableResult
    public func verify(leaf: [UInt8], by verifier: NoteVerifier, strictly: Bool = false) throws(Problem) -> Checkpoint {
        let checkpoint =
            strictly
            ? try Checkpoint(openingStrictly: checkpoint, with: verifier)
            : try Checkpoint(opening: checkpoint, with: verifier)
        guard !strictly || extra == nil else {
            throw Problem(.refused, code: "receipt.extra", "The receipt carries extra data, which nothing vouches for.")
        }
        try MerkleVerification.verifyInclusion(
            leaf: MerkleHash(leaf: leaf), index: index, size: checkpoint.size, proof: path, root: checkpoint.root)
        return checkpoint
    }

    private static func malformed(_ reason: String) -> Problem {
        Problem(.refused, code: "receipt.malformed", "The receipt is malformed. \(reason)")
    }
}

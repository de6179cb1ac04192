import Kernel

/// What a ledger claims about itself at one moment: how long it is and its root (c2sp.org/tlog-checkpoint).
public struct Checkpoint: Hashable, Sendable {
    /// The ledger's unique name, such as `vouchsafe.example/ledger/metadrop`.
    public let origin: String
    /// How many entries it has.
    public let size: UInt64
    /// The root over all of them.
    public let root: MerkleHash

    /// A checkpoint to be signed.
    ///
    /// - Throws: A `Problem` (invalid) if `origin` is empty or more than one line.
    public init(origin: String, size: UInt64, root: MerkleHash) throws(Problem) {
        guard !origin.isEmpty, origin.utf8.allSatisfy({ $0 >= 0x20 }) else {
            throw Problem(.invalid, code: "ledger.origin", "A ledger's origin must be one line of text.")
        }
        self.origin = origin
        self.size = size
        self.root = root
    }

    /// Reads the text of a note.
    ///
    /// Extension lines are refused: our ledgers write none, and nobody can audit what stands there.
    ///
    /// - Throws: A `Problem` (refused, `checkpoint.malformed`) that says what is wrong.
    public init(parsing text: [UInt8]) throws(Problem) {
        guard let lines = TextLines.split(text[...])?.compactMap({ TextLines.string($0) }), lines.count == 3 else {
            throw Self.malformed("It must have three lines: origin, size and root.")
        }
        guard !lines[0].isEmpty else { throw Self.malformed("Its origin is empty.") }
        guard let size = TextLines.number(lines[1]) else { throw Self.malformed("Its size is not a plain number.") }
        guard let root = MerkleHash(lines[2]) else { throw Self.malformed("Its root is not the base64 of 32 bytes.") }
        guard size > 0 || root == .emptyRoot else { throw Self.malformed("A ledger without entries has another root.") }
        origin = lines[0]
        self.size = size
        self.root = root
    }

    /// The text to be signed.
    public var text: [UInt8] { Array("\(origin)\n\(size)\n\(root)\n".utf8) }

    /// The checkpoint as a note, signed in the name of its origin.
    ///
    /// - Throws: A `Problem` (invalid) if the signer bears another name than the origin.
    public func signed(by signer: NoteSigner) throws(Problem) -> SignedNote {
        guard signer.verifier.name == origin else {
            throw Problem(
                .invalid, code: "ledger.origin", "The key \(signer.verifier.name) does not sign for \(origin).")
        }
        return try signer.sign(text)
    }

    /// The checkpoint in `note`, once it is known that the ledger's own key signed it; other signatures are passed over.
    ///
    /// - Throws: A `Problem` (refused).
    public init(opening note: SignedNote, with verifier: NoteVerifier) throws(Problem) {
        try self.init(parsing: note.text(signedBy: [verifier]))
        try check(verifier)
    }

    /// The checkpoint in `note`, if the ledger's key and nothing else signed it.
    ///
    /// - Throws: A `Problem` (refused).
    public init(openingStrictly note: SignedNote, with verifier: NoteVerifier) throws(Problem) {
        try self.init(parsing: note.text(signedOnlyBy: [verifier]))
        try check(verifier)
    }

    private func check(_ verifier: NoteVerifier) throws(Problem) {
        guard origin == verifier.name else {
            throw Problem(
                .refused, code: "checkpoint.origin",
                "The checkpoint is of \(origin), but the key is that of \(verifier.name).")
        }
    }

    private static func malformed(_ reason: String) -> Problem {
        Problem(.refused, code: "checkpoint.malformed", "The checkpoint is malformed. \(reason)")
    }
}

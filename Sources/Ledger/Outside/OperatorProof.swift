import Kernel

/// Shows offline that an organisation's checkpoint is in the operator's log, and which witnesses vouch for that log.
///
/// As a file it is a plain c2sp.org/tlog-proof whose extra data is the organisation's checkpoint; the inclusion proof
/// vouches for it, because the checkpoint is the leaf's content.
public struct OperatorProof: Hashable, Sendable {
    /// The organisation's checkpoint as it is in the log.
    public let leaf: OperatorLeaf
    /// Its place in the operator's log, under a checkpoint that bears the cosignatures.
    public let receipt: InclusionReceipt

    /// A proof out of its parts; it is not checked here that they fit together.
    ///
    /// - Parameter path: The path from the leaf's sibling upwards.
    public init(leaf: OperatorLeaf, index: UInt64, path: [MerkleHash], checkpoint: SignedNote) {
        self.leaf = leaf
        receipt = InclusionReceipt(extra: leaf.note.encoded, index: index, path: path, checkpoint: checkpoint)
    }

    /// Reads a proof file; of each there is one spelling only.
    ///
    /// - Throws: A `Problem` (refused, `operator.proof` or that of the part concerned) that says what is wrong.
    public init(parsing bytes: [UInt8]) throws(Problem) {
        let receipt = try InclusionReceipt(parsing: bytes)
        guard let extra = receipt.extra else {
            throw Problem(
                .refused, code: "operator.proof",
                "The proof carries no checkpoint of an organisation as its extra data.")
        }
        leaf = try OperatorLeaf(SignedNote(parsing: extra))
        self.receipt = receipt
    }

    /// Whether a file that begins like this is a proof of this kind, as far as its first line tells.
    public static func begins(_ bytes: [UInt8]) -> Bool { bytes.starts(with: "\(InclusionReceipt.formatLine)\n".utf8) }

    /// The most bytes of a proof file.
    public static let sizeLimit = SignedNote.sizeLimit

    /// The file's bytes.
    public var encoded: [UInt8] { receipt.encoded }

    /// What a proof shows.
    public struct Witnessed: Hashable, Sendable {
        /// The organisation's ledger as the witnesses' word covers it.
        public let organisation: Checkpoint
        /// The operator's log that it is in.
        public let operatorLog: Checkpoint
        /// Its index in that log, from 0.
        public let index: UInt64
        /// Who vouches that the operator's log only ever grew, and when they said so; each key once.
        public let cosignatures: [Cosignature]
    }

    /// Verifies the proof, with nothing but public keys.
    ///
    /// - Parameters:
    ///   - organisation: The key of the organisation's ledger.
    ///   - log: The key of the operator's log.
    ///   - witnesses: The witnesses that the reader trusts.
    ///   - quorum: How many of them must vouch, from 0 (the operator's word alone).
    /// - Throws: A `Problem` (refused) that says what does not hold; `operator.quorum` if too few vouch.
    public func verify(
        organisation: NoteVerifier, log: NoteVerifier, witnesses: [CosignatureVerifier], quorum: Int
    ) throws(Problem) -> Witnessed {
        let checkpoint = try Checkpoint(opening: leaf.note, with: organisation)
        let logCheckpoint = try receipt.verify(leaf: leaf.encoded, by: log)
        let cosignatures = try receipt.checkpoint.cosignatures(of: witnesses)
        guard cosignatures.count >= quorum else {
            throw Problem(
                .refused, code: "operator.quorum",
                "\(cosignatures.count) of \(witnesses.count) known witnesses vouch for \(log.name); \(quorum) must.",
                hint: "Ask the operator for a newer proof, once enough witnesses have cosigned.")
        }
        return Witnessed(
            organisation: checkpoint, operatorLog: logCheckpoint, index: receipt.index, cosignatures: cosignatures)
    }
}

import Kernel

/// What a log asks of a witness: cosign this checkpoint, which continues the one you know (c2sp.org/tlog-witness,
/// the body of `add-checkpoint`).
public struct WitnessRequest: Hashable, Sendable {
    /// How many entries the checkpoint had that the witness cosigned last, as the log believes; 0 if none.
    public let oldSize: UInt64
    /// The consistency proof from there to the checkpoint (RFC 6962 §2.1.2); empty from 0.
    public let proof: [MerkleHash]
    /// The checkpoint with its signatures, still unverified.
    public let checkpoint: SignedNote

    /// The checkpoint's first line, unverified.
    public let origin: String
    /// How many entries the checkpoint claims, unverified.
    public let size: UInt64
    /// The root it claims, unverified.
    public let root: MerkleHash

    /// The most hashes of a proof; no tree that fits in 64 bits needs more.
    public static let proofLimit = 63
    /// The most bytes of a body that are read.
    public static let sizeLimit = SignedNote.sizeLimit + 4096

    /// A request out of its parts.
    ///
    /// The checkpoint may carry extension lines, because a witness looks after other people's logs too and cosigns the
    /// whole text.
    ///
    /// - Throws: A `Problem` (refused, `witness.malformed`) if the note is no checkpoint or the proof is too long.
    public init(oldSize: UInt64, proof: [MerkleHash], checkpoint: SignedNote) throws(Problem) {
        guard proof.count <= Self.proofLimit else {
            throw Self.malformed("Its proof has more than \(Self.proofLimit) lines.")
        }
        guard let lines = TextLines.split(checkpoint.text[...])?.compactMap({ TextLines.string($0) }),
            lines.count >= 3, lines.allSatisfy({ !$0.isEmpty }), let size = TextLines.number(lines[1]),
            let root = MerkleHash(lines[2])
        else { throw Self.malformed("Its note is not a checkpoint of origin, size and root.") }
        self.oldSize = oldSize
        self.proof = proof
        self.checkpoint = checkpoint
        origin = lines[0]
        self.size = size
        self.root = root
    }

    /// Reads the body of a request; of each there is one spelling only.
    ///
    /// - Throws: A `Problem` (refused, `witness.malformed`, or that of the note) that says what is wrong.
    public init(parsing body: [UInt8]) throws(Problem) {
        guard body.count <= Self.sizeLimit else { throw Self.malformed("It is longer than \(Self.sizeLimit) bytes.") }
        guard let lines = TextLines.split(body[...]), let blank = lines.firstIndex(where: \.isEmpty), blank > 0,
            blank < lines.count - 1
        else { throw Self.malformed("No empty line stands between the proof and the checkpoint.") }
        guard lines[0].starts(with: "old ".utf8),
            let oldSize = TextLines.string(lines[0].dropFirst(4)).flatMap({ TextLines.number($0) })
        else { throw Self.malformed("It does not begin with the old size.") }
        guard blank - 1 <= Self.proofLimit else {
            throw Self.malformed("Its proof has more than \(Self.proofLimit) lines.")
        }
        var proof: [MerkleHash] = []
        for line in lines[1..<blank] {
            guard let hash = TextLines.string(line).flatMap({ MerkleHash($0) }) else {
                throw Self.malformed("Line \(proof.count + 1) of its proof is not the base64 of 32 bytes.")
            }
            proof.append(hash)
        }
        let note = Array(body[lines[blank + 1].startIndex...])
        try self.init(oldSize: oldSize, proof: proof, checkpoint: try SignedNote(parsing: note))
    }

    /// The body as it is sent.
    public var encoded: [UInt8] {
        var text = "old \(oldSize)\n"
        for hash in proof { text += "\(hash)\n" }
        return Array(text.utf8) + [TextLines.lineFeed] + checkpoint.encoded
    }

    private static func malformed(_ reason: String) -> Problem {
        Problem(.refused, code: "witness.malformed", "The request to the witness is malformed. \(reason)")
    }
}

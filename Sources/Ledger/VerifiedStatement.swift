import Kernel

/// A statement that has been proved, with what may be said of it at the moment of verifying.
public struct VerifiedStatement: Hashable, Sendable {
    /// What was stated.
    public let statement: Statement
    /// The ledger entry that carries it.
    public let entry: LedgerEntry
    /// That entry's index in the ledger, from 0.
    public let index: UInt64
    /// The signed state of the ledger that it was found under.
    public let checkpoint: Checkpoint
    /// Whether the statement may still be relied on.
    public let isCurrent: Bool
    /// The verdict in words that are true now: `kept as of …, valid until …`, later `was kept until …`.
    public let words: String
    /// What the reader should know besides, such as a statement that lies in the future.
    public let notes: [String]
}

extension VerdictProof {
    /// How far the clocks of issuer and verifier may differ before it is remarked on.
    public static let clockSkew = Period.minutes(5)

    /// Reads and verifies a proof file, with nothing but the ledger's public key.
    ///
    /// - Parameters:
    ///   - file: The bytes of the file, exactly as they were received.
    ///   - verifier: The key of the ledger, which the reader must have from somewhere else than the file.
    ///   - now: The present moment, which decides whether the statement is still current.
    /// - Throws: A `Problem` (refused) that says what does not hold. Nothing in the file may be believed then.
    public static func verify(
        _ file: [UInt8], by verifier: NoteVerifier, at now: Instant
    ) throws(Problem) -> VerifiedStatement {
        try VerdictProof(parsing: file).verify(by: verifier, at: now)
    }

    /// Verifies a proof that was read or put together.
    ///
    /// - Throws: As ``verify(_:by:at:)``.
    public func verify(by verifier: NoteVerifier, at now: Instant) throws(Problem) -> VerifiedStatement {
        guard header.table == Self.table else {
            throw Problem(
                .refused, code: "proof.table", "The proof is about a row of \(header.table), which holds no verdicts.")
        }
        guard statement.organisation == entry.organisation else {
            throw Problem(
                .refused, code: "proof.organisation",
                "The statement and the ledger entry belong to different organisations.")
        }
        let digest = RowDigest(salt: salt, header: header, body: try statement.encoded())
        do {
            try MerkleVerification.verifyInclusion(
                leaf: digest.leafHash, index: position, size: entry.rows, proof: path, root: entry.content)
        } catch {
            throw Problem(
                .refused, code: "proof.content",
                "The ledger entry does not carry this statement: it was changed or belongs elsewhere.",
                cause: error.message)
        }
        let checkpoint = try receipt.verify(leaf: entry.encoded, by: verifier, strictly: true)
        return VerifiedStatement(
            statement: statement, entry: entry, index: receipt.index, checkpoint: checkpoint,
            isCurrent: statement.isCurrent(at: now), words: statement.words(at: now), notes: statement.notes(at: now))
    }
}

extension Statement {
    /// Whether the statement may still be relied on at `now`.
    public func isCurrent(at now: Instant) -> Bool { validUntil.map { now < $0 } ?? true }

    /// The verdict in words that are true at `now`; what has run out is told in the past.
    public func words(at now: Instant) -> String {
        guard let validUntil else { return "\(verdict) as of \(asOf)" }
        if now < validUntil { return "\(verdict) as of \(asOf), valid until \(validUntil)" }
        return verdict == "kept" ? "was kept until \(validUntil)" : "was \(verdict) as of \(asOf)"
    }

    fileprivate func notes(at now: Instant) -> [String] {
        var notes: [String] = []
        if asOf > now + VerdictProof.clockSkew {
            notes.append("The statement speaks of \(asOf), which lies in the future of this machine's clock (\(now)).")
        }
        if let validUntil, now >= validUntil {
            notes.append(
                "The statement was valid until \(validUntil). It says nothing about the time since; ask for a newer one."
            )
        }
        return notes
    }
}

import Kernel

/// A witness's word on a checkpoint, once it is known to hold.
public struct Cosignature: Hashable, Sendable {
    /// Whose it is.
    public let witness: CosignatureVerifier
    /// When the witness gave it, by its own clock, to the second.
    public let time: Instant
}

extension SignedNote {
    /// Who of `witnesses` cosigned the note and when, in the order of `witnesses`; of one witness the newest counts.
    ///
    /// Signatures of other keys are passed over, the log's own included: check that one with ``text(signedBy:)``.
    /// One key is one witness, whatever names it goes by, because a cosignature is not bound to the name.
    ///
    /// - Throws: A `Problem` (refused, `note.cosignature`) if a line in the name of one of them does not hold.
    public func cosignatures(of witnesses: [CosignatureVerifier]) throws(Problem) -> [Cosignature] {
        var found: [Cosignature] = []
        var keys: Set<[UInt8]> = []
        for witness in witnesses {
            var newest: Instant?
            for signature in signatures where witness.isNamed(in: signature) {
                guard let time = witness.time(of: signature.value, over: text) else {
                    throw Problem(
                        .refused, code: "note.cosignature",
                        "The cosignature of \(signature.name) does not fit the checkpoint above it.")
                }
                newest = max(newest ?? time, time)
            }
            if let newest, keys.insert(witness.publicKey).inserted {
                found.append(Cosignature(witness: witness, time: newest))
            }
        }
        return found
    }

    /// The note with one more signature line; one of the same key that stood there gives way.
    ///
    /// - Throws: A `Problem` (invalid, `note.full`) if there are ``signatureLimit`` lines already.
    public func adding(_ signature: Signature) throws(Problem) -> SignedNote {
        let others = signatures.filter {
            $0.keyID != signature.keyID || !$0.name.utf8.elementsEqual(signature.name.utf8)
        }
        guard others.count < Self.signatureLimit else {
            throw Problem(
                .invalid, code: "note.full", "The note carries \(others.count) signatures; no more can be added.")
        }
        return SignedNote(text: text, signatures: others + [signature])
    }

    /// The note with the cosignatures of known witnesses that stand in the answer to `add-checkpoint`.
    ///
    /// Lines of unknown keys are passed over, so that a witness cannot fill the note (c2sp.org/tlog-witness).
    ///
    /// - Parameters:
    ///   - answer: The body of the answer: signature lines and nothing else.
    ///   - witnesses: The keys that are known, usually all those of the one witness that answered.
    /// - Throws: A `Problem` (refused): `note.malformed` if it is not such lines, `note.cosignature` if one does not
    ///   hold, `note.unsigned` if none is of a known key.
    public func adding(
        answer: [UInt8], of witnesses: [CosignatureVerifier]
    ) throws(Problem) -> SignedNote {
        // An empty line in the answer would move the border between text and signatures.
        let answered = try SignedNote(parsing: text + [TextLines.lineFeed] + answer)
        guard answered.text == text else { throw Self.malformed("The answer is more than signature lines.") }
        let held = try answered.cosignatures(of: witnesses)
        var note = self
        for cosignature in held {
            let line = answered.signatures.last {
                cosignature.witness.isNamed(in: $0)
                    && cosignature.witness.time(of: $0.value, over: text) == cosignature.time
            }
            if let line { note = try note.adding(line) }
        }
        guard !held.isEmpty else {
            throw Problem(
                .refused, code: "note.unsigned", "The answer carries no cosignature of a known witness.",
                hint: "Compare the witness's key with the one that its operator publishes.")
        }
        return note
    }

    /// The note with only those lines that the keys vouch for, each once: whoever carried the note could have added the
    /// others.
    ///
    /// Of each witness one line is left, the newest.
    public func reduced(to verifiers: [NoteVerifier], witnesses: [CosignatureVerifier] = []) -> SignedNote {
        var kept: [Signature] = []
        for verifier in verifiers {
            if let line = signatures.first(where: { verifier.isNamed(in: $0) && verifier.isValid($0.value, over: text) }
            ) {
                kept.append(line)
            }
        }
        for witness in witnesses {
            let lines = signatures.filter { witness.isNamed(in: $0) && witness.time(of: $0.value, over: text) != nil }
            if let newest = lines.max(by: { $0.value.lexicographicallyPrecedes($1.value) }) { kept.append(newest) }
        }
        return SignedNote(text: text, signatures: kept)
    }

    /// The signature lines alone, as a witness answers with them.
    static func lines(_ signatures: [Signature]) -> [UInt8] {
        Array(SignedNote(text: [], signatures: signatures).encoded.dropFirst())
    }
}

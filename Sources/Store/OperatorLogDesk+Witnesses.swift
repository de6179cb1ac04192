import Kernel
import Ledger

/// How far a witness's word reaches.
public struct WitnessedExtent: Hashable, Sendable {
    /// Whose word it is, and when it was given.
    public let cosignature: Cosignature
    /// How many leaves of the operator's log it covers.
    public let logSize: UInt64
}

// What witnesses are asked, what they answered, and what it proves.
extension OperatorLogDesk {
    /// What to ask a witness: to cosign the newest signed checkpoint, which continues the one that it cosigned last.
    ///
    /// - Parameter oldSize: The size that the witness cosigned last; 0 if none.
    /// - Returns: `nil` before the first checkpoint.
    /// - Throws: `Problem` `operator.unknown-size` (refused) if the log was never signed at such a size.
    public func request(from oldSize: UInt64) async throws -> WitnessRequest? {
        try await database.driver.read(organisation: .operatorLog) { session in
            let rows = LedgerRows(session: session, organisation: .operatorLog)
            guard let newest = try rows.newestCheckpoint() else { return nil }
            guard oldSize <= newest.size else {
                throw Problem(
                    .refused, code: "operator.unknown-size",
                    "A witness cosigned the operator's log at \(oldSize) entries; here it has \(newest.size).",
                    hint: "The database was rolled back, or another one signs with the same key.")
            }
            var reader = rows.reader(size: newest.size)
            let proof = oldSize == 0 ? [] : try reader.consistencyProof(from: oldSize)
            return try WitnessRequest(
                oldSize: oldSize, proof: proof, checkpoint: try SignedNote(parsing: newest.note))
        }
    }

    /// Keeps a witness's answer, once it is known that its cosignature holds over the checkpoint that was sent.
    ///
    /// - Parameters:
    ///   - answer: The body of the answer, at most ``Ledger/SignedNote/sizeLimit`` bytes.
    ///   - request: What was asked.
    /// - Throws: As `SignedNote.adding(answer:of:)`; `Problem` `witness.clock` (refused) if its time is yet to come.
    @discardableResult
    public func keep(
        answer: [UInt8], to request: WitnessRequest, of witness: CosignatureVerifier
    ) async throws -> Cosignature? {
        let note = try request.checkpoint.adding(answer: answer, of: [witness])
        let cosignature = try note.cosignatures(of: [witness]).first
        // A witness whose clock runs ahead would seem to live for as long as that.
        if let cosignature, cosignature.time > database.clock.now() + Self.clockTolerance {
            throw Problem(
                .refused, code: "witness.clock",
                "The witness \(witness.name) cosigned at \(cosignature.time), which is yet to come.",
                hint: "Set its clock, or this machine's.")
        }
        let cosigned = OperatorRows.Cosigned(
            witness: witness.publicKey, size: Int64(clamping: request.size), note: note.encoded)
        try await database.write(organisation: .operatorLog) { write in
            // Locks the log's head, so that of two answers the one for the longer log stays.
            _ = try write.tail.end()
            let rows = OperatorRows(session: write.session)
            let known = try rows.cosigned().first { $0.witness == cosigned.witness }
            guard known.map({ $0.size <= cosigned.size }) ?? true else { return }
            try rows.keep(cosigned)
        }
        return cosignature
    }

    /// How far a witness's clock may run ahead of this one.
    private static let clockTolerance = Period.minutes(10)

    /// Forgets what a witness cosigned, because it is no longer asked.
    public func forget(_ witness: CosignatureVerifier) async throws {
        try await database.write(organisation: .operatorLog) { write in
            let rows = OperatorRows(session: write.session)
            try rows.forget(witness.publicKey)
            try rows.forgetStanding(of: witness.publicKey)
        }
    }

    /// How far the word of each of `witnesses` reaches; those that never cosigned are left out.
    ///
    /// - Throws: `Problem` `note.cosignature` if a stored one does not hold.
    public func extents(of witnesses: [CosignatureVerifier]) async throws -> [WitnessedExtent] {
        try Self.extents(
            of: witnesses,
            in: try await database.driver.read(organisation: .operatorLog) { try OperatorRows(session: $0).cosigned() })
    }

    private static func extents(
        of witnesses: [CosignatureVerifier], in cosigned: [OperatorRows.Cosigned]
    ) throws -> [WitnessedExtent] {
        var extents: [WitnessedExtent] = []
        for witness in witnesses {
            guard let row = cosigned.first(where: { $0.witness == witness.publicKey }) else { continue }
            let note = try SignedNote(parsing: row.note)
            guard let cosignature = try note.cosignatures(of: [witness]).first else { continue }
            extents.append(
                WitnessedExtent(cosignature: cosignature, logSize: try Checkpoint(parsing: note.text).size))
        }
        return extents
    }

    /// How many entries of `organisation`'s ledger the first `logSize` leaves of the log vouch for; `nil` for none.
    public func entries(of organisation: Identifier<Organisation>, inFirst logSize: UInt64) async throws -> UInt64? {
        try await database.driver.read(organisation: .operatorLog) { session in
            try OperatorRows(session: session).newest(of: organisation, before: logSize)?.size
        }
    }

    /// The proof that `organisation`'s newest checkpoint that outsiders hold is in the log.
    ///
    /// Under the checkpoint that most of `witnesses` cosigned; under the newest, the operator's word alone, if none did.
    ///
    /// - Throws: `Problem` `operator.not-in-log` (notFound) if no checkpoint of the organisation is in the log yet.
    public func proof(
        of organisation: Identifier<Organisation>, under witnesses: [CosignatureVerifier]
    ) async throws -> OperatorProof {
        try await database.driver.read(organisation: .operatorLog) { session in
            let rows = LedgerRows(session: session, organisation: .operatorLog)
            let operatorRows = OperatorRows(session: session)
            let cosigned = try operatorRows.cosigned()
            let extents = try Self.extents(of: witnesses, in: cosigned)
            let counts = Dictionary(extents.map { ($0.logSize, 1) }, uniquingKeysWith: +)
            let sizes = counts.keys.sorted { (counts[$0] ?? 0, $0) > (counts[$1] ?? 0, $1) }
            for size in sizes + [try rows.newestCheckpoint()?.size ?? 0] {
                guard let place = try operatorRows.newest(of: organisation, before: size),
                    let bare = try rows.checkpoint(at: size), let leaf = try rows.leaf(place.number)
                else { continue }
                var reader = rows.reader(size: size)
                let given = cosigned.filter { row in
                    UInt64(clamping: row.size) == size && witnesses.contains { $0.publicKey == row.witness }
                }
                return OperatorProof(
                    leaf: try OperatorLeaf(parsing: leaf), index: place.number,
                    path: try reader.inclusionProof(of: place.number), checkpoint: try Self.note(bare, with: given))
            }
            throw Problem(
                .notFound, code: "operator.not-in-log", "The operator's log does not hold this ledger yet.",
                hint: "A running server takes it in within a second of a change.")
        }
    }
}

import Kernel
import Ledger

/// The operator's own log: its leaves are the organisations' signed checkpoints, in the order in which they were taken in.
///
/// Witnesses follow this one log, and vouch by it for every organisation's ledger.
public struct OperatorLogDesk: Sendable {
    let database: Database

    init(database: Database) {
        self.database = database
    }

    /// The log as a ledger: its key, its size, its tiles.
    public var ledger: LedgerDesk { database.ledger(of: .operatorLog) }

    /// Appends the newest signed checkpoint of `organisation`, unless it is there already. May be repeated.
    ///
    /// - Returns: How many entries of the organisation's ledger the log vouches for now; `nil` if it was never signed.
    /// - Throws: `Problem` of kind `refused`: `operator.shrunk` if the newest checkpoint is older than one in the log, or
    ///   that of the checkpoint if it does not hold.
    @discardableResult
    public func append(checkpointOf organisation: Identifier<Organisation>) async throws -> UInt64? {
        // What the log holds is read first: whatever others sign and take in meanwhile, the newest checkpoint is no older.
        let known = try await database.driver.read(organisation: .operatorLog) { session in
            try OperatorRows(session: session).newest(of: organisation, before: .max)?.size
        }
        let ledger = database.ledger(of: organisation)
        guard let note = try await ledger.signedCheckpoint() else {
            guard known == nil else { throw Self.shrunk(organisation, from: known ?? 0, to: 0) }
            return nil
        }
        let leaf = try OperatorLeaf(note)
        let size = leaf.checkpoint.size
        if let known, known >= size {
            guard known == size else { throw Self.shrunk(organisation, from: known, to: size) }
            return size
        }
        // What the log holds cannot be taken back, so the checkpoint is read as an outsider would.
        _ = try Checkpoint(opening: note, with: try await ledger.verifier())
        return try await database.write(organisation: .operatorLog, appends: true) { write in
            let rows = OperatorRows(session: write.session)
            let number = try write.tail.end().size
            // Another server may have been faster; the end is locked from here on.
            if let now = try rows.newest(of: organisation, before: .max)?.size, now >= size { return now }
            try rows.keep(OperatorRows.Place(size: size, number: number), of: organisation)
            try write.tail.append(leaf: leaf.encoded)
            return size
        }
    }

    private static func shrunk(_ organisation: Identifier<Organisation>, from known: UInt64, to size: UInt64) -> Problem
    {
        Problem(
            .refused, code: "operator.shrunk",
            "The ledger of \(organisation) was signed at \(known) entries and is now signed at \(size).",
            hint: "Its rows were rolled back or tampered with. Restore the newest backup.")
    }

    // MARK: - For everyone

    /// The newest signed checkpoint with the cosignatures that it has so far; `nil` before the first.
    public func checkpoint() async throws -> SignedNote? {
        let (newest, cosigned) = try await database.driver.read(organisation: .operatorLog) { session in
            let rows = LedgerRows(session: session, organisation: .operatorLog)
            return (try rows.newestCheckpoint(), try OperatorRows(session: session).cosigned())
        }
        guard let newest else { return nil }
        return try Self.note(newest.note, with: cosigned.filter { UInt64(clamping: $0.size) == newest.size })
    }

    static func note(_ bytes: [UInt8], with cosigned: [OperatorRows.Cosigned]) throws -> SignedNote {
        var note = try SignedNote(parsing: bytes)
        for other in try cosigned.map({ try SignedNote(parsing: $0.note) }) where other.text == note.text {
            for signature in other.signatures where !note.signatures.contains(signature) {
                note = try note.adding(signature)
            }
        }
        return note
    }
}

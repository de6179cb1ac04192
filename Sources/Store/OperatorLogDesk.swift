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

    /// Appends the newest signed checkpoint of each of `organisations`, unless it is there already. May be repeated.
    ///
    /// - Returns: How many were appended.
    /// - Throws: `Problem` of kind `refused` if a checkpoint does not hold, or is older than one in the log; those of
    ///   the other organisations are appended all the same.
    @discardableResult
    public func append(checkpointsOf organisations: [Identifier<Organisation>]) async throws -> Int {
        var due: [Due] = []
        var refusal: (any Error)?
        for organisation in organisations {
            do {
                if let next = try await self.due(organisation) { due.append(next) }
            } catch {
                refusal = refusal ?? error
            }
        }
        let appended = due.isEmpty ? 0 : try await append(due)
        if let refusal { throw refusal }
        return appended
    }

    /// A checkpoint that the log does not hold yet.
    private struct Due {
        let organisation: Identifier<Organisation>
        let size: UInt64
        let leaf: OperatorLeaf
    }

    private func due(_ organisation: Identifier<Organisation>) async throws -> Due? {
        let ledger = database.ledger(of: organisation)
        guard let note = try await ledger.signedCheckpoint() else { return nil }
        let leaf = try OperatorLeaf(note)
        let size = leaf.checkpoint.size
        let known = try await database.driver.read(organisation: .operatorLog) { session in
            try OperatorRows(session: session).newest(of: organisation, before: .max)
        }
        if let known {
            guard size >= known.size else {
                throw Problem(
                    .refused, code: "operator.shrunk",
                    "The ledger of \(organisation) was signed at \(known.size) entries and now ends at \(size).",
                    hint: "Its rows were rolled back or tampered with. Restore the newest backup.")
            }
            guard size > known.size else { return nil }
        }
        // What the log holds cannot be taken back, so it is read as an outsider would.
        _ = try Checkpoint(opening: note, with: try await ledger.verifier())
        return Due(organisation: organisation, size: size, leaf: leaf)
    }

    private func append(_ due: [Due]) async throws -> Int {
        try await database.driver.write(organisation: .operatorLog, appends: true) { write in
            let rows = OperatorRows(session: write.session)
            var appended = 0
            for next in due {
                let number = try write.tail.end().size
                // Another server may have been faster; the end is locked from here on.
                let known = try rows.newest(of: next.organisation, before: .max)
                guard known.map({ $0.size < next.size }) ?? true else { continue }
                try rows.keep(OperatorRows.Place(size: next.size, number: number), of: next.organisation)
                try write.tail.append(leaf: next.leaf.encoded)
                appended += 1
            }
            return appended
        }
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

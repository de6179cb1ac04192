import Kernel
import Ledger

/// What the operator's log keeps beside its ledger: where each organisation's checkpoints stand, and who cosigned what.
struct OperatorRows {
    let session: any SQLSession

    private static let log = SQLValue.blob(Identifier<Organisation>.operatorLog.bytes)

    /// A leaf: how long the organisation's ledger was, and the leaf's number.
    struct Place: Hashable {
        let size: UInt64
        let number: UInt64
    }

    /// The newest leaf of `organisation` in the log's first `end` leaves.
    func newest(of organisation: Identifier<Organisation>, before end: UInt64) throws -> Place? {
        try session.first(
            """
            SELECT size, number FROM operator_leaf WHERE organisation = ? AND ledger = ? AND number < ? \
            ORDER BY size DESC LIMIT 1
            """, [Self.log, .blob(organisation.bytes), .integer(Int64(clamping: end))]
        ) { Place(size: UInt64(clamping: $0.integer(0)), number: UInt64(clamping: $0.integer(1))) }
    }

    /// Keeps where a leaf stands.
    func keep(_ place: Place, of organisation: Identifier<Organisation>) throws {
        try session.send(
            "INSERT INTO operator_leaf (organisation, ledger, size, number) VALUES (?, ?, ?, ?)",
            [
                Self.log, .blob(organisation.bytes), .integer(Int64(clamping: place.size)),
                .integer(Int64(clamping: place.number)),
            ])
    }

    /// A checkpoint of the log with one witness's cosignature, as it is stored.
    struct Cosigned {
        let witness: [UInt8]
        let size: Int64
        let note: [UInt8]
    }

    /// The newest of each witness.
    func cosigned() throws -> [Cosigned] {
        var found: [Cosigned] = []
        try session.rows(
            "SELECT witness, size, note FROM cosignature WHERE organisation = ? ORDER BY witness", [Self.log]
        ) { found.append(Cosigned(witness: $0.blob(0), size: $0.integer(1), note: $0.blob(2))) }
        return found
    }

    /// Puts `cosigned` in the place of what the witness gave before.
    func keep(_ cosigned: Cosigned) throws {
        try forget(cosigned.witness)
        try session.execute(
            "INSERT INTO cosignature (organisation, witness, size, note) VALUES (?, ?, ?, ?)",
            [Self.log, .blob(cosigned.witness), .integer(cosigned.size), .blob(cosigned.note)])
    }

    /// Removes what the witness with this public key gave.
    func forget(_ witness: [UInt8]) throws {
        try session.execute(
            "DELETE FROM cosignature WHERE organisation = ? AND witness = ?", [Self.log, .blob(witness)])
    }

    // MARK: - What came of asking

    /// Puts `standing` in the place of what came of asking before.
    func keep(_ standing: WitnessStanding, of witness: [UInt8]) throws {
        try forgetStanding(of: witness)
        try session.execute(
            "INSERT INTO witness_standing (organisation, witness, outcome, asked_at) VALUES (?, ?, ?, ?)",
            [
                Self.log, .blob(witness), .integer(standing.outcome.rawValue),
                .integer(standing.askedAt.milliseconds),
            ])
    }

    /// Removes what came of asking the witness with this public key.
    func forgetStanding(of witness: [UInt8]) throws {
        try session.execute(
            "DELETE FROM witness_standing WHERE organisation = ? AND witness = ?", [Self.log, .blob(witness)])
    }

    /// What came of asking, by the witness's public key.
    func standings() throws -> [[UInt8]: WitnessStanding] {
        var found: [[UInt8]: WitnessStanding] = [:]
        try session.rows(
            "SELECT witness, outcome, asked_at FROM witness_standing WHERE organisation = ?", [Self.log]
        ) { row in
            guard let outcome = WitnessOutcome(rawValue: row.integer(1)) else { return }
            found[row.blob(0)] = WitnessStanding(
                outcome: outcome, askedAt: Instant(milliseconds: row.integer(2)))
        }
        return found
    }
}

import Kernel
import Ledger

/// What came of asking a witness the last time.
public enum WitnessOutcome: Int64, Sendable {
    /// It cosigned.
    case cosigned = 0
    /// It did not answer, or not as a witness does.
    case unreachable = 1
    /// It answered that it does not look after this log, or does not know its key.
    case refused = 2
    /// It says that it holds another history than the one here: an alarm, though nothing but its word.
    case contradicts = 3
}

/// What came of asking a witness the last time, and when that was.
public struct WitnessStanding: Hashable, Sendable {
    /// What the witness did.
    public let outcome: WitnessOutcome
    /// When it was asked.
    public let askedAt: Instant
}

extension OperatorLogDesk {
    /// Notes what came of asking; never evidence, for a witness's word is its cosignature.
    public func note(_ outcome: WitnessOutcome, of witness: CosignatureVerifier) async throws {
        let standing = WitnessStanding(outcome: outcome, askedAt: database.clock.now())
        try await database.write(organisation: .operatorLog) { write in
            try OperatorRows(session: write.session).keep(standing, of: witness.publicKey)
        }
    }

    /// What came of asking each of `witnesses` the last time; `nil` for one that was not asked yet.
    public func standings(of witnesses: [CosignatureVerifier]) async throws -> [WitnessStanding?] {
        let standings = try await database.driver.read(organisation: .operatorLog) { session in
            try OperatorRows(session: session).standings()
        }
        return witnesses.map { standings[$0.publicKey] }
    }

    /// Changes with everything that is to be told of witnesses; a page made from one edition is good for all of it.
    public func edition() async throws -> [Int64] {
        try await database.driver.read(organisation: .operatorLog) { session in
            let rows = OperatorRows(session: session)
            var edition: [Int64] = []
            for row in try rows.cosigned() { edition += [Int64(row.witness.first ?? 0), row.size] }
            for (witness, standing) in try rows.standings().sorted(by: { $0.key.hex < $1.key.hex }) {
                edition += [Int64(witness.first ?? 0), standing.outcome.rawValue]
            }
            return edition
        }
    }
}

import Kernel
import Ledger

/// The keys that a follower trusts, all of them from elsewhere than the ledger.
public struct FollowerTrust: Sendable {
    /// The key of the ledger that is followed.
    public let verifier: NoteVerifier
    /// The key of the operator's log in which the ledger's checkpoints must stand; `nil` to look at the ledger alone.
    public let operatorLog: NoteVerifier?
    /// The witnesses whose word counts.
    public let witnesses: [CosignatureVerifier]
    /// How many of them must vouch.
    public let quorum: Int

    /// Keys and a quorum out of its parts.
    public init(
        _ verifier: NoteVerifier, operatorLog: NoteVerifier? = nil, witnesses: [CosignatureVerifier] = [],
        quorum: Int = 0
    ) {
        self.verifier = verifier
        self.operatorLog = operatorLog
        self.witnesses = witnesses
        self.quorum = quorum
    }

    /// Who vouches for the log whose checkpoint is `note`, once its own signature is known to hold.
    ///
    /// - Throws: `Problem`: `note.cosignature` (refused) if one in the name of a trusted witness does not hold,
    ///   `follow.quorum` (unavailable) if too few vouch.
    func cosignatures(of note: SignedNote) throws(Problem) -> [Cosignature] {
        let found = try note.cosignatures(of: witnesses)
        guard found.count >= quorum else {
            let words =
                "\(found.count) of \(witnesses.count) known witnesses vouch for this checkpoint; \(quorum) must."
            throw Problem(
                .unavailable, code: "follow.quorum", words,
                hint: operatorLog == nil && !OperatorFollower.follows(verifier)
                    ? "Witnesses of a Vouchsafe server cosign the operator's log: give its key with --operator-log."
                    : "Witnesses cosign within seconds; if it stays so, ask their operators which history they hold.")
        }
        return found
    }
}

import Flows
import Kernel
import Ledger
import Logging
import Store
import Witnesses

/// One request to one witness, with the second that a 409 asks for (c2sp.org/tlog-witness).
struct WitnessRound: Sendable {
    let rooms: Rooms
    let client: OutsideClient
    let logger: Logger

    /// Asks `witness` to cosign the newest checkpoint, keeps its cosignature, and notes what came of it.
    ///
    /// - Parameter knownSize: The size that it cosigned last, as it is kept here; 0 if none.
    func ask(_ witness: Witness, knownSize: UInt64) async -> WitnessOutcome {
        do {
            let outcome = try await outcome(witness, knownSize)
            try await rooms.database.operatorLog.note(outcome, of: try witness.verifier())
            return outcome
        } catch is CancellationError {
            return .unreachable
        } catch {
            logger.warning(
                "A witness did not cosign.",
                metadata: ["witness": "\(name(witness))", "error": "\(error.forTheLog)"])
            try? await rooms.database.operatorLog.note(.unreachable, of: try witness.verifier())
            return .unreachable
        }
    }

    private func outcome(_ witness: Witness, _ knownSize: UInt64) async throws -> WitnessOutcome {
        var oldSize = knownSize
        for _ in 0..<3 {
            let request: WitnessRequest
            do {
                guard let next = try await rooms.database.operatorLog.request(from: oldSize) else { return .cosigned }
                request = next
            } catch let problem as Problem where problem.code == "operator.unknown-size" {
                return alarm(witness, problem.message)
            }
            let answer = try await client.post(
                request.encoded, to: "\(witness.address)/add-checkpoint", limit: SignedNote.sizeLimit,
                trusting: witness.certificates)
            switch answer.status {
            case 200:
                try await rooms.database.operatorLog.keep(
                    answer: answer.body, to: request, of: try witness.verifier())
                return .cosigned
            case 409:
                // What it knows decides what must be proved to it.
                guard let size = answer.conflictSize else { return refusal(witness, answer) }
                oldSize = size
            case 422: return alarm(witness, Self.text(answer))
            case 500...: throw Problem(.unavailable, code: "witness.failed", "It answers with \(answer.status).")
            default: return refusal(witness, answer)
            }
        }
        // It names another size each time.
        return .refused
    }

    /// The one thing that witnesses are for: someone says that the history in this database is not the one it knows.
    ///
    /// It is a word without proof. A proof is another checkpoint with the log's own signature, which the witness has kept if
    /// it is right.
    private func alarm(_ witness: Witness, _ reason: String) -> WitnessOutcome {
        logger.critical(
            "A witness says that it holds another history of the operator's log. Keep a copy of the database.",
            metadata: ["witness": "\(name(witness))", "reason": "\(reason)"])
        return .contradicts
    }

    private func refusal(_ witness: Witness, _ answer: WitnessAnswer) -> WitnessOutcome {
        logger.warning(
            "A witness refused to cosign.",
            metadata: [
                "witness": "\(name(witness))", "status": "\(answer.status)", "reason": "\(Self.text(answer))",
            ])
        return .refused
    }

    private func name(_ witness: Witness) -> String { (try? witness.verifier().name) ?? witness.id.description }

    /// The beginning of what it says, on one line and without control characters.
    private static func text(_ answer: WitnessAnswer) -> String {
        String(decoding: answer.body.prefix(200).filter { $0 >= 0x20 && $0 < 0x7F }, as: UTF8.self)
    }
}

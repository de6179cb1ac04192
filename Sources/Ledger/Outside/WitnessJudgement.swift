import Kernel

/// A log that a witness looks after.
public struct WitnessedLog: Hashable, Sendable {
    /// The first line of its checkpoints.
    public let origin: String
    /// The keys that its checkpoints are signed with; more than one while a key is being replaced.
    public let verifiers: [NoteVerifier]

    /// A log with its keys, which need not bear its origin's name.
    public init(origin: String, verifiers: [NoteVerifier]) {
        self.origin = origin
        self.verifiers = verifiers
    }

    /// One of our own ledgers, whose key bears its origin's name.
    public init(_ verifier: NoteVerifier) {
        self.init(origin: verifier.name, verifiers: [verifier])
    }

    /// The logs of these keys, each of which bears its origin's name: keys of one name are the old and the new one of
    /// one log.
    public static func logs(of verifiers: [NoteVerifier]) -> [WitnessedLog] {
        var logs: [WitnessedLog] = []
        for verifier in verifiers {
            // By bytes, as everywhere that logs are told apart.
            if let place = logs.firstIndex(where: { $0.origin.utf8.elementsEqual(verifier.name.utf8) }) {
                guard !logs[place].verifiers.contains(verifier) else { continue }
                logs[place] = WitnessedLog(origin: verifier.name, verifiers: logs[place].verifiers + [verifier])
            } else {
                logs.append(WitnessedLog(verifier))
            }
        }
        return logs
    }
}

/// What a witness keeps of a log: the largest tree that it cosigned.
public struct WitnessMemory: Hashable, Sendable {
    /// How many entries it has.
    public let size: UInt64
    /// Its root.
    public let root: MerkleHash

    /// A tree that was cosigned.
    public init(size: UInt64, root: MerkleHash) {
        self.size = size
        self.root = root
    }

    /// Whether the checkpoint of a request, once its signature is checked, proves with what was cosigned that the log
    /// signed two histories. Nobody but the log can bring such a request, whatever old size and proof stand in it.
    public func isForked(by request: WitnessRequest) -> Bool { request.size == size && request.root != root }
}

/// What a witness must do with a request, by c2sp.org/tlog-witness as amended in July 2026 (C2SP pull request 280): a
/// tree of the same size with another root is inconsistent (422), not a conflict, so that every 409 tells a size.
///
/// A pure function of request, known logs and memory. Reading the memory, judging and storing the new memory must be
/// one transaction, or two requests at once could roll the log back.
public enum WitnessJudgement: Hashable, Sendable {
    /// Store the memory, and only when it is stored give out a cosignature over the text.
    case cosign(WitnessMemory, text: [UInt8])
    /// The log is mistaken about what was cosigned last, which is a tree of this size; 0 if none (409).
    case conflict(size: UInt64)
    /// The body is not a request, or the old size is larger than the checkpoint's (400).
    case malformed(Problem)
    /// No such log is looked after (404).
    case unknownOrigin
    /// No trusted key of the log signed, or a signature in the name of one does not hold (403).
    case unsigned(Problem)
    /// The checkpoint is signed and is not shown to continue what was cosigned (422). The proof may be anyone's, so this
    /// alone accuses nobody; see ``WitnessMemory/isForked(by:)``.
    case inconsistent(Problem)

    /// Judges the body of a request.
    ///
    /// - Parameters:
    ///   - body: As it was received; bounded by ``WitnessRequest/sizeLimit``.
    ///   - logs: The logs that are looked after.
    ///   - memory: What was cosigned last for the given log, if anything was.
    /// - Throws: What `memory` throws.
    public init(
        of body: [UInt8], logs: [WitnessedLog], memory: (_ log: WitnessedLog) throws -> WitnessMemory?
    ) rethrows {
        let request: WitnessRequest
        do throws(Problem) {
            request = try WitnessRequest(parsing: body)
        } catch {
            self = .malformed(error)
            return
        }
        // By bytes: equal strings can have several spellings in Unicode, and each would be a log of its own.
        guard let log = logs.first(where: { $0.origin.utf8.elementsEqual(request.origin.utf8) }) else {
            self = .unknownOrigin
            return
        }
        do throws(Problem) {
            _ = try request.checkpoint.text(signedBy: log.verifiers)
        } catch {
            self = .unsigned(error)
            return
        }
        guard request.oldSize <= request.size else {
            self = .malformed(
                Problem(
                    .refused, code: "witness.old-size",
                    "The old size \(request.oldSize) is larger than the checkpoint's \(request.size)."))
            return
        }
        let known = try memory(log)
        guard request.oldSize == known?.size ?? 0 else {
            self = .conflict(size: known?.size ?? 0)
            return
        }
        do throws(Problem) {
            try Self.checkConsistency(of: request, with: known)
        } catch {
            self = .inconsistent(error)
            return
        }
        self = .cosign(WitnessMemory(size: request.size, root: request.root), text: request.checkpoint.text)
    }

    private static func checkConsistency(
        of request: WitnessRequest, with known: WitnessMemory?
    ) throws(Problem) {
        guard request.size > 0 || request.root == .emptyRoot else {
            throw Problem(
                .refused, code: "witness.empty-root", "A log without entries has the root of nothing and no other.")
        }
        guard let known, known.size > 0 else {
            guard request.proof.isEmpty else {
                throw Problem(
                    .refused, code: "witness.empty-proof", "Nothing can be proved from a tree without entries.")
            }
            return
        }
        try MerkleVerification.verifyConsistency(
            earlierSize: known.size, earlierRoot: known.root, size: request.size, root: request.root,
            proof: request.proof)
    }
}

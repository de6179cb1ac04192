import Crypto
import Foundation
import Kernel
import Ledger
import Synchronization

/// What a witness keeps on disk: its key, and of each log the largest tree that it cosigned. It needs no database.
public final class WitnessState: Sendable {
    /// Its key.
    public let cosigner: Cosigner
    let folder: String
    private let lock: FolderLock
    /// One judgement at a time, from reading the memory to storing it.
    private let judging = Mutex(())

    /// Opens the folder at `folder`, making it and a key at the first start.
    ///
    /// - Parameter name: What the witness calls itself when its key is made, without spaces and plus signs; a key that is
    ///   there keeps its name.
    /// - Throws: `Problem` `data.in-use` if another witness has the folder, `witness.key` (refused) if the key is damaged
    ///   or others could read it.
    public init(folder: String, name: String, randomness: Randomness = .system) throws {
        let place = DataFolder(folder)
        try place.prepare()
        lock = try place.takeForServer()
        self.folder = folder
        cosigner = try Self.cosigner(in: folder, name: name, randomness: randomness)
    }

    /// The public key of the witness in `folder`, to be handed out.
    ///
    /// - Throws: `Problem` `witness.key` if there is none.
    public static func verifier(in folder: String) throws -> CosignatureVerifier {
        guard let cosigner = try storedCosigner(in: folder) else {
            throw Problem(
                .unavailable, code: "witness.key-missing", "There is no witness's key here.",
                hint: "It is made when `vouchsafe witness serve` starts the first time.",
                place: Problem.Place(file: keyPath(folder)))
        }
        return cosigner.verifier
    }

    // MARK: - Key

    private static let keyLine = "vouchsafe/witness-key@v1"
    private static func keyPath(_ folder: String) -> String { "\(folder)/key" }

    private static func cosigner(in folder: String, name: String, randomness: Randomness) throws -> Cosigner {
        if let stored = try storedCosigner(in: folder) { return stored }
        let cosigner = try Cosigner(name: name, randomness: randomness)
        let text = "\(keyLine)\n\(cosigner.verifier.text)\n\(cosigner.seed.hex)\n"
        try DurableFile(keyPath(folder)).replace(with: Array(text.utf8), mode: 0o400)
        return cosigner
    }

    private static func storedCosigner(in folder: String) throws -> Cosigner? {
        let path = keyPath(folder)
        guard let bytes = try DurableFile(path).read(limit: 4096) else { return nil }
        let mode = try? FileManager.default.attributesOfItem(atPath: path)[.posixPermissions] as? NSNumber
        guard let mode, mode.intValue & 0o077 == 0 else {
            throw damagedKey(path, "The witness's key can be used by others than its owner.")
        }
        let lines = String(decoding: bytes, as: UTF8.self).split(separator: "\n", omittingEmptySubsequences: false)
        guard lines.count == 4, lines[0] == keyLine, lines[3].isEmpty,
            let verifier = try? CosignatureVerifier(parsing: String(lines[1])),
            let seed = [UInt8](hex: String(lines[2])),
            let cosigner = try? Cosigner(name: verifier.name, seed: seed), cosigner.verifier == verifier
        else { throw damagedKey(path, "The witness's key is damaged.") }
        return cosigner
    }

    private static func damagedKey(_ path: String, _ message: String) -> Problem {
        Problem(
            .refused, code: "witness.key", message,
            hint: "Put back a copy, or begin in another folder: logs then know it as another witness.",
            place: Problem.Place(file: path))
    }

    // MARK: - Memory

    private static let memoryLine = "vouchsafe/witness-memory@v1"

    /// What came of a request.
    struct Outcome {
        let judgement: WitnessJudgement
        let answer: WitnessAnswer
        /// The size of which the log signed two trees, if the request proves that.
        let forkedSize: UInt64?
    }

    /// Judges a request and, if it is to be cosigned, stores the new memory before this returns.
    ///
    /// - Throws: `Problem` if the memory is damaged or cannot be stored; then nothing was cosigned.
    func answer(_ body: [UInt8], logs: [WitnessedLog], at now: Instant) throws -> Outcome {
        try judging.withLock { _ in
            var known: (log: WitnessedLog, memory: WitnessMemory)?
            let judgement = try WitnessJudgement(of: body, logs: logs) { log in
                let memory = try memory(of: log)
                known = memory.map { (log, $0) }
                return memory
            }
            var forkedSize: UInt64?
            switch judgement {
            case .cosign: try keep(try WitnessRequest(parsing: body))
            case .conflict, .inconsistent:
                // The memory was only asked for once the log's signature was found to hold.
                if let known, let request = try? WitnessRequest(parsing: body), known.memory.isForked(by: request) {
                    forkedSize = request.size
                    keepEvidence(request, of: known.log)
                }
            case .malformed, .unknownOrigin, .unsigned: break
            }
            return Outcome(
                judgement: judgement, answer: try judgement.answer(by: cosigner, at: now), forkedSize: forkedSize)
        }
    }

    /// What is wrong with the memories of `logs`, so that it is said at the start and not only to the log that asks.
    public func problems(of logs: [WitnessedLog]) -> [Problem] {
        logs.compactMap { log in
            do throws(Problem) {
                _ = try memory(of: log)
                return nil
            } catch { return error }
        }
    }

    private func file(of origin: String) -> DurableFile {
        DurableFile("\(folder)/log-\(Array(SHA256.hash(data: Array(origin.utf8)).prefix(16)).hex)")
    }

    /// What was cosigned last of `log`.
    private func memory(of log: WitnessedLog) throws(Problem) -> WitnessMemory? {
        let file = file(of: log.origin)
        let head = Array("\(Self.memoryLine)\n".utf8)
        guard let bytes = try file.read(limit: SignedNote.sizeLimit + head.count) else { return nil }
        guard bytes.starts(with: head), let note = try? SignedNote(parsing: Array(bytes.dropFirst(head.count))),
            let kept = try? WitnessRequest(oldSize: 0, proof: [], checkpoint: note), kept.origin == log.origin
        else { throw Self.damagedMemory(of: log, file) }
        do throws(Problem) {
            _ = try note.text(signedBy: log.verifiers)
        } catch {
            guard error.code == "note.unsigned" else { throw Self.damagedMemory(of: log, file) }
            throw Problem(
                .refused, code: "witness.memory-key",
                "The witness's memory of \(log.origin) is signed with another key than those given with --log.",
                hint:
                    "If the log has a new key, give the old one with --log beside it until the log was cosigned under the "
                    + "new one. If it has not, the memory is damaged: put back a copy.",
                place: Problem.Place(file: file.path))
        }
        return WitnessMemory(size: kept.size, root: kept.root)
    }

    /// To forget would be to cosign another history.
    private static func damagedMemory(of log: WitnessedLog, _ file: DurableFile) -> Problem {
        Problem(
            .refused, code: "witness.memory", "The witness's memory of \(log.origin) is damaged.",
            hint: "Put back a copy. If it is deleted, the witness believes the next checkpoint that it is shown.",
            place: Problem.Place(file: file.path))
    }

    /// Stores the checkpoint as the log signed it, so that a fork can be proved to anyone later.
    private func keep(_ request: WitnessRequest) throws(Problem) {
        try file(of: request.origin).replace(with: Array("\(Self.memoryLine)\n".utf8) + request.checkpoint.encoded)
    }

    /// Keeps both checkpoints of one size, each with nothing but the log's own signature: what a stranger may have
    /// written around it makes no new file.
    private func keepEvidence(_ request: WitnessRequest, of log: WitnessedLog) {
        let file = file(of: log.origin)
        let evidence = KeptEvidence(path: file.path)
        let head = Array("\(Self.memoryLine)\n".utf8)
        // The refusal and the alarm stand without it.
        _ = try? evidence.keep(request.checkpoint.reduced(to: log.verifiers).encoded, as: "contradiction")
        guard let bytes = try? file.read(limit: SignedNote.sizeLimit + head.count),
            let cosigned = try? SignedNote(parsing: Array(bytes.dropFirst(head.count)))
        else { return }
        _ = try? evidence.keep(cosigned.reduced(to: log.verifiers).encoded, as: "cosigned")
    }
}

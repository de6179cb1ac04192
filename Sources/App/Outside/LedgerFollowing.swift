import Foundation
import Kernel
import Ledger

/// Follows a ledger over HTTP and keeps in a file how far it came; with the operator's log beside it, if that is asked.
public struct LedgerFollowing: Sendable {
    private let address: String
    private let operatorAddress: String?
    private let trust: FollowerTrust
    private let file: FollowerFile
    private let operatorFile: FollowerFile
    private let lock: FileLock
    private let client: OutsideClient

    /// A follower of the ledger at `address`.
    ///
    /// - Parameters:
    ///   - address: What stands before `/checkpoint`.
    ///   - trust: The keys, from elsewhere than the ledger.
    ///   - state: The file that keeps how far it came; none at the first start. No other run may use it meanwhile.
    ///   - authorities: A PEM file of the only certificates to trust; `nil` for those of the system.
    /// - Throws: `Problem`: `tls.certificate`, `file.in-use`, `follow.operator-address`.
    public init(_ address: String, trust: FollowerTrust, state: String, authorities: String?) throws {
        self.address = address.hasSuffix("/") ? String(address.dropLast()) : address
        self.trust = trust
        operatorAddress = trust.operatorLog == nil ? nil : try Self.operatorLog(beside: self.address)
        let isOperatorLog = OperatorFollower.follows(trust.verifier)
        file = FollowerFile(state, limit: isOperatorLog ? OperatorFollower.sizeLimit : SignedNote.sizeLimit)
        operatorFile = FollowerFile("\(state).operator-log", limit: OperatorFollower.sizeLimit)
        lock = try FileLock(of: state)
        client = try OutsideClient(authorities: authorities)
    }

    private static func operatorLog(beside address: String) throws(Problem) -> String {
        let parts = address.split(separator: "/", omittingEmptySubsequences: false)
        guard parts.count > 4, parts[parts.count - 2] == "ledger" else {
            throw Problem(
                .invalid, code: "follow.operator-address", "No operator's log is known beside \(address).",
                hint: "With --operator-log the address must be like https://vouchsafe.example/ledger/NAME.")
        }
        return (parts.dropLast(2) + ["operator-log"]).joined(separator: "/")
    }

    /// A ledger that did not hold to what it signed, and where the evidence of it lies.
    public struct Refused: Error {
        /// What does not hold.
        public let refusal: FollowRefusal
        /// The files with the checkpoints, as they were signed.
        public let evidence: [String]
    }

    /// What one look found, when all was well.
    public struct Report: Sendable {
        /// What it found of the ledger.
        public let ledger: LedgerFollower.Report
        /// What it found of the operator's log, if that was followed too.
        public let operatorLog: LedgerFollower.Report?
        /// How many entries of the ledger the operator's log vouches for; `nil` for none, or if it was not followed.
        public let vouchedEntries: UInt64?
        /// Who vouches for the operator's log, or for the ledger itself if it was followed alone.
        public let cosignatures: [Cosignature]
    }

    /// Follows the ledger to its newest checkpoint, and stores the new state.
    ///
    /// - Throws: ``Refused`` if the ledger does not hold to what it signed; the state stays as it was. `Problem`: of kind
    ///   `unavailable` if the ledger cannot be reached or too few witnesses vouch, `follower.malformed` (refused) if the
    ///   state is damaged, `follower.other-key` (refused) if it is another ledger's.
    public func advance() async throws -> Report {
        guard !OperatorFollower.follows(trust.verifier) else { return try await advanceOperatorLogAlone() }
        let known = try file.read()
        var follower = try known.map { try stored($0) } ?? LedgerFollower(trusting: trust.verifier)
        // The operator's log comes first: what it vouches for was signed before.
        let beside = try await advanceOperatorLog(beside: known)
        let report = try await look(at: address, of: trust.verifier, from: follower.size) { note, fetch in
            let report = try await follower.advance(to: note, fetch: fetch)
            try await follower.compare(beside?.leaves ?? [], fetch: fetch)
            return report
        }
        let cosigned = beside?.follower.log.note ?? follower.note
        let cosignatures = try cosigned.map { try trust.cosignatures(of: $0) } ?? []
        // In this order: leaves that are compared twice after a crash do no harm.
        try file.replace(known, with: follower.encoded)
        if let beside { try operatorFile.replace(beside.known, with: beside.follower.encoded) }
        return Report(
            ledger: report, operatorLog: beside?.report,
            vouchedEntries: beside?.follower.entries(of: trust.verifier.name), cosignatures: cosignatures)
    }

    /// Closes its connections.
    public func close() async { await client.close() }

    // MARK: - The operator's log

    /// The operator's log after a look at it, which is not stored yet.
    private struct Beside {
        let known: [UInt8]?
        let follower: OperatorFollower
        let report: LedgerFollower.Report
        /// The leaves of the ledger that is followed which are new here.
        let leaves: [OperatorLeaf]
    }

    private func advanceOperatorLogAlone() async throws -> Report {
        let beside = try await advance(file, with: try file.read(), at: address, of: trust.verifier)
        let cosignatures = try beside.follower.log.note.map { try trust.cosignatures(of: $0) } ?? []
        try file.replace(beside.known, with: beside.follower.encoded)
        return Report(ledger: beside.report, operatorLog: nil, vouchedEntries: nil, cosignatures: cosignatures)
    }

    /// - Parameter state: The ledger's own state: without one no leaf was compared yet, and every leaf is looked at.
    private func advanceOperatorLog(beside state: [UInt8]?) async throws -> Beside? {
        guard let verifier = trust.operatorLog, let operatorAddress else { return nil }
        return try await advance(
            operatorFile, with: try operatorFile.read(), isFresh: state == nil, at: operatorAddress, of: verifier)
    }

    private func advance(
        _ file: FollowerFile, with known: [UInt8]?, isFresh: Bool = false, at address: String, of verifier: NoteVerifier
    ) async throws -> Beside {
        var follower = OperatorFollower(trusting: verifier)
        if let known {
            let stored = try located(file) { () throws(Problem) in try OperatorFollower(parsing: known) }
            try check(stored.log.verifier, is: verifier, file)
            if !isFresh { follower = stored }
        }
        var leaves: [OperatorLeaf] = []
        let origin = trust.verifier.name
        let report = try await look(at: address, of: verifier, from: follower.log.size) { note, fetch in
            try await follower.advance(to: note) { leaf in
                if leaf.checkpoint.origin.utf8.elementsEqual(origin.utf8) { leaves.append(leaf) }
            } fetch: {
                try await fetch($0)
            }
        }
        return Beside(known: known, follower: follower, report: report, leaves: leaves)
    }

    // MARK: - Looking

    /// Fetches the newest checkpoint at `address` and has `body` follow it, with tiles that are fetched some steps ahead.
    private func look<Found>(
        at address: String, of verifier: NoteVerifier, from size: UInt64,
        _ body: (_ note: [UInt8], _ fetch: LedgerFollower.Fetch) async throws -> Found
    ) async throws -> Found {
        let note: [UInt8]
        do {
            note = try await client.get("\(address)/\(TilePath.checkpoint)", limit: SignedNote.sizeLimit)
        } catch let problem as Problem where problem.kind == .notFound {
            throw Problem(
                .unavailable, code: "follow.no-ledger", "There is no ledger at \(address).",
                hint: "The address is what stands before /checkpoint, such as https://vouchsafe.example/ledger/NAME.")
        }
        let tiles = TileAhead(client: client, address: address, from: size, to: Self.claimedSize(note))
        do {
            let found = try await body(note) { try await tiles.content(at: $0) }
            await tiles.stop()
            return found
        } catch let refusal as FollowRefusal {
            await tiles.stop()
            throw Refused(refusal: refusal, evidence: keep(refusal, of: verifier))
        } catch {
            await tiles.stop()
            throw error
        }
    }

    private func stored(_ bytes: [UInt8]) throws -> LedgerFollower {
        let follower = try located(file) { () throws(Problem) in try LedgerFollower(parsing: bytes) }
        try check(follower.verifier, is: trust.verifier, file)
        return follower
    }

    private func located<State>(
        _ file: FollowerFile, _ read: () throws(Problem) -> State
    ) throws(Problem) -> State {
        do throws(Problem) {
            return try read()
        } catch { throw error.located(in: file.path) }
    }

    private func check(_ stored: NoteVerifier, is verifier: NoteVerifier, _ file: FollowerFile) throws(Problem) {
        guard stored == verifier else {
            throw Problem(
                .refused, code: "follower.other-key",
                "The state is of \(stored.text), which is not the key that was given.",
                hint: "Give each ledger a state file of its own.", place: Problem.Place(file: file.path))
        }
    }

    /// What the checkpoint claims, to fetch ahead; nothing is believed yet.
    private static func claimedSize(_ note: [UInt8]) -> UInt64 {
        guard let note = try? SignedNote(parsing: note), let checkpoint = try? Checkpoint(parsing: note.text) else {
            return 0
        }
        return checkpoint.size
    }

    /// Puts the checkpoints beside the state. What the ledger's key did not sign accuses nobody and is not kept.
    ///
    /// - Returns: The files that are there. The refusal stands, whether they could be written or not.
    private func keep(_ refusal: FollowRefusal, of verifier: NoteVerifier) -> [String] {
        guard refusal.problem.code != "follow.signature" else { return [] }
        let evidence = KeptEvidence(path: file.path)
        var files = [("followed", refusal.followed), ("shown", refusal.shown)].compactMap { kind, bytes in
            bytes.flatMap { try? SignedNote(parsing: $0) }.map {
                (kind, $0.reduced(to: [verifier], witnesses: trust.witnesses).encoded)
            }
        }
        files += refusal.leaves.map { ("leaf", $0) }
        return files.compactMap { kind, bytes in (try? evidence.keep(bytes, as: kind)) ?? nil }
    }
}

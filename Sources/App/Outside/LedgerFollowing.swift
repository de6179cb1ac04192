import Crypto
import Foundation
import Kernel
import Ledger

/// Follows a ledger over HTTP and keeps in one file how far it came.
public struct LedgerFollowing: Sendable {
    private let address: String
    private let verifier: NoteVerifier
    private let file: DurableFile
    private let client: OutsideClient

    /// A follower of the ledger at `address`.
    ///
    /// - Parameters:
    ///   - address: What stands before `/checkpoint`.
    ///   - verifier: The ledger's key, from elsewhere than the ledger.
    ///   - state: The file that keeps how far it came; none at the first start.
    ///   - authorities: A PEM file of the only certificates to trust; `nil` for those of the system.
    /// - Throws: `Problem` `tls.certificate`.
    public init(_ address: String, verifier: NoteVerifier, state: String, authorities: String?) throws {
        self.address = address.hasSuffix("/") ? String(address.dropLast()) : address
        self.verifier = verifier
        file = DurableFile(state)
        client = try OutsideClient(authorities: authorities)
    }

    /// A ledger that did not hold to what it signed, and where the evidence of it lies.
    public struct Refused: Error {
        /// What does not hold.
        public let refusal: FollowRefusal
        /// The files with the checkpoints, as they were signed.
        public let evidence: [String]
    }

    /// Follows the ledger to its newest checkpoint, and stores the new state.
    ///
    /// - Throws: ``Refused`` if the ledger does not hold to what it signed; the state stays as it was. `Problem`: of kind
    ///   `unavailable` if the ledger cannot be reached, `follower.malformed` (refused) if the state is damaged,
    ///   `follower.other-key` (refused) if it is another ledger's.
    public func advance() async throws -> LedgerFollower.Report {
        var follower = try stored() ?? LedgerFollower(trusting: verifier)
        let note: [UInt8]
        do {
            note = try await client.get("\(address)/\(TilePath.checkpoint)", limit: SignedNote.sizeLimit)
        } catch let problem as Problem where problem.kind == .notFound {
            throw Problem(
                .unavailable, code: "follow.no-ledger", "There is no ledger at \(address).",
                hint: "The address is what stands before /checkpoint, such as https://vouchsafe.example/ledger/NAME.")
        }
        let tiles = TileAhead(client: client, address: address, from: follower.size, to: Self.claimedSize(note))
        do {
            let report = try await follower.advance(to: note) { try await tiles.content(at: $0) }
            await tiles.stop()
            try file.replace(with: follower.encoded, mode: 0o644)
            return report
        } catch let refusal as FollowRefusal {
            await tiles.stop()
            throw Refused(refusal: refusal, evidence: try keep(refusal))
        } catch {
            await tiles.stop()
            throw error
        }
    }

    /// Closes its connections.
    public func close() async { await client.close() }

    private func stored() throws -> LedgerFollower? {
        guard let bytes = try file.read(limit: SignedNote.sizeLimit) else { return nil }
        let follower: LedgerFollower
        do throws(Problem) {
            follower = try LedgerFollower(parsing: bytes)
        } catch { throw error.located(in: file.path) }
        guard follower.verifier == verifier else {
            throw Problem(
                .refused, code: "follower.other-key",
                "The state is of \(follower.verifier.text), which is not the key that was given.",
                hint: "Give each ledger a state file of its own.", place: Problem.Place(file: file.path))
        }
        return follower
    }

    /// What the checkpoint claims, to fetch ahead; nothing is believed yet.
    private static func claimedSize(_ note: [UInt8]) -> UInt64 {
        guard let note = try? SignedNote(parsing: note), let checkpoint = try? Checkpoint(parsing: note.text) else {
            return 0
        }
        return checkpoint.size
    }

    /// Puts both checkpoints beside the state, under names that no later one overwrites.
    private func keep(_ refusal: FollowRefusal) throws -> [String] {
        try [("followed", refusal.followed), ("shown", refusal.shown)].compactMap { name, note in
            guard let note else { return nil }
            let digest = Array(SHA256.hash(data: note).prefix(4)).hex
            let evidence = DurableFile("\(file.path).\(name)-\(digest)")
            try evidence.replace(with: note, mode: 0o644)
            return evidence.path
        }
    }
}

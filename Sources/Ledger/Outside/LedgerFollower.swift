import Kernel

/// Follows one ledger from outside: downloads what is new, recomputes the tree and holds the ledger to what it signed.
///
/// It keeps the tree's right edge and the newest signed checkpoint and nothing else, so it never needs an old tile, and
/// a history that is rewritten later does not lead from the kept edge to the signed root. It sees what is served to it:
/// whether others are served the same is for witnesses to say (``SignedNote/cosignatures(of:)``).
public struct LedgerFollower: Hashable, Sendable {
    /// The ledger's key, whose name is the ledger's origin. It must come from somewhere else than the ledger.
    public let verifier: NoteVerifier
    /// The newest checkpoint that was followed, with its signatures; none before the first.
    public private(set) var note: SignedNote?
    private(set) var frontier: MerkleFrontier

    /// A follower that has seen nothing yet: its first advance is an audit from entry 0.
    public init(trusting verifier: NoteVerifier) {
        self.verifier = verifier
        note = nil
        frontier = MerkleFrontier()
    }

    init(trusting verifier: NoteVerifier, note: SignedNote?, frontier: MerkleFrontier) {
        self.verifier = verifier
        self.note = note
        self.frontier = frontier
    }

    /// How many entries have been followed.
    public var size: UInt64 { frontier.size }
    /// The root over them.
    public var root: MerkleHash { frontier.root }

    /// What one advance found, when all was well.
    public struct Report: Hashable, Sendable {
        /// The entries that were new: downloaded, hashed and found under the signed root.
        public let entries: Range<UInt64>
        /// The signed state that has been reached.
        public let checkpoint: Checkpoint
        /// How many tiles and bundles were fetched.
        public let tiles: Int
        /// How many bytes they had.
        public let bytes: Int
    }

    /// Gives the content of a tile, usually over HTTP; it should read at most ``Tile/byteLimit`` bytes.
    ///
    /// A `Problem` of the kind `notFound` means that the ledger says it has no such tile; everything else ends the
    /// advance as it is, for another try.
    public typealias Fetch = (_ tile: TilePath) async throws -> [UInt8]

    /// Looks at an entry. The bytes are not yet verified: believe nothing before the advance has returned.
    public typealias Inspect = (_ index: UInt64, _ entry: ArraySlice<UInt8>) throws -> Void

    /// Follows the ledger to the checkpoint in `note`. If anything is thrown, the follower stays where it was.
    ///
    /// One bundle of 256 entries is held at a time, so memory does not grow with the ledger.
    ///
    /// - Parameters:
    ///   - note: The bytes of the checkpoint as they were received.
    ///   - inspect: Called for each new entry in order, whatever its format.
    ///   - fetch: Called for the new tiles and bundles in order; each is exactly as wide as the checkpoint demands. If a
    ///     partial one is gone it is asked for the full one, which the log may have in its place.
    /// - Throws: A ``FollowRefusal`` if the ledger does not hold to what it signed: `follow.signature`,
    ///   `follow.rollback`, `follow.fork`, `follow.edited`, `follow.tile-mismatch`, `follow.missing`,
    ///   `follow.truncated`, `follow.oversized`. `CancellationError` if the task is cancelled; what `fetch` and
    ///   `inspect` throw.
    @discardableResult
    public nonisolated(nonsending) mutating func advance(
        to note: [UInt8], inspect: Inspect? = nil, fetch: Fetch
    ) async throws -> Report {
        func refusal(_ problem: Problem) -> FollowRefusal {
            FollowRefusal(problem: problem, followed: self.note?.encoded, shown: note)
        }
        let shown: SignedNote
        let checkpoint: Checkpoint
        do throws(Problem) {
            shown = try SignedNote(parsing: note)
            checkpoint = try Checkpoint(opening: shown, with: verifier)
        } catch { throw refusal(Self.unsigned(error)) }
        do throws(Problem) {
            try compare(checkpoint)
        } catch { throw refusal(error) }
        var walk = FollowWalk(from: frontier)
        do {
            try await walk.go(to: checkpoint.size, inspect: inspect, fetch: fetch)
            try walk.judge(checkpoint)
        } catch let fault as FollowWalk.Fault {
            throw refusal(fault.problem)
        }
        let report = Report(
            entries: size..<checkpoint.size, checkpoint: checkpoint, tiles: walk.source.tiles,
            bytes: walk.source.bytes)
        frontier = walk.frontier
        self.note = shown
        return report
    }

    /// Compares what the ledger signed now with what was followed, as far as that needs no download.
    private func compare(_ checkpoint: Checkpoint) throws(Problem) {
        guard checkpoint.size <= Tile.sizeLimit else {
            throw Self.unsigned(
                Problem(.refused, code: "checkpoint.size", "It claims \(checkpoint.size) entries, which no ledger has.")
            )
        }
        guard checkpoint.size >= size else {
            throw Problem(
                .refused, code: "follow.rollback",
                "\(checkpoint.origin) now shows \(checkpoint.size) entries; \(size) were followed and signed before.",
                hint:
                    "A copy that lags behind does so too. Ask the ledger itself; if it stays, publish both checkpoints."
            )
        }
        guard checkpoint.size > size || checkpoint.root == root else {
            throw Problem(
                .refused, code: "follow.fork",
                "\(checkpoint.origin) signed two different histories of \(size) entries.",
                hint: "Publish both checkpoints: their signatures alone prove it, whoever looks at them.")
        }
    }

    private static func unsigned(_ problem: Problem) -> Problem {
        Problem(
            .refused, code: "follow.signature", "What the ledger shows is no checkpoint of it. \(problem.message)",
            hint: problem.hint ?? "Compare the key with the one that the ledger's owner published elsewhere.")
    }
}

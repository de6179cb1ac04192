import Kernel

/// Follows an operator's log from outside: as a log, and leaf by leaf.
///
/// That the log only grew does not say that it is honest: two leaves can show two histories of one organisation. So
/// the newest leaf of each ledger is kept, and the next one must show more entries than it, as the operator's own
/// verification demands. Whether a later leaf continues the earlier one, only a follower of that ledger can tell:
/// ``LedgerFollower/compare(_:fetch:)``.
public struct OperatorFollower: Hashable, Sendable {
    /// The log, followed as any other.
    public private(set) var log: LedgerFollower
    /// The newest leaf of each ledger, by the bytes of its origin: equal strings can have several spellings.
    var newest: [[UInt8]: OperatorLeaf]

    /// Whether `verifier` is by its name that of an operator's log.
    public static func follows(_ verifier: NoteVerifier) -> Bool { verifier.name.hasPrefix(namePrefix) }
    private static let namePrefix = "vouchsafe/operator/"

    /// A follower that has seen nothing yet.
    public init(trusting verifier: NoteVerifier) {
        self.init(log: LedgerFollower(trusting: verifier), newest: [:])
    }

    init(log: LedgerFollower, newest: [[UInt8]: OperatorLeaf]) {
        self.log = log
        self.newest = newest
    }

    /// How many ledgers the log shows.
    public var ledgers: Int { newest.count }

    /// How many entries of the ledger `origin` the log vouches for.
    public func entries(of origin: String) -> UInt64? { newest[Array(origin.utf8)]?.checkpoint.size }

    /// Looks at a leaf; called only with what is in its form and its order, and not yet verified.
    public typealias Inspect = (_ leaf: OperatorLeaf) -> Void

    /// Follows the log to the checkpoint in `note`. If anything is thrown, the follower stays where it was.
    ///
    /// - Throws: As ``LedgerFollower/advance(to:inspect:fetch:)``; of the leaves a ``FollowRefusal`` of
    ///   `follow.operator-leaf`, `follow.ledger-fork` or `follow.ledger-rollback`, once the tree is known to hold them.
    @discardableResult
    public nonisolated(nonsending) mutating func advance(
        to note: [UInt8], inspect: Inspect? = nil, fetch: LedgerFollower.Fetch
    ) async throws -> LedgerFollower.Report {
        var next = log
        var newest = newest
        var fault: FollowRefusal?
        let followed = log.note?.encoded
        let report = try await next.advance(to: note) { index, entry in
            // The first one is judged, and only when the tree is found to hold it.
            guard fault == nil else { return }
            do throws(Problem) {
                let leaf = try Self.leaf(index, entry)
                let origin = Array(leaf.checkpoint.origin.utf8)
                if let problem = Self.problem(of: leaf, at: index, after: newest[origin]) {
                    fault = FollowRefusal(
                        problem: problem, followed: followed, shown: note,
                        leaves: [newest[origin], leaf].compactMap { $0?.note.encoded })
                }
                newest[origin] = leaf
                inspect?(leaf)
            } catch { fault = FollowRefusal(problem: error, followed: followed, shown: note) }
        } fetch: {
            try await fetch($0)
        }
        if let fault { throw fault }
        log = next
        self.newest = newest
        return report
    }

    private static func leaf(_ index: UInt64, _ entry: ArraySlice<UInt8>) throws(Problem) -> OperatorLeaf {
        do throws(Problem) {
            return try OperatorLeaf(parsing: Array(entry))
        } catch {
            throw Problem(
                .refused, code: "follow.operator-leaf",
                "Leaf \(index) of the operator's log shows no ledger. \(error.message)",
                hint: "Publish the checkpoint and the leaf: an operator's log holds checkpoints and nothing else.")
        }
    }

    private static func problem(
        of leaf: OperatorLeaf, at index: UInt64, after before: OperatorLeaf?
    ) -> Problem? {
        let (origin, size) = (leaf.checkpoint.origin, leaf.checkpoint.size)
        guard let before = before?.checkpoint, before.size >= size else { return nil }
        if before.size == size, before.root != leaf.checkpoint.root {
            return Problem(
                .refused, code: "follow.ledger-fork",
                "Leaf \(index) of the operator's log shows another history of \(size) entries of \(origin) than an "
                    + "earlier leaf.",
                hint: "Publish both of that ledger's checkpoints: with its key their signatures alone prove the fork.")
        }
        return Problem(
            .refused, code: "follow.ledger-rollback",
            "Leaf \(index) of the operator's log shows \(origin) at \(size) entries, after \(before.size).",
            hint: "Publish both of that ledger's checkpoints, and ask its followers which history they hold.")
    }
}

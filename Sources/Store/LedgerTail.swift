import Kernel
import Ledger
import Vault

/// The growing end of one organisation's ledger during one transaction: read once, appended to by each change, and
/// written once before the commit, however many changes share it.
final class LedgerTail {
    /// A state to go back to when a change fails.
    struct Mark {
        fileprivate let frontier: MerkleFrontier?
        fileprivate let waiting: [LedgerRows.Appended]
        fileprivate let nodes: [MerkleFrontier.CompletedNode]
        fileprivate let sealingKey: Identifier<DataKey>?
    }

    private let rows: LedgerRows
    private var frontier: MerkleFrontier?
    private var waiting: [LedgerRows.Appended] = []
    private var nodes: [MerkleFrontier.CompletedNode] = []
    private var sealingKey: Identifier<DataKey>?

    init(session: any SQLSession, organisation: Identifier<Organisation>) {
        rows = LedgerRows(session: session, organisation: organisation)
    }

    /// Asks for the end and the key before they are needed, so that a remote database answers both at once.
    func prefetch() throws {
        if frontier == nil { try rows.prefetchHead() }
        if sealingKey == nil { try rows.prefetchSealingKey() }
    }

    /// The end as the transaction sees it. From the first call on, nobody else can append until the transaction ends.
    ///
    /// - Throws: `Problem` `ledger.head` or `ledger.frontier` if it is missing or damaged.
    func end() throws -> MerkleFrontier {
        if let frontier { return frontier }
        let read = try rows.frontier(locked: true)
        frontier = read
        return read
    }

    /// The name of the data key to seal with. It is read after the end was locked, because another process may have rotated it.
    func currentKey() throws -> Identifier<DataKey>? {
        if let sealingKey { return sealingKey }
        _ = try end()
        let read = try rows.sealingKey()
        sealingKey = read
        return read
    }

    /// Appends one entry.
    func append(_ entry: LedgerEntry) throws { try append(leaf: entry.encoded) }

    /// Appends one leaf, whatever it holds.
    func append(leaf: [UInt8]) throws {
        var edge = try end()
        let hash = MerkleHash(leaf: leaf)
        waiting.append(LedgerRows.Appended(number: Int64(edge.size), leaf: leaf, hash: hash))
        nodes += edge.append(hash)
        frontier = edge
    }

    /// Writes what was appended since the last time.
    func flush() throws {
        guard let frontier, !waiting.isEmpty else { return }
        try rows.write(waiting, nodes: nodes, end: frontier)
        waiting = []
        nodes = []
    }

    /// The state before a change. Going back to it brings back what a flush in between has written and a savepoint undone.
    var mark: Mark { Mark(frontier: frontier, waiting: waiting, nodes: nodes, sealingKey: sealingKey) }

    /// Forgets what came after `mark`; an end that was locked since then is locked no more.
    func goBack(to mark: Mark) {
        frontier = mark.frontier
        waiting = mark.waiting
        nodes = mark.nodes
        sealingKey = mark.sealingKey
    }
}

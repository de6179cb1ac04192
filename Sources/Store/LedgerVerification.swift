import Kernel
import Ledger

/// What a walk through a whole ledger found.
public struct LedgerVerification: Sendable {
    /// How many entries were checked.
    public let entries: UInt64
    /// How many stored rows were checked.
    public let rows: Int
    /// How many signed checkpoints were checked.
    public let checkpoints: Int
    /// The root over all entries.
    public let root: MerkleHash
    /// What does not hold, by entry, the first hundred; empty if all of it holds.
    public let problems: [Problem]
}

extension LedgerDesk {
    /// Walks all of it: every entry into the tree, every signed checkpoint, every stored row back to the entry that wrote it,
    /// and the database's own structures, from which verdicts are read.
    ///
    /// Finds a changed, missing, added, moved or rolled-back row or entry. It cannot find a ledger that was rewritten from
    /// the start with the signing key, nor newest entries that were removed together with every checkpoint over them: both
    /// take a checkpoint held by someone else. It reads in stretches, so that its memory does not grow with the ledger.
    public func verify() async throws -> LedgerVerification {
        var walk = LedgerWalk(organisation: organisation, tables: database.recordTables)
        while !walk.isComplete {
            walk = try await database.driver.read(organisation: organisation) {
                [database, organisation, walk] session in
                // From the rows, not from memory: a damaged key is damage too.
                let keys = try database.storedKeys(of: organisation, in: session)
                var walk = walk
                try walk.advance(in: session, seal: keys.seal, verifier: keys.verifier)
                return walk
            }
            // Row security shows one organisation at a time, so each key is read by itself.
            for origin in walk.operatorLog.unknownOrigins {
                walk.operatorLog.learn(origin, try await storedVerifier(named: origin))
            }
            walk.operatorLog.checkSignatures(&walk.findings)
        }
        for finding in try await database.driver.integrityProblems() {
            walk.findings.report(nil, "store.corrupt", "The database itself is damaged: \(finding)")
        }
        return walk.result
    }

    /// The key of the organisation's ledger called `origin`; `nil` if there is none here.
    private func storedVerifier(named origin: String) async throws -> NoteVerifier? {
        guard let id = origin.split(separator: "/").last.flatMap({ Identifier<Organisation>(String($0)) }) else {
            return nil
        }
        return try await database.driver.read(organisation: id) { [database] session in
            let verifier = try? database.storedKeys(of: id, in: session).verifier
            return verifier?.name == origin ? verifier : nil
        }
    }
}

/// Problems by entry, so that the first bad entry is named first and one does not hide another.
struct LedgerFindings: Sendable {
    private var found: [(entry: Int64, problem: Problem)] = []
    private static let most = 100

    /// Notes a problem; those about no entry in particular come last.
    mutating func report(_ entry: Int64?, _ code: String, _ message: String) {
        found.append((entry ?? .max, Problem(.refused, code: code, message)))
        // A wholly damaged ledger must not fill the memory with complaints.
        if found.count > 4 * Self.most { found = Array(sorted.prefix(Self.most)) }
    }

    private var sorted: [(entry: Int64, problem: Problem)] { found.sorted { $0.entry < $1.entry } }

    var problems: [Problem] { sorted.prefix(Self.most).map(\.problem) }
}

import Kernel

@testable import Ledger

/// A log in memory with its key, which serves its tiles and which tests can make lie.
struct ServedLog: Sendable {
    let signer: NoteSigner
    private(set) var leaves: [[UInt8]]
    private(set) var levels: [Int: [MerkleHash]]

    /// A log of `count` different entries, in which those at `rewritten` say something else.
    init(_ count: Int, rewritten: Set<Int> = []) throws {
        try self.init(
            leaves: (0..<count).map { Array((rewritten.contains($0) ? "forged \($0)" : "entry \($0)").utf8) },
            name: "vouchsafe.example/ledger/one")
    }

    /// A log of the given entries.
    init(leaves: [[UInt8]], name: String) throws {
        signer = try NoteSigner(name: name, seed: Array(repeating: 4, count: 32))
        self.leaves = leaves
        levels = StoredTree(leaves.map { MerkleHash(leaf: $0) }).levels
    }

    /// The log of 65,537 entries, made once.
    static let large = Result { try ServedLog(65_537) }

    func root(_ size: Int) throws -> MerkleHash {
        var reader = reader(size)
        return try reader.root()
    }

    func reader(_ size: Int) -> MerkleReader {
        MerkleReader(size: UInt64(size)) { [levels] level, range in
            Array((levels[level] ?? [])[Int(range.lowerBound)..<Int(range.upperBound)])
        }
    }

    func checkpoint(_ size: Int) throws -> SignedNote {
        try Checkpoint(origin: signer.verifier.name, size: UInt64(size), root: root(size)).signed(by: signer)
    }

    /// The bytes at `path`; `notFound` for what the log does not have.
    func serve(_ path: TilePath) throws -> [UInt8] {
        guard case .tile(let tile) = path, tile.isHeld(byTreeOf: UInt64(leaves.count)) else {
            throw Problem(.notFound, code: "test.tile", "There is no \(path).")
        }
        let range = Int(tile.positions.lowerBound)..<Int(tile.positions.upperBound)
        switch tile.content {
        case .entries: return try EntryBundle.encode(Array(leaves[range]))
        case .hashes(let level): return try HashTile(Array((levels[8 * level] ?? [])[range])).encoded
        }
    }

    /// A follower that has come as far as `size`.
    func follower(at size: Int) async throws -> LedgerFollower {
        var follower = LedgerFollower(trusting: signer.verifier)
        try await follower.advance(to: checkpoint(size).encoded) { try serve($0) }
        return follower
    }
}

/// The code of the refusal that `body` ends with; other errors are passed on.
nonisolated(nonsending) func refusal(
    _ body: nonisolated(nonsending) () async throws -> Void
) async throws -> FollowRefusal? {
    do {
        try await body()
        return nil
    } catch let refusal as FollowRefusal {
        return refusal
    }
}

import Kernel
import Testing

@testable import Ledger

/// An operator who holds the ledger's key and lies in every way that there is; nothing may pass.
struct MaliciousLogTests {
    /// From where to where the follower goes when the operator lies, around the borders of tiles.
    static let steps = [
        (0, 1), (0, 256), (1, 257), (255, 256), (255, 257), (256, 257), (257, 600), (300, 512), (512, 513),
    ]

    private func advance(
        _ follower: LedgerFollower, to note: SignedNote, fetch: LedgerFollower.Fetch
    ) async throws -> FollowRefusal? {
        var after = follower
        let found = try await refusal { try await after.advance(to: note.encoded, fetch: fetch) }
        #expect((found != nil) == (after == follower || after.size == follower.size))
        if let found {
            #expect(found.followed == follower.note?.encoded && found.shown == note.encoded)
            #expect(found.problem.kind == .refused && found.problem.hint != nil)
        }
        return found
    }

    @Test(arguments: [(1, 0), (255, 1), (256, 255), (257, 256), (600, 599)])
    func aRollbackIsSeen(size: Int, earlier: Int) async throws {
        let log = try ServedLog(600)
        let found = try await advance(log.follower(at: size), to: log.checkpoint(earlier)) { try log.serve($0) }
        #expect(found?.problem.code == "follow.rollback" && found?.isProofOfFork == false)
    }

    @Test(arguments: [(1, 0), (255, 254), (256, 0), (257, 256), (600, 300)])
    func twoTreesOfOneSizeAreSeenAndProveTheFork(size: Int, rewritten: Int) async throws {
        let (log, forged) = (try ServedLog(600), try ServedLog(600, rewritten: [rewritten]))
        let found = try await advance(log.follower(at: size), to: forged.checkpoint(size)) { try forged.serve($0) }
        #expect(found?.problem.code == "follow.fork" && found?.isProofOfFork == true)
        let followed = try Checkpoint(
            opening: SignedNote(parsing: #require(found?.followed)), with: log.signer.verifier)
        let shown = try Checkpoint(opening: SignedNote(parsing: #require(found?.shown)), with: log.signer.verifier)
        #expect(followed.size == shown.size && followed.root != shown.root)
    }

    @Test(arguments: steps.filter { $0.0 > 0 })
    func anyFollowedEntryThatIsRewrittenIsSeenAtTheNextSize(start: Int, end: Int) async throws {
        let log = try ServedLog(600)
        let follower = try await log.follower(at: start)
        for entry in Set([0, start / 2, start - 1]) {
            let forged = try ServedLog(600, rewritten: [entry])
            let found = try await advance(follower, to: forged.checkpoint(end)) { try forged.serve($0) }
            #expect(found?.problem.code == "follow.edited")
        }
    }

    @Test(arguments: steps)
    func anEntryThatIsEditedInItsBundleOnlyIsNamed(start: Int, end: Int) async throws {
        let log = try ServedLog(600)
        let follower = try await log.follower(at: start)
        for entry in Set([start, (start + end) / 2, end - 1]) {
            let forged = try ServedLog(600, rewritten: [entry])
            let found = try await advance(follower, to: log.checkpoint(end)) { path in
                guard case .tile(let tile) = path, tile.content == .entries else { return try log.serve(path) }
                return try forged.serve(path)
            }
            #expect(found?.problem.code == "follow.edited")
            #expect(found?.problem.message.hasPrefix("Entry \(entry) is served with another content") == true)
        }
    }

    /// Naming one entry would tell less than the truth where the whole history is another.
    @Test func anEntryIsOnlyNamedIfTheRestOfTheHistoryIsTheSignedOne() async throws {
        let log = try ServedLog(600)
        let forged = try ServedLog(600, rewritten: [5])
        let found = try await advance(log.follower(at: 300), to: forged.checkpoint(600)) { path in
            var bytes = try forged.serve(path)
            if path.description == "tile/0/002.p/88" { bytes[0] ^= 1 }
            return bytes
        }
        #expect(found?.problem.code == "follow.edited")
        #expect(found?.problem.message.contains("its history was rewritten") == true)
    }

    @Test(arguments: steps.filter { $0.0 % 256 > 0 })
    func anOldEntryThatIsServedWithAnotherContentIsSeenToo(start: Int, end: Int) async throws {
        let log = try ServedLog(600)
        let follower = try await log.follower(at: start)
        let forged = try ServedLog(600, rewritten: [start - 1])
        let found = try await advance(follower, to: log.checkpoint(end)) { path in
            guard case .tile(let tile) = path, tile.content == .entries else { return try log.serve(path) }
            return try forged.serve(path)
        }
        #expect(found?.problem.code == "follow.edited")
        #expect(found?.problem.message.contains("which was followed earlier") == true)
    }

    @Test(arguments: steps)
    func everyByteOfEveryFetchedHashTileIsHeldAgainstTheEntries(start: Int, end: Int) async throws {
        let log = try ServedLog(600)
        let follower = try await log.follower(at: start)
        var paths: [TilePath] = []
        #expect(
            try await advance(follower, to: log.checkpoint(end)) {
                paths.append($0)
                return try log.serve($0)
            } == nil)
        for case .tile(let tile) in paths where tile.content != .entries {
            for position in Set([0, tile.width / 2, tile.width - 1]) {
                let found = try await advance(follower, to: log.checkpoint(end)) { path in
                    var bytes = try log.serve(path)
                    if path == .tile(tile) { bytes[32 * position + 7] ^= 4 }
                    return bytes
                }
                #expect(found?.problem.code == "follow.tile-mismatch")
                #expect(found?.problem.message.hasPrefix("\(TilePath.tile(tile)) ") == true)
            }
        }
    }

    @Test(arguments: steps)
    func everyTileThatIsTruncatedPaddedOrMissingIsNamed(start: Int, end: Int) async throws {
        let log = try ServedLog(600)
        let follower = try await log.follower(at: start)
        var paths: [TilePath] = []
        _ = try await advance(follower, to: log.checkpoint(end)) {
            paths.append($0)
            return try log.serve($0)
        }
        for bad in paths {
            let lies: [(String, @Sendable ([UInt8]) throws -> [UInt8])] = [
                ("follow.truncated", { $0.dropLast() }), ("follow.truncated", { _ in [] }),
                ("follow.oversized", { $0 + [0] }),
                ("follow.missing", { _ in throw Problem(.notFound, code: "test.tile", "It is gone.") }),
            ]
            for (code, lie) in lies {
                let found = try await advance(follower, to: log.checkpoint(end)) { path in
                    guard path == bad else {
                        // The full tile is not there yet where the partial one is withheld.
                        guard paths.contains(path) else { throw Problem(.notFound, code: "test.tile", "Not yet.") }
                        return try log.serve(path)
                    }
                    return try lie(log.serve(path))
                }
                #expect(found?.problem.code == code && found?.problem.message.contains("\(bad)") == true)
            }
        }
    }

    @Test func aFlippedBitAnywhereInAnyAnswerIsNeverFollowed() async throws {
        var random = Seeded(21)
        let log = try ServedLog(1100)
        for _ in 0..<150 {
            let end = Int.random(in: 1...1100, using: &random)
            let follower = try await log.follower(at: Int.random(in: 0..<end, using: &random))
            var count = 0
            _ = try await advance(follower, to: log.checkpoint(end)) {
                count += 1
                return try log.serve($0)
            }
            let (chosen, place) = (Int.random(in: 0..<count, using: &random), random.next())
            var number = 0
            let found = try await advance(follower, to: log.checkpoint(end)) {
                var bytes = try log.serve($0)
                if number == chosen { bytes[Int(place % UInt64(bytes.count))] ^= 1 << UInt8(place >> 60 & 7) }
                number += 1
                return bytes
            }
            #expect(found != nil)
        }
    }

    @Test func aLargeLogsForkAndEditedTilesOfEveryLevelAreSeen() async throws {
        let log = try ServedLog.large.get()
        let follower = try await log.follower(at: 65_535)
        let note = try log.checkpoint(65_537)
        #expect(try await advance(follower, to: note) { try log.serve($0) } == nil)
        for (tile, position) in [("tile/0/255", 3), ("tile/1/000", 0), ("tile/1/000", 255), ("tile/2/000.p/1", 0)] {
            let found = try await advance(follower, to: note) { path in
                var bytes = try log.serve(path)
                if path.description == tile { bytes[32 * position] ^= 1 }
                return bytes
            }
            #expect(found?.problem.code == "follow.tile-mismatch")
        }
        var root = try log.root(65_537).bytes
        root[0] ^= 1
        let other = try Checkpoint(
            origin: log.signer.verifier.name, size: 65_537, root: #require(MerkleHash(bytes: root))
        ).signed(by: log.signer)
        #expect(try await advance(follower, to: other) { try log.serve($0) }?.problem.code == "follow.edited")
    }

    @Test func whatTheLedgersOwnKeyDidNotSignIsRefused() async throws {
        let log = try ServedLog(5)
        var follower = try await log.follower(at: 3)
        let before = follower
        let other = try NoteSigner(name: log.signer.verifier.name, seed: Array(repeating: 8, count: 32))
        let texts: [[UInt8]] = [
            [], try log.checkpoint(5).encoded.dropLast(), try other.sign(log.checkpoint(5).text).encoded,
            try SignedNote(text: log.checkpoint(5).text, signatures: log.checkpoint(4).signatures).encoded,
            try Checkpoint(origin: log.signer.verifier.name, size: .max, root: log.root(5)).signed(by: log.signer)
                .encoded,
        ]
        for text in texts {
            let found = try await refusal { try await follower.advance(to: text) { try log.serve($0) } }
            #expect(found?.problem.code == "follow.signature" && found?.shown == text)
        }
        #expect(follower == before)
    }

    @Test func aSplitViewDoesNotGetPastTheWitness() async throws {
        let (log, forged) = (try ServedLog(600), try ServedLog(600, rewritten: [2]))
        let witness = try Cosigner(name: "witness.example/w", seed: Array(repeating: 5, count: 32))
        let known = WitnessMemory(size: 300, root: try log.root(300))
        // The follower is shown the other history, in itself without fault.
        var follower = try await forged.follower(at: 300)
        try await follower.advance(to: forged.checkpoint(400).encoded) { try forged.serve($0) }
        #expect(try follower.note?.cosignatures(of: [witness.verifier]).isEmpty == true)
        // No request of any shape gets that history cosigned.
        for (old, size) in [(0, 400), (300, 300), (300, 400), (400, 400)] {
            var reader = forged.reader(size)
            let request = try WitnessRequest(
                oldSize: UInt64(old), proof: old > 0 ? reader.consistencyProof(from: UInt64(old)) : [],
                checkpoint: forged.checkpoint(size))
            switch WitnessJudgement(
                of: request.encoded, logs: [WitnessedLog(log.signer.verifier)], memory: { _ in known })
            {
            case .conflict(let size): #expect(size == 300)
            case .inconsistent: break
            default: Issue.record("the forged history from \(old) to \(size) was not refused")
            }
        }
        // The witness's word on the true history, once it reaches the follower, proves the fork.
        try await follower.advance(to: forged.checkpoint(500).encoded) { try forged.serve($0) }
        let note = try log.checkpoint(500)
        let cosigned = try note.adding(witness.cosign(note.text, at: Instant(milliseconds: 0)))
        let found = try await advance(follower, to: cosigned) { try log.serve($0) }
        #expect(found?.isProofOfFork == true)
        let later = try await advance(follower, to: log.checkpoint(501)) { try log.serve($0) }
        #expect(later?.problem.code == "follow.edited")
    }
}

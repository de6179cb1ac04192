import Kernel
import Testing

@testable import Ledger

/// What a follower sees in the leaves of an operator's log.
struct OperatorFollowerTests {
    /// An operator's log whose leaves are those of the given ledgers at the given sizes.
    private func log(_ shown: [(ServedLog, Int)]) throws -> ServedLog {
        try ServedLog(
            leaves: try shown.map { try OperatorLeaf($0.checkpoint($1)).encoded }, name: "vouchsafe/operator/one")
    }

    private func follow(_ log: ServedLog, from follower: OperatorFollower? = nil) async throws -> OperatorFollower {
        var follower = follower ?? OperatorFollower(trusting: log.signer.verifier)
        try await follower.advance(to: log.checkpoint(log.leaves.count).encoded) { try log.serve($0) }
        return follower
    }

    @Test func growingLedgersAreFollowedAndTheNewestLeafOfEachIsKept() async throws {
        let (one, two) = (try ServedLog(9), try ServedLog(leaves: [[1], [2]], name: "vouchsafe.example/ledger/two"))
        var follower = try await follow(log([(one, 3), (two, 1)]))
        follower = try OperatorFollower(parsing: follower.encoded)
        follower = try await follow(log([(one, 3), (two, 1), (one, 9), (two, 2)]), from: follower)
        #expect(follower.ledgers == 2 && follower.log.size == 4)
        #expect(follower.entries(of: one.signer.verifier.name) == 9)
        #expect(follower.entries(of: two.signer.verifier.name) == 2)
        #expect(follower.entries(of: "vouchsafe.example/ledger/three") == nil)
        #expect(try OperatorFollower(parsing: follower.encoded) == follower)
    }

    @Test(arguments: [
        (7, true, "follow.ledger-fork"), (6, true, "follow.ledger-rollback"), (6, false, "follow.ledger-rollback"),
        (7, false, "follow.ledger-rollback"),
    ])
    func twoHistoriesOfOneLedgerAreRefusedWithBothCheckpoints(size: Int, isForged: Bool, code: String) async throws {
        let (honest, other) = (try ServedLog(9), try ServedLog(9, rewritten: isForged ? [2] : []))
        for seenFirst in [false, true] {
            // Both leaves in one look, or the second after the state was stored.
            let start = seenFirst ? try await follow(log([(honest, 7)])) : nil
            let refusal = try await refusal { _ = try await follow(log([(honest, 7), (other, size)]), from: start) }
            #expect(refusal?.problem.code == code)
            #expect(try refusal?.leaves == [honest.checkpoint(7).encoded, other.checkpoint(size).encoded])
        }
    }

    @Test func aLeafThatIsNoCheckpointIsRefused() async throws {
        let log = try ServedLog(leaves: [Array("entry 0".utf8)], name: "vouchsafe/operator/one")
        let refusal = try await refusal { _ = try await follow(log) }
        #expect(refusal?.problem.code == "follow.operator-leaf")
    }

    @Test func aForkInEntriesThatTheTreeDoesNotHoldAccusesNobodyOfIt() async throws {
        let (honest, forged) = (try ServedLog(9), try ServedLog(9, rewritten: [2]))
        let (signed, served) = (try log([(honest, 7), (honest, 8)]), try log([(honest, 7), (forged, 7)]))
        var follower = OperatorFollower(trusting: signed.signer.verifier)
        let refusal = try await refusal {
            try await follower.advance(to: signed.checkpoint(2).encoded) { try served.serve($0) }
        }
        #expect(refusal?.problem.code == "follow.edited" && follower.log.size == 0)
    }

    @Test func theStateHasOneSpellingAndOneWithoutLeavesIsNotTakenForOne() async throws {
        let state = try await follow(log([(ServedLog(9), 7)])).encoded
        for bytes in [[], state.dropLast(), state + [0x0A], [0x0A] + state] as [[UInt8]] {
            #expect(code { try OperatorFollower(parsing: bytes) } == "follower.malformed")
        }
        let old = try await ServedLog(9).follower(at: 9)
        #expect(code { try OperatorFollower(parsing: old.encoded) } == "follower.no-leaves")
        let fresh = OperatorFollower(trusting: old.verifier)
        #expect(try OperatorFollower(parsing: fresh.encoded) == fresh)
    }

    // MARK: - The ledger that was followed, and what the operator's log shows of it

    private func compare(_ leaves: [OperatorLeaf], with log: ServedLog, at size: Int) async throws {
        try await log.follower(at: size).compare(leaves) { try log.serve($0) }
    }

    @Test(arguments: [1, 2, 255, 256, 257, 600])
    func everyLeafOfTheHistoryThatWasFollowedFits(size: Int) async throws {
        let log = try ServedLog(600)
        let leaves = try (1...size).filter { $0 < 4 || $0 % 31 == 0 || $0 > size - 3 || $0 % 256 < 2 }.map {
            try OperatorLeaf(log.checkpoint($0))
        }
        try await compare(leaves, with: log, at: size)
    }

    @Test func leavesAreComparedAcrossThreeLevelsWithFewTiles() async throws {
        let log = try ServedLog.large.get()
        let follower = try await log.follower(at: 65_537)
        var tiles = 0
        try await follower.compare([255, 256, 300, 65_535, 65_536].map { try OperatorLeaf(log.checkpoint($0)) }) {
            tiles += 1
            return try log.serve($0)
        }
        #expect(tiles <= 8, "\(tiles)")
    }

    @Test(arguments: [5, 8, 300, 512, 599, 600])
    func aLeafOfAnotherHistoryIsRefused(size: Int) async throws {
        let (log, forged) = (try ServedLog(600), try ServedLog(600, rewritten: [4]))
        let leaf = try OperatorLeaf(forged.checkpoint(size))
        let refusal = try await refusal { try await compare([leaf], with: log, at: 600) }
        #expect(refusal?.problem.code == "follow.operator-history")
        #expect(try refusal?.leaves == [leaf.note.encoded] && refusal?.followed == log.checkpoint(600).encoded)
    }

    @Test func aLeafThatTheLedgersKeyDidNotSignIsRefusedAndThoseOfOthersArePassedOver() async throws {
        let log = try ServedLog(9)
        let stranger = try NoteSigner(name: log.signer.verifier.name, seed: Array(repeating: 9, count: 32))
        let forged = try OperatorLeaf(
            Checkpoint(origin: stranger.verifier.name, size: 5, root: log.root(5)).signed(by: stranger))
        let refusal = try await refusal { try await compare([forged], with: log, at: 9) }
        #expect(refusal?.problem.code == "follow.operator-signature")
        let other = try ServedLog(leaves: [[1]], name: "vouchsafe.example/ledger/two")
        try await compare([OperatorLeaf(other.checkpoint(1))], with: log, at: 9)
    }

    @Test func tilesThatDoNotLeadToTheFollowedRootAccuseNobodyOfAFork() async throws {
        let (log, forged) = (try ServedLog(600), try ServedLog(600, rewritten: [4]))
        let follower = try await log.follower(at: 600)
        let refusal = try await refusal {
            try await follower.compare([OperatorLeaf(log.checkpoint(300))]) { try forged.serve($0) }
        }
        #expect(refusal?.problem.code == "follow.tile-mismatch")
    }

    @Test func aLedgerThatShowsLessThanTheOperatorsLogIsNeitherGoodNorBad() async throws {
        let log = try ServedLog(9)
        let leaf = try OperatorLeaf(log.checkpoint(9))
        await #expect { try await compare([leaf], with: log, at: 8) } throws: {
            ($0 as? Problem)?.code == "follow.behind"
        }
    }
}
